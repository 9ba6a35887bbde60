"""What comes from an adapter, which may be anybody's: of the right types, and not too long."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from ...policies.values import replace
from ..agents.base import Event, Verdict
from ..agents.meaning.wording import one_line

REASON_CHARS_MAX = 1000
SESSION_CHARS_MAX = 500
ANSWER_CHARS_MAX = 64 << 10
_Value = TypeVar("_Value", bound=msgspec.Struct)


def event_of(found: object) -> Event:
    """Take an event; raise where it is none, or holds what is none of its types."""
    if not isinstance(found, Event):
        raise TypeError(f"feed gave {found!r}, which is no event")
    return _checked(found)


def verdict_of(found: object) -> Verdict:
    """Take a verdict, likewise, with its texts short enough for a message."""
    if not isinstance(found, Verdict):
        raise TypeError(f"finish gave {found!r}, which is no Verdict")
    verdict = _checked(found)
    return replace(
        verdict,
        reason=one_line(verdict.reason, chars=REASON_CHARS_MAX),
        session=verdict.session[:SESSION_CHARS_MAX],
        answer=verdict.answer[-ANSWER_CHARS_MAX:],  # what it comes to stands at its end
    )


def _checked(value: _Value) -> _Value:
    """Read it as whoever is told it will."""
    return msgspec.json.decode(msgspec.json.encode(value), type=type(value))
