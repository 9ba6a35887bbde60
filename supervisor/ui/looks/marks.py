"""How states look: a mark and a tone each, so that neither colour nor Unicode is needed."""

from __future__ import annotations

from msgspec import Struct

from ...shell.status.states import AT_WORK, AWAITED, STOPPING, UNVERIFIED
from .rows import Style, Tone


class Mark(Struct, frozen=True):
    """One character, what it is in ASCII, and the tone of what it stands for."""

    glyph: str
    plain: str
    tone: Tone

    def by(self, style: Style) -> str:
        """The character for this terminal."""
        return self.plain if style.is_ascii else self.glyph


HELD = Mark("=", "=", Tone.WARN)
_BUSY = Mark("●", "*", Tone.BUSY)
_WAITS = Mark("·", ".", Tone.DIM)
_STATES = {
    "done": Mark("✓", "+", Tone.GOOD),
    "completed": Mark("✓", "+", Tone.GOOD),
    UNVERIFIED: Mark("✓", "+", Tone.WARN),
    "failed": Mark("✗", "x", Tone.BAD),
    "rolled back": Mark("✗", "x", Tone.BAD),
    "skipped": Mark("-", "-", Tone.DIM),
    "held": HELD,
    "backing off": Mark("~", "~", Tone.WARN),
    "stopped": Mark("■", "#", Tone.WARN),
    "interrupted": Mark("■", "#", Tone.WARN),
    "damaged": Mark("✗", "x", Tone.BAD),
    "active": _BUSY,
    STOPPING: Mark("●", "*", Tone.WARN),
    AWAITED: Mark("?", "?", Tone.WARN),
    **dict.fromkeys(AT_WORK, _BUSY),
}


def mark_of(state: str) -> Mark:
    """How a story or a PRD in this state looks; what is none of these waits."""
    return _STATES.get(state, _WAITS)
