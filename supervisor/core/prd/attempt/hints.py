"""What people can do about a failure, in words that can be typed; and what happens anyway."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from .....policies.counting import counted
from .....policies.outcomes.failure import FailureType

_LOGS = "`prd-supervise logs {story}` shows what was printed"
_RELEASE = "then `prd-supervise release --agent {agent}`"

_OF: Mapping[FailureType, tuple[str, ...]] = {
    FailureType.AGENT_FAILED: (_LOGS,),
    FailureType.AGENT_CRASHED: (_LOGS,),
    FailureType.AGENT_TIMED_OUT: ("split the story, or raise `timeout_s` in `[agent]`", _LOGS),
    FailureType.AGENT_STALLED: (
        "if it works in silence for so long, raise `idle_timeout_s` in `[agent]`",
        _LOGS,
    ),
    FailureType.AGENT_MISSING: (
        "install {agent}, or correct `command` in the configuration, " + _RELEASE,
        "`prd-supervise doctor --agent {agent}` tries it",
    ),
    FailureType.OUT_OF_MEMORY: ("raise `memory_max` in `[limits]`, or lower `max_workers`",),
    FailureType.OVER_LIMIT: ("`[limits]` has the ceilings", _LOGS),
    FailureType.RATE_LIMITED: (
        "nothing: it goes on when the limit is lifted, `prd-supervise status` has the time",
        "`fallback` in `[agent]` names who goes on meanwhile",
    ),
    FailureType.TRANSIENT: ("nothing: it passes by itself, and costs the story no attempt",),
    FailureType.AUTH: ("log in to {agent} again, or mend its key, " + _RELEASE,),
    FailureType.BILLING: ("mend the credit or the spending limit of {agent}, " + _RELEASE,),
    FailureType.REFUSED: (
        "look at the model that it is to use: the story's own, or `model` in the configuration",
        _LOGS,
    ),
    FailureType.CONTEXT: (
        "split the story, shorten it, or give it a model that takes in more",
        "`context_max` in `[agent]` bounds the files of its role",
    ),
    FailureType.SESSION_REFUSED: ("nothing: a new conversation is begun",),
    FailureType.INCOMPLETE: ("split the story", _LOGS),
    FailureType.RUNAWAY: (
        "`prd-supervise logs {story}` shows what it went round in",
        "if it needs so much, split the story, or raise that bound in `[agent]`",
    ),
    FailureType.NO_CHANGE: (
        "if nothing has to change for it, set `noCode: true` in the PRD",
        _LOGS,
    ),
    FailureType.WORK_REFUSED: ("what it did is kept: `prd-supervise salvage list {prd}`", _LOGS),
    FailureType.SETUP_FAILED: (
        "run the commands of `[worktree] setup` by hand in the worktree",
        _LOGS,
    ),
    FailureType.VERIFY_FAILED: (
        "if the command is red without this story's work, mend it in the PRD's branch first",
        _LOGS,
    ),
    FailureType.REVIEW_REFUSED: (
        "if the reviewer is wrong, say it in the story's criteria, or in `prompt` of `[review]`",
        _LOGS,
    ),
    FailureType.NOT_REVIEWED: (
        "`required = false` in `[review]` lets work be merged that nobody could review",
        _LOGS,
    ),
    FailureType.REJECTED: ("who works on it next, after a retry too, is told that reason",),
    FailureType.BUDGET: (
        "`prd-supervise release --budget` lets what waits for its budget spend as much again",
    ),
    FailureType.MERGE_CONFLICT: (
        "say that it comes after the other story (`dependsOn`), or give both a `mutex`",
    ),
    FailureType.MERGED_VERIFY_FAILED: (
        "nothing, unless it says that the branch itself is red: look at the last commits there",
    ),
    FailureType.BASE_GONE: ("nothing: it begins where the branch stands now",),
    FailureType.GIT_FAILED: ("`prd-supervise doctor` looks at git, the disk and the places",),
    FailureType.NO_WORKTREE: ("`prd-supervise clean`, or `[worktree] root` on another disk",),
    FailureType.WORKER_DIED: ("`prd-supervise events --child {story}` tells how",),
    FailureType.WORKER_REFUSED: ("end the process that is left of an earlier attempt",),
    FailureType.GROUP_STOPPED: ("nothing: `strategy` in `[restart]` wants it so",),
    FailureType.SUPERVISOR_DIED: ("`prd-supervise events --child {prd}` tells how",),
    FailureType.TREE_DOWN: (),
    FailureType.STOPPED: (),
    FailureType.PLAN_CHANGED: (),
    FailureType.NEEDS_FAILED: ("mend and retry {cause}: this one is retried with it",),
    FailureType.FAIL_FAST: ("mend and retry {cause}: this one is retried with it",),
    FailureType.NOT_WANTED: ("take the mark out of the PRD if it is to be done",),
}


class Fate(Struct, frozen=True, kw_only=True):
    """How it goes on with the story."""

    wait_s: float = 0.0
    left: int | None = None  # attempts; None: it cost none
    is_over: bool = False
    next_agent: str = ""  # who goes on, if that is somebody else
    is_barred: bool = False  # no sooner than root lets somebody of its chain start
    goes_on_later: bool = False  # with the next resume


def hints_of(
    failure: FailureType, *, prd_id: str, story_id: str = "", agent: str = "", cause: str = ""
) -> tuple[str, ...]:
    """What can be done about it."""
    words = {
        "prd": prd_id,
        "story": f"{prd_id}/{story_id}",
        "agent": agent or "the agent",
        "cause": f"{prd_id}/{cause}",
    }
    lines = _OF[failure] if agent else tuple(map(_without_agent, _OF[failure]))
    return tuple(line.format(**words) for line in lines)


def _without_agent(line: str) -> str:
    """Of the agent that the configuration uses, nobody here knows the name."""
    return line.replace("--agent {agent}", "--agent NAME")


def what_follows(fate: Fate, *, prd_id: str, story_id: str) -> str:
    """What happens anyway."""
    story = f"{prd_id}/{story_id}"
    if fate.is_over:
        again = f"`prd-supervise retry {story}`, or `resume {prd_id} --retry` once no root runs"
        return f"it is given up: after mending, {again}"
    if fate.goes_on_later:
        return f"it goes on with `prd-supervise resume {prd_id}`"
    cost = "this cost no attempt"
    if fate.left is not None:
        cost = f"{counted(fate.left, 'attempt')} left"
    when = f"in {fate.wait_s:.0f} s" if fate.wait_s >= 1 else "at once"
    if fate.is_barred:
        when = "as soon as an agent that it may have can be started"
    who = f" with {fate.next_agent}" if fate.next_agent else ""
    return f"it goes again by itself{who} {when}; {cost}"
