"""What is known of a story after hearing what its PRD's journal tells.

The same function makes the state while the night runs and after a crash: a record is remembered
when it is written, and again when the journal is replayed.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import assert_never

from msgspec import Struct

from ....policies.spec import Tally
from ....policies.values import replace
from ....workers.messages.agents import Choice
from .records import (
    NO_TERMS,
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    ConflictGone,
    ConflictPredicted,
    SessionKnown,
    StoryDone,
    StoryGivenUp,
    StoryHeld,
    StoryRecord,
    StoryReleased,
    StoryReset,
    StorySkipped,
    Terms,
    WorkKept,
    WorktreeGivenUp,
    WorktreeReady,
)

_LINES = re.compile(r":\d+(?:-\d+)?$")


ALONE_AFTER = 3  # times that others' merges cost a story its work: a short one wins the race


class StoryState(Enum):
    """What has been decided about a story, once and for all or until a retry."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"  # quarantined: its attempts are used up
    SKIPPED = "skipped"  # a story that it needs failed, or the document says so


class Prediction(Struct, frozen=True, kw_only=True):
    """Where a story would conflict with another one, or with the branch, as both stand."""

    other: str
    places: tuple[str, ...]


class Memory(Struct, frozen=True, kw_only=True):
    """What is durably known of a story."""

    state: StoryState = StoryState.PENDING
    attempt: int = 0  # the last one begun
    losses: Tally = Tally()
    reruns: int = 0  # attempts that others' merges cost it, and that do not count
    is_held: bool = False  # the operator wants nothing new of it
    is_open: bool = False  # the last attempt has neither been lost nor merged
    is_claimed: bool = False  # its agent ended well and its work is kept: go on at verify
    is_kept: bool = True  # no work of it is uncommitted
    slot: int = 0
    base: str = ""
    base_is_red: bool = False  # its verify commands failed there, before any work
    leaves_base: bool = (
        False  # it is retried after that, and begins where the branch stands by then
    )
    head: str = ""
    worktree: str = ""
    files: tuple[str, ...] = ()
    tampering: tuple[str, ...] = ()
    reason: str = ""
    context: str = ""
    commit: str = ""
    evidence: str = ""
    is_unwanted: bool = False  # the document says that it is not to be done
    terms: Terms = NO_TERMS  # what its last agent was told, or under which it counts as done
    predicted: tuple[Prediction, ...] = ()  # conflicts that it runs into
    collided: tuple[str, ...] = ()  # where its work could not be merged, without lines
    earlier: str = ""  # `base..head` of finished work that others' merges have made vain
    choice: Choice = Choice()  # who worked on it last
    session: str = ""  # that agent's own name of the conversation
    superseded: tuple[str, ...] = ()  # merges of it that no longer make it done

    @property
    def failures(self) -> int:
        """All attempts that count, whatever they were lost for."""
        return self.losses.total

    @property
    def goes_alone(self) -> bool:
        """Say whether the story has lost the race against others too often."""
        return self.state is StoryState.PENDING and self.reruns >= ALONE_AFTER


def remember(memory: Memory, record: StoryRecord) -> Memory:  # noqa: C901, PLR0911  one case a record
    """The story after this record."""
    match record:
        case AttemptBegun():
            return replace(
                memory, attempt=record.attempt, slot=record.slot, is_open=True, evidence=""
            )
        case WorktreeReady() | WorktreeGivenUp():
            return _place(memory, record)
        case AgentBegan():
            return replace(
                memory,
                is_kept=False,
                is_claimed=False,
                terms=record.terms,
                choice=Choice(agent=record.agent, model=record.model),
            )
        case SessionKnown():
            return replace(memory, session=record.session)
        case AgentOver():
            return replace(memory, is_kept=False, is_claimed=False)
        case WorkKept():
            return _keep(memory, record)
        case AttemptLost():
            return _lose(memory, record)
        case StoryDone():
            return replace(
                memory,
                state=StoryState.DONE,
                attempt=max(memory.attempt, record.attempt),
                is_open=False,
                commit=record.commit,
                evidence=record.evidence,
                reason="",
                predicted=(),
                collided=(),
                earlier="",
                terms=memory.terms if record.terms == NO_TERMS else record.terms,
            )
        case StoryGivenUp() | StorySkipped() | StoryReset():
            return _decide(memory, record)
        case StoryHeld() | StoryReleased() | ConflictPredicted() | ConflictGone():
            return _note(memory, record)
        case _:
            assert_never(record)


def _place(memory: Memory, record: WorktreeReady | WorktreeGivenUp) -> Memory:
    if isinstance(record, WorktreeGivenUp):
        return replace(memory, slot=0, worktree="")
    memory = replace(memory, worktree=record.worktree, leaves_base=False)
    if record.base == memory.base:
        return memory
    return replace(memory, base=record.base, base_is_red=False, earlier=_vain(memory))


def _note(
    memory: Memory, record: StoryHeld | StoryReleased | ConflictPredicted | ConflictGone
) -> Memory:
    """What holds while nothing is decided by it."""
    if isinstance(record, StoryHeld | StoryReleased):
        return replace(memory, is_held=isinstance(record, StoryHeld))
    others = tuple(each for each in memory.predicted if each.other != record.other)
    if isinstance(record, ConflictPredicted):
        others = (*others, Prediction(other=record.other, places=record.places))
    return replace(memory, predicted=others)


def _keep(memory: Memory, record: WorkKept) -> Memory:
    return replace(
        memory,
        is_kept=True,
        head=record.head,
        is_claimed=record.is_claimed,
        files=record.files,
        tampering=record.tampering,
    )


def _lose(memory: Memory, record: AttemptLost) -> Memory:
    # That somebody stopped the tree is no lesson: the next prompt tells of the last real failure.
    is_rerun = record.is_fresh and not record.counts
    keeps_lesson = not (record.counts or is_rerun) and bool(memory.reason)
    return replace(
        memory,
        is_open=False,
        is_claimed=memory.is_claimed and record.keeps_claim,
        losses=memory.losses.plus(record.cause) if record.counts else memory.losses,
        reruns=memory.reruns + is_rerun,
        reason=memory.reason if keeps_lesson else record.reason,
        context=memory.context if keeps_lesson else record.context,
        base="" if record.is_fresh else memory.base,
        base_is_red=record.base_was_red and not record.is_fresh,
        earlier=_vain(memory) if record.is_fresh and memory.is_claimed else memory.earlier,
        collided=_places(record.context) if record.conflict else memory.collided,
    )


def _vain(memory: Memory) -> str:
    known = memory.base and memory.head and memory.base != memory.head
    return f"{memory.base[:12]}..{memory.head[:12]}" if known else memory.earlier


def _places(context: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(without_lines(each) for each in context.splitlines()))


def without_lines(place: str) -> str:
    """A conflict's place without its lines, which move while agents write."""
    where, colon, what = place.partition(": ")
    return f"{_LINES.sub('', where)}{colon}{what}"


def _decide(memory: Memory, record: StoryGivenUp | StorySkipped | StoryReset) -> Memory:
    match record:
        case StoryGivenUp():
            return replace(memory, state=StoryState.FAILED, reason=record.reason, is_open=False)
        case StorySkipped():
            return replace(
                memory,
                state=StoryState.SKIPPED,
                reason=record.reason,
                is_unwanted=record.by_document,
            )
        case StoryReset():
            return _reset(memory, record)
        case _:
            assert_never(record)


def _reset(memory: Memory, record: StoryReset) -> Memory:
    """Give a story a new start; one that was done begins where the PRD's branch stands now."""
    again = replace(memory, state=StoryState.PENDING, losses=Tally(), reruns=0, is_unwanted=False)
    if record.superseded:
        again = replace(again, superseded=(*memory.superseded, record.superseded))
    if record.reason:
        again = replace(again, reason=record.reason, context="")
    if memory.state is not StoryState.DONE:
        return replace(again, leaves_base=memory.base_is_red)
    return replace(again, is_claimed=False, base="", commit="", evidence="")
