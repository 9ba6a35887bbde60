"""Texts with commands between backticks, as our messages have them, in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TICKED = re.compile(r"`([^`\n]+)`")


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Each piece of the text, and whether it stood between backticks."""
    at = 0
    for match in _TICKED.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], False
        yield match[1], True
        at = match.end()
    if at < len(text):
        yield text[at:], False
