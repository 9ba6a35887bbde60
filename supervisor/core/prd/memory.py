"""What is known of a story: durable, for it is told by its PRD's journal alone (remembering)."""

from __future__ import annotations

import re
from enum import Enum

from msgspec import Struct

from ....policies.approval import Approval
from ....policies.costs.spending import NO_SPENDING, Spending
from ....policies.outcomes.failure import Failure
from ....policies.outcomes.outcome import Outcome
from ....policies.supervising.spec import Tally
from ....workers.messages.agents import Choice
from .agents.review_records import NO_REVIEW, Review
from .records import NO_TERMS, Terms

_LINES = re.compile(r":\d+(?:-\d+)?$")
SUSPECT_AFTER = 2  # attempts in a row that were cut off
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
    files: tuple[str, ...] = ()  # that its work has changed, as far as they are listed
    added: tuple[str, ...] = ()  # those of them that are new
    removed: tuple[str, ...] = ()  # ... and those that are no more
    more: int = 0  # that are not listed
    tampering: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    review: Review = NO_REVIEW  # the last one
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
    barred: tuple[Choice, ...] = ()  # whom it goes on without: they have failed for good
    is_short: bool = False  # its whole prompt is more than the model can take in
    passed: int = 0  # losses in a row that passed by themselves, or closed an agent
    limited: int = 0  # ... that met an account's limit
    downs: int = 0  # times in a row that the tree went down while it was at work
    stops: int = 0  # ... or was stopped
    wait_s: float = 0.0  # that was to follow the last loss
    over: Outcome | None = None  # how its agent ended, while nothing has come of it
    lost: Failure | None = None  # the last loss, or why it was given up or skipped
    spending: Spending = NO_SPENDING  # on all its agents so far
    budget_used: str = ""  # the figures, where its budget is used up
    approval: Approval | None = None  # what a person was asked last, and the answer
    superseded: tuple[str, ...] = ()  # merges of it that no longer make it done

    @property
    def failures(self) -> int:
        """All attempts that count, whatever they were lost for."""
        return self.losses.total

    @property
    def modified(self) -> tuple[str, ...]:
        """The files of its work that were there before, and still are."""
        others = {*self.added, *self.removed}
        return tuple(name for name in self.files if name not in others)

    @property
    def goes_alone(self) -> bool:
        """Say whether the story has lost the race against others too often."""
        return self.state is StoryState.PENDING and self.reruns >= ALONE_AFTER

    @property
    def is_suspect(self) -> bool:
        """Say whether everything ends again and again while this story is at work."""
        return self.state is StoryState.PENDING and self.downs + self.stops >= SUSPECT_AFTER


def without_lines(place: str) -> str:
    """A conflict's place without its lines, which move while agents write."""
    where, colon, what = place.partition(": ")
    return f"{_LINES.sub('', where)}{colon}{what}"
