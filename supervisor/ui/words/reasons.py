"""Why a story stands as it does."""

from __future__ import annotations

from collections.abc import Iterable

from ...shell.status.document import StoryStatus
from ...shell.status.states import AT_WORK

_MERGING = "merging"  # its reason is what it waits for there


def hints_besides_commands(hints: Iterable[str]) -> tuple[str, ...]:
    """Without those whose commands stand below anyway, as they are to be typed just now."""
    return tuple(each for each in hints if "given up" not in each and " logs " not in each)


def why_text(story: StoryStatus) -> str:
    """Its reason; of a story at work that is what its attempt before was lost for."""
    is_tried_again = story.state in AT_WORK and story.state != _MERGING and story.attempt > 1
    if story.reason and is_tried_again and not story.awaits:
        return f"after {story.reason}"
    return story.reason or ""
