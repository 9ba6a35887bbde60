"""What `start` looks at before it begins: doctor's quick checks."""

from __future__ import annotations

from ...shell.repository.checkout import Checkout
from ..doctor.quick import quick_look
from ..doctor.words import Level, Line
from ..errors import FatalError
from ..looks.journal import Priority, complain
from ..settings.config import Settings

_WAITED_FOR = frozenset(("disk", "inodes"))  # a tree goes on as soon as there is room again


def refuse_unready(checkout: Checkout, settings: Settings, *, is_resume: bool) -> None:
    """Refuse where nothing could be run, with what to do; tell what may cost something.

    What was begun goes on: a resume is only told, and its tree waits for what is missing.
    """
    lines = [line for line in quick_look(checkout, settings) if line.level is not Level.OK]
    failed = [
        line for line in lines if line.level is Level.FAIL and line.subject not in _WAITED_FOR
    ]
    if failed and not is_resume:
        told = "\n".join(map(_shown, failed))
        raise FatalError(
            f"{told}\nnothing was started; `prd-supervise doctor` shows all,"
            " `start --no-doctor` does not look"
        )
    for line in lines:
        complain(f"warning: {_shown(line)}", Priority.WARNING)


def _shown(line: Line) -> str:
    return f"{line.subject}: {line.text}; {line.advice}"
