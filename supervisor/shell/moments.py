"""Since when a story has been in its state and at its attempt: epoch seconds, 0 if unknown."""

from __future__ import annotations

from msgspec import Struct

from ...policies.values import replace
from ...workers.messages.prd import StoryView


class Moments(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of one story."""

    since: float = 0.0
    attempt_since: float = 0.0


UNKNOWN = Moments()


def moments_after(known: Moments, before: StoryView | None, now: StoryView, at: float) -> Moments:
    """After a story was seen to be otherwise than before, or for the first time."""
    if before is None or before.state != now.state:
        known = replace(known, since=at)
    if now.attempt and (before is None or before.attempt != now.attempt):
        known = replace(known, attempt_since=at)
    return known
