"""What is put into the words of the settings: the message, and values of variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...policies.notices import Notice

PLACEHOLDERS = ("title", "body", "event", "prd", "story", "count")
VALUE_CHARS_MAX = 2000
VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
_PLACEHOLDER = re.compile(r"(?<!\$)\{([A-Za-z_]+)\}")  # neither a shell's ${NAME} nor its { list; }


def filled(words: Sequence[str], notice: Notice) -> tuple[str, ...]:
    """Put the message into the words, each of which stays one argument."""
    values = {name: _value(str(getattr(notice, name))) for name in PLACEHOLDERS}
    return tuple(
        _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), word) for word in words
    )


def unknown_in(words: Sequence[str]) -> Iterator[str]:
    """Find what looks like a placeholder and is none."""
    for word in words:
        for found in _PLACEHOLDER.finditer(word):
            if found[1] not in PLACEHOLDERS:
                yield found[1]


def variables_in(headers: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The names of the variables that these headers take values from."""
    found = (name for _, text in headers for name in VARIABLE.findall(text))
    return tuple(dict.fromkeys(found))


def _value(text: str) -> str:
    """A value that no program takes for an option, and no terminal for an order."""
    shown = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    shown = shown.encode(errors="replace").decode()[:VALUE_CHARS_MAX]
    return f" {shown}" if shown.startswith("-") else shown
