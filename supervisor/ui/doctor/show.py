"""What doctor has found, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ...shell.lines import safe
from ..looks.columns import cells, filled
from ..looks.painting import toned, wants_colour
from ..looks.rows import Tone
from .check import PRDS
from .words import Level, Line

SCHEMA_VERSION = 1

Paint = Callable[[str, str], str]  # a text in a tone: a level's name, or "head"


def document(folder: Path, lines: Sequence[Line]) -> dict[str, object]:
    """The result for programs, as docs/schema/doctor.schema.json has it."""
    return {
        "version": SCHEMA_VERSION,
        "folder": str(folder.absolute()),
        "ok": not any(line.level is Level.FAIL for line in lines),
        "lines": [
            {
                "level": line.level.value,
                "group": line.group,
                "subject": line.subject,
                "text": line.text,
                "advice": line.advice,
            }
            for line in lines
        ],
    }


def text_of(lines: Sequence[Line], *, width: int, paint: Paint | None = None) -> list[str]:
    """Below each group's name a line a subject, and below that its advice."""
    in_tone = paint or _plain
    subjects = max((cells(line.subject) for line in lines), default=0)
    groups = dict.fromkeys(line.group for line in lines)
    shown: list[str] = []
    for group in groups:
        if group:
            shown += [in_tone(group, "head")]
        for line in lines:
            if line.group == group:
                shown += _line(line, subjects, width, in_tone)
    return [*shown, *filled(summary(lines), width)]


def summary(lines: Sequence[Line]) -> str:
    """How many there are of each, and what to type next."""
    counts = {level: sum(line.level is level for line in lines) for level in Level}
    failed, warned = counts[Level.FAIL], counts[Level.WARN]
    told = f"{failed} failed, {warned} warned, {counts[Level.OK]} ok"
    if not any(line.group for line in lines):
        return told  # of an agent alone
    if failed:
        return f"{told}; mend what fails first"
    has_prds = not any(each.level is Level.WARN and each.subject == PRDS for each in lines)
    return f"{told}; next: {'' if has_prds else 'see to the PRDs, then '}`prd-supervise start`"


def painter() -> Paint | None:
    """Colours, where the standard output is a terminal that wants them."""
    tones = {"ok": Tone.GOOD, "warn": Tone.WARN, "fail": Tone.BAD, "head": Tone.TITLE}
    return (lambda text, tone: toned(text, tones[tone])) if wants_colour() else None


def _line(line: Line, subjects: int, width: int, paint: Paint) -> list[str]:
    margin = "  " if line.group else ""
    subject = f"{line.subject:<{subjects}}"
    indent = len(f"{margin}warn  {subject}  ")
    told = filled(line.text, width - indent)
    if line.advice:
        told += filled("-> " + safe(line.advice), width - indent, "   ")
    level = paint(f"{line.level.value:<4}", line.level.value)
    head = f"{margin}{level}  {subject}  "
    return [head + told[0], *(" " * indent + each for each in told[1:])]


def _plain(text: str, _tone: str) -> str:
    return text
