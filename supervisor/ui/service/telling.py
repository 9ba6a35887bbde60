"""What the commands of the service print: a line for each thing that was done or found."""

from __future__ import annotations

from ...shell.lines import safe
from ..printer import show

_WORD_CHARS = 11


def tell(word: str, text: str) -> None:
    """Print one."""
    show(f"{word:<{_WORD_CHARS}} {safe(text)}".rstrip())
