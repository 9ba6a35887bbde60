"""What follows for a story when its agent's run was no success.

What an account, a network or a setting did is no fault of the story, and costs it no attempt.
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from msgspec import Struct

from ..supervising.backoff import delay_s
from ..supervising.spec import Backoff
from .outcome import Outcome, OutcomeKind

PASSING_MAX = 20  # in a row without a claim or an attempt that counted: then the next one counts
DOWNS_MAX = 5  # in a row that the whole tree went down at work on a story: it may be the cause
HOPELESS_MAX = 2  # ... where the agent does not even begin: of several stories root closes it
_PASSING_CAP_FACTOR = 10  # an outage lasts longer than what other pauses are made for


# Nobody has to mend an account: another agent can do the work at once.
_HOPELESS = frozenset({OutcomeKind.MISSING, OutcomeKind.PERMANENT})


class Course(Enum):
    """How a story goes on after its agent's bad end."""

    COUNT = "count"  # it was the story's attempt: the next one has the reason
    STOP = "stop"  # we ended it, because the tree stops
    LIMIT = "limit"  # root's gate knows when the account is free again
    AGAIN = "again"  # it passes by itself: again after a pause that grows
    CLOSE = "close"  # root lets nobody start that agent until people have acted
    BAR = "bar"  # the story goes on with its next choice, and never with this one
    SHORTEN = "shorten"  # again with a smaller prompt, in a new conversation
    AFRESH = "afresh"  # again in a new conversation: the old one cannot be gone on with

    @property
    def counts(self) -> bool:
        """Say whether it is one of the story's attempts."""
        return self is Course.COUNT


class Circumstances(Struct, frozen=True, kw_only=True):
    """How the run was begun, and how far it came."""

    is_short: bool = False  # with the smaller prompt
    is_resumed: bool = False  # it went on with an earlier conversation
    is_answered: bool = False  # its model has answered in this run
    is_wish: bool = False  # its model is the story's own wish: for others it says nothing
    passed: int = 0  # losses in a row that passed by themselves, or closed an agent


def course_of(outcome: Outcome, run: Circumstances) -> Course:
    """Say how the story goes on."""
    course = _course_of(outcome, run)
    if course in {Course.AGAIN, Course.CLOSE} and run.passed >= _most(outcome.kind):
        return Course.COUNT  # nothing goes on for ever
    return course


def _most(kind: OutcomeKind) -> int:
    return HOPELESS_MAX if kind in _HOPELESS else PASSING_MAX


def _course_of(outcome: Outcome, run: Circumstances) -> Course:  # noqa: PLR0911  one case a kind
    is_unheard = run.is_resumed and not run.is_answered
    match outcome.kind:
        case OutcomeKind.INTERRUPTED:
            return Course.STOP
        case OutcomeKind.RATE_LIMITED:
            return Course.LIMIT
        case OutcomeKind.TRANSIENT:
            return Course.AGAIN
        case OutcomeKind.AUTH | OutcomeKind.BILLING | OutcomeKind.MISSING:
            return Course.CLOSE
        case OutcomeKind.CONTEXT:
            return Course.BAR if run.is_short else Course.SHORTEN
        case OutcomeKind.PERMANENT if is_unheard:
            return Course.AFRESH
        case OutcomeKind.PERMANENT:
            return Course.CLOSE if outcome.is_agents_fault and not run.is_wish else Course.BAR
        case OutcomeKind.FAILED | OutcomeKind.INCOMPLETE:
            return Course.AFRESH if is_unheard else Course.COUNT
        case (
            OutcomeKind.NORMAL
            | OutcomeKind.CRASHED
            | OutcomeKind.TIMED_OUT
            | OutcomeKind.STALLED
            | OutcomeKind.OUT_OF_MEMORY
            | OutcomeKind.OVER_LIMIT
            | OutcomeKind.RUNAWAY
        ):
            return Course.COUNT
        case _:
            assert_never(outcome.kind)


def bars(course: Course, kind: OutcomeKind, *, has_others: bool) -> bool:
    """Say whether the story goes on without this choice, until somebody retries it."""
    return course is Course.BAR or (course is Course.CLOSE and kind in _HOPELESS and has_others)


def ends_conversation(course: Course, kind: OutcomeKind, *, is_resumed: bool) -> bool:
    """Say whether the next attempt has to begin a new conversation.

    One that was gone on with, and has failed again by itself, is no help to the story.
    """
    if course is Course.COUNT:
        return is_resumed or kind is OutcomeKind.RUNAWAY
    return course in {Course.BAR, Course.SHORTEN, Course.AFRESH}


def pause_s(course: Course, times: int, backoff: Backoff, jitter: float) -> float:
    """How long a story waits that lost nothing, `times` in a row; 0: it may go on at once."""
    if course is Course.AGAIN:
        longest = Backoff(base_s=backoff.base_s, cap_s=backoff.cap_s * _PASSING_CAP_FACTOR)
        return delay_s(times, longest, jitter)
    # Root closes the agent meanwhile, and a fallback can go on soon.
    return delay_s(times, backoff, jitter) if course in {Course.LIMIT, Course.CLOSE} else 0.0
