"""A defect: what is wrong with a file that a person wrote, and where."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from msgspec import Struct

from ...policies.nearest import nearest
from ...policies.values import replace

SHOWN_MAX = 80


class Severity(Enum):
    """How much a defect matters: only an error keeps a PRD from being run."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Defect(Struct, frozen=True, kw_only=True):
    """One thing to mend; the message says `what was found; what is allowed or what to do`.

    Lines and columns count from 1, columns in characters. With line 0 there is no place to show:
    an environment variable, the command line, a file that cannot be opened. `excerpt` is shown
    below the message: the line itself, with a caret. `code` names the rule of `check` that says it;
    what is found at reading has none.
    """

    path: str
    line: int = 0
    column: int = 0
    message: str
    severity: Severity = Severity.ERROR
    excerpt: str = ""
    code: str = ""

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        kind = "" if self.severity is Severity.ERROR else f"{self.severity.value}: "
        shown = "".join(f"\n  {printable(line)}" for line in self.excerpt.split("\n") if line)
        return f"{printable(self.path)}{place}: {kind}{printable(self.message)}{shown}"

    def relative_to(self, root: Path) -> Defect:
        """The same defect with its path shown from `root`, if it lies inside."""
        path = Path(self.path)
        if not path.is_absolute() or not path.is_relative_to(root):
            return self
        return replace(self, path=str(path.relative_to(root)))


def quoted(value: object) -> str:
    """A value from outside as an error message may show it: one line, bounded, printable."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case str():
            return _bounded(repr(value[:SHOWN_MAX]), is_cut=len(value) > SHOWN_MAX)
        case _:
            shown = printable(str(value))
            return _bounded(shown[:SHOWN_MAX], is_cut=len(shown) > SHOWN_MAX)


def printable(text: str) -> str:
    """The text without anything that a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _bounded(shown: str, *, is_cut: bool) -> str:
    return f"{shown}..." if is_cut else shown


def advice(name: str, allowed: Sequence[str], *, prefix: str = "") -> str:
    """What to write instead of a name that is not known: the nearest one, else all of them."""
    near = nearest(name, allowed)
    if near:
        return f"did you mean {prefix + near!r}?"
    return f"allowed are {', '.join(prefix + word for word in allowed)}"
