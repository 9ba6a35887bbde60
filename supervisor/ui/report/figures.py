"""What the journals' records and their times add up to; pure arithmetic.

A story's time runs from its first attempt until it is decided, while its PRD is at work. What of it
is neither its agent's nor its verify commands', nor the setup of its worktree, is waiting: for a
place, a lease, a backoff, for its turn to merge, for git. One after the other, the stories would
have taken what agents and verify commands took, without what was done again only because of what
other stories did meanwhile; bases are checked while agents work, and do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from ....policies.values import replace
from ...core.common import Noted
from ...core.prd.agents.review_records import ReviewBegan, ReviewOver
from ...core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    ConflictPredicted,
    StoryDone,
    StoryGivenUp,
    StorySkipped,
    VerifyOver,
    WorkKept,
)
from ...core.prd.state import story_of
from .spans import Span, length, merged, within

BASE = "base"  # the stage of verify commands that run beside the agent
SETUP = "setup"  # of a worktree: that is no evidence, and once in a slot
RESOLVED = "conflict_resolved"
_ADDED = (
    *("agent_s", "verify_s", "setup_s", "waiting_s", "sequential_s", "attempts", "lost"),
    *("predicted", "resolved", "reruns"),
)


class Figures(Struct, frozen=True, kw_only=True):
    """What a story, a PRD or all of them took; times in seconds."""

    wall_s: float = 0.0
    agent_s: float = 0.0
    verify_s: float = 0.0
    setup_s: float = 0.0
    waiting_s: float = 0.0
    sequential_s: float = 0.0  # what it would have taken alone
    attempts: int = 0
    lost: int = 0  # attempts that came to nothing, whatever for
    predicted: int = 0  # conflicts that were seen coming, with one other story each
    resolved: int = 0  # conflicts that nobody had to look at
    reruns: int = 0  # attempts that came to nothing by what other stories did

    @property
    def saved_s(self) -> float:
        """Against one after the other; less than nothing where it took longer."""
        return round(self.sequential_s, 1) - round(self.wall_s, 1)  # so that what is shown adds up


class _Story(Struct, kw_only=True):
    """A story while its records are gone through."""

    agent_s: float = 0.0
    verify_s: float = 0.0
    setup_s: float = 0.0
    beside_s: float = 0.0  # verify commands beside the agent
    extra_s: float = 0.0  # type checks and formatters of merges: alone nobody needs them
    again_s: float = 0.0  # agent and verify commands of those attempts
    attempts: int = 0
    lost: int = 0
    is_claimed: bool = False  # its agent is over, what is missing is its evidence
    reruns: int = 0
    resolved: set[tuple[int, str]] = field(default_factory=set)
    others: set[str] = field(default_factory=set)  # with which a conflict was predicted
    this_attempt_s: float = 0.0
    agent_since: float | None = None
    since: float | None = None  # it is under way, since then
    periods: list[Span] = field(default_factory=list)

    def end(self, at: float) -> None:
        """The story is decided, or nothing more is known of it."""
        if self.since is not None:
            self.periods.append((self.since, at))
        self.since = self.agent_since = None


def story_figures(
    records: Sequence[tuple[object, float]], spans: Sequence[Span], *, is_live: bool
) -> dict[str, Figures]:
    """Each story that was ever begun; `is_live`: what is open is at work now."""
    found: dict[str, _Story] = {}
    for record, at in records:
        for story_id, part in _parts(record):
            _hear(found.setdefault(story_id, _Story()), part, at)
    end = spans[-1][1] if spans else 0.0
    for story in found.values():
        if is_live and story.agent_since is not None:
            _work(story, max(0.0, end - story.agent_since), is_agent=True)
        story.end(end)
    return {name: _sum(each, spans) for name, each in found.items() if each.attempts}


def prd_figures(
    stories: Mapping[str, Figures],
    records: Sequence[tuple[object, float]],
    spans: Sequence[Span],
) -> Figures:
    """A PRD: its stories, and what was verified before it went into another branch."""
    own = [each for each, _ in records if isinstance(each, VerifyOver) and not each.story_id]
    verify_s = sum(each.took_s for each in own)
    told = [each for each, _ in records if isinstance(each, ConflictPredicted)]
    pairs = {frozenset((each.story_id, each.other)) for each in told if each.other}
    # Who was told of the branch alone: but of what it had with another one, that was merged then.
    alone = {each.story_id for each in told}.difference(*pairs)
    total = added(stories.values())
    return replace(
        total,
        wall_s=length(spans),
        verify_s=total.verify_s + verify_s,
        setup_s=total.setup_s + sum(each.setup_s for each in own),
        sequential_s=total.sequential_s + verify_s,
        predicted=len(pairs) + len(alone),
    )


def added(figures: Iterable[Figures]) -> Figures:
    """The sum; of times by the clock it means nothing: `in_all` has those."""
    total = Figures()
    for each in figures:
        sums = {name: getattr(total, name) + getattr(each, name) for name in _ADDED}
        total = replace(total, **sums)
    return total


def in_all(prds: Iterable[tuple[Figures, Sequence[Span]]]) -> Figures:
    """All PRDs: by the clock, time in which several were at work counts once."""
    known = list(prds)
    spans = merged(span for _, each in known for span in each)
    return replace(added(figures for figures, _ in known), wall_s=length(spans))


def _parts(record: object) -> list[tuple[str, object]]:
    """The stories that a record is about, each with its even part of what the record tells."""
    if isinstance(record, VerifyOver) and record.stories:
        share = 1 / len(record.stories)
        part = replace(record, took_s=record.took_s * share, setup_s=record.setup_s * share)
        return [(story_id, part) for story_id in record.stories]
    story_id = _story_id(record)
    return [(story_id, record)] if story_id else []


def _story_id(record: object) -> str:
    if isinstance(record, Noted):
        name = story_of(record.child_id)
        return name if name != record.child_id else ""
    return str(getattr(record, "story_id", ""))


def _hear(story: _Story, record: object, at: float) -> None:
    match record:
        case AttemptBegun():
            story.attempts += 1
            story.is_claimed = False
            story.this_attempt_s = 0.0
            story.since = at if story.since is None else story.since
        case AgentBegan() | ReviewBegan():
            story.agent_since = at
        case AgentOver() | ReviewOver():
            story.agent_since = None
            _work(story, record.outcome.duration_s, is_agent=True)
        case WorkKept():
            story.is_claimed = record.is_claimed
        case VerifyOver():
            _verify(story, record)
        case AttemptLost():
            _lose(story, record)
        case StoryDone() | StoryGivenUp() | StorySkipped():
            story.end(at)
        case ConflictPredicted():
            story.others.add(record.other)
        case Noted() if record.event == RESOLVED:  # told again where a merge is made again
            story.resolved.add((record.attempt, record.text))
        case _:
            pass  # it takes no time


def _verify(story: _Story, record: VerifyOver) -> None:
    if record.stage == BASE:
        story.beside_s += record.took_s
        return
    story.setup_s += record.setup_s
    if record.stage == SETUP:  # what it has as commands is the one that failed
        story.setup_s += record.took_s
    elif record.is_extra:
        story.extra_s += record.took_s
    else:
        _work(story, record.took_s, is_agent=False)


def _work(story: _Story, took_s: float, *, is_agent: bool) -> None:
    story.this_attempt_s += took_s
    if is_agent:
        story.agent_s += took_s
    else:
        story.verify_s += took_s


def _lose(story: _Story, record: AttemptLost) -> None:
    if story.is_claimed and record.keeps_claim:
        return  # git could not go on, or the tree stopped: the same attempt goes on later
    story.lost += 1
    story.agent_since = None
    # Else it is fresh and costs nothing only for what others merged, or did not merge after all.
    if record.conflict or (record.is_fresh and not record.counts):
        story.reruns += 1
        story.again_s += story.this_attempt_s
    story.this_attempt_s = 0.0


def _known(others: set[str]) -> set[str]:
    """Without the branch, where there is a story: once that is merged, the branch has the same."""
    return others - {""} or others


def _sum(story: _Story, spans: Sequence[Span]) -> Figures:
    wall_s = sum(within(spans, begin, end) for begin, end in merged(story.periods))
    at_work_s = story.agent_s + story.verify_s + story.extra_s
    own_s = at_work_s + story.setup_s
    return Figures(
        wall_s=wall_s,
        agent_s=story.agent_s,
        verify_s=story.verify_s + story.extra_s + story.beside_s,
        setup_s=story.setup_s,
        waiting_s=max(0.0, wall_s - own_s),
        sequential_s=at_work_s - story.extra_s - story.again_s,
        attempts=story.attempts,
        lost=story.lost,
        predicted=len(_known(story.others)),
        resolved=len(story.resolved),
        reruns=story.reruns,
    )
