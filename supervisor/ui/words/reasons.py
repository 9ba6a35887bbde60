"""Why a story stands as it does."""

from __future__ import annotations

from ...shell.status.document import StoryStatus
from ...shell.status.states import AT_WORK

_MERGING = "merging"  # its reason is what it waits for there


def why_text(story: StoryStatus) -> str:
    """Its reason; of a story at work that is what its attempt before was lost for."""
    is_tried_again = story.state in AT_WORK and story.state != _MERGING and story.attempt > 1
    if story.reason and is_tried_again and not story.awaits:
        return f"after {story.reason}"
    return story.reason or ""
