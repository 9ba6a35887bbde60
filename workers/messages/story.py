"""What a PRD supervisor and a story worker say to each other."""

from __future__ import annotations

from msgspec import Struct

from ...policies.outcomes.outcome import Outcome, OutcomeKind, VerifyRun
from ...policies.usage import NO_USAGE, Usage
from .agents import AgentSpec
from .rules import SecretSources
from .setup import Setup


class Assign(Struct, frozen=True, kw_only=True):
    """The story and attempt that this worker serves from now on; paths are absolute."""

    prd_id: str
    story_id: str
    title: str
    attempt: int
    base: str  # the commit that the story started from
    worktree: str
    attempt_dir: str
    marker: str  # PRD_SUPERVISE_RUN
    cgroup: str = ""  # of this attempt; empty: the kernel keeps no ceilings here
    secrets: SecretSources = SecretSources()


class RunAgent(Struct, frozen=True, kw_only=True):
    """Run the agent in the story's worktree with this prompt.

    `session` is a conversation of its own that it goes on with. `home` is the folder that may be
    its HOME: of this story and agent, over all attempts. A review only looks. `may_run` are
    commands that it may run whatever its rights, because we run them on its work as well.
    """

    prompt: str
    agent: AgentSpec
    session: str = ""
    home: str = ""
    is_review: bool = False
    may_run: tuple[str, ...] = ()


class RunVerify(Struct, frozen=True, kw_only=True):
    """Run the verify commands in `cwd`, where `commit` is checked out.

    `stage` is base, story or merged: what the answer is about; or setup, where the worktree is
    only made ready for the agent; or format, where formatters go over files of the commit.
    With `stories` the run is for all of them, and has no variables of one story.
    """

    stage: str
    commit: str
    cwd: str
    commands: tuple[str, ...]
    timeout_s: float
    env: tuple[str, ...] = ()  # names of further variables that they may see
    setup: Setup | None = None  # these commands go first; one that fails is the answer
    stories: tuple[str, ...] = ()


class Finish(Struct, frozen=True, kw_only=True):
    """The attempt is decided: write `result` (JSON text) as its result.json, say Done, exit.

    `homes` is the folder of the agents' homes, where the story needs them no more.
    """

    result: str
    homes: str = ""


class EndAgent(Struct, frozen=True, kw_only=True):
    """End the agent; its outcome is of this kind. `at_once`: without SIGTERM."""

    kind: OutcomeKind
    detail: str
    at_once: bool = False


class LimitCpu(Struct, frozen=True, kw_only=True):
    """Let what the worker runs have `share` of the time (1 = all of it), at this nice value."""

    share: float = 1.0
    nice: int = 0


class AgentStarted(Struct, frozen=True, kw_only=True):
    """The agent's process lives; identity is (boot id, pid, start ticks)."""

    attempt: int
    pid: int
    start_ticks: int


class AgentNews(Struct, frozen=True, kw_only=True):
    """What the agent at work has said, since the last news; told when there is some.

    `warned` is how full its account's limit is (0 to 1), with the moment (epoch) of its reset.
    """

    attempt: int
    session: str = ""
    usage: Usage = NO_USAGE  # of this run so far, where the agent says that early
    is_answered: bool = False  # its model has answered: no limit stands in its way
    warned: float | None = None
    warned_until_s: float | None = None
    activity: str = ""  # what it does just now, a line for people


class AgentEnded(Struct, frozen=True, kw_only=True):
    """The agent and everything that it started is gone.

    `answer` is the last thing that a reviewer said; of others it is only what they may claim there.
    `printed` is the end of what one printed that does not speak in events, if it failed.
    """

    attempt: int
    outcome: Outcome
    answer: str = ""
    printed: str = ""


class Verified(Struct, frozen=True, kw_only=True):
    """The answer to RunVerify."""

    attempt: int
    stage: str
    run: VerifyRun
    tail: str  # the end of the output of what failed, for the next attempt's prompt


WorkerOrder = Assign | RunAgent | RunVerify | EndAgent | LimitCpu | Finish
WorkerAnswer = AgentStarted | AgentNews | AgentEnded | Verified
