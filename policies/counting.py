"""A number with its word, as people say it."""

from __future__ import annotations


def counted(count: int, word: str) -> str:
    """`1 error`, `2 errors`, `3 stories`, `4 processes`: of several words the last one changes."""
    if count == 1:
        return f"1 {word}"
    if word.endswith("y"):
        return f"{count} {word[:-1]}ies"
    return f"{count} {word}es" if word.endswith("s") else f"{count} {word}s"
