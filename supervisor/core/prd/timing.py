"""What is journalled for the report alone: how long things took."""

from __future__ import annotations

from ....workers.messages.story import Verified
from .records import VerifyOver
from .turn import Turn


def note_verified(
    turn: Turn,
    story_id: str,
    answer: Verified,
    stories: tuple[str, ...] = (),
    *,
    is_extra: bool = False,
) -> None:
    """Journal how long verify commands ran, whatever they said; without a story for the PRD."""
    record = VerifyOver(
        story_id=story_id,
        attempt=answer.attempt,
        stage=answer.stage,
        took_s=round(sum(each.duration_s for each in answer.run.commands), 3),
        is_green=answer.run.is_green,
        stories=stories,
        is_extra=is_extra,
        setup_s=answer.run.setup_s,
    )
    turn.write(record)
