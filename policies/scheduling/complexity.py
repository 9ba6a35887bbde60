"""How hard a story is, in the words and figures that people use: low, medium or high."""

from __future__ import annotations

from collections.abc import Mapping

LEVELS = ("low", "medium", "high")

_BY_LEVEL = {
    "low": "low, verylow, simple, trivial, easy, small, minor, minimal, xs, s, tiny",
    "medium": "medium, moderate, normal, average, standard, m, mid",
    "high": "high, veryhigh, complex, hard, difficult, large, major, critical, l, xl, xxl, huge",
}
WORDS: Mapping[str, str] = {
    word: level for level, words in _BY_LEVEL.items() for word in words.split(", ")
}
_SIGNS = str.maketrans("", "", "_- ")
# task-master's scores, and its own bounds between them.
_SCORE_MIN, _MEDIUM_FROM, _HIGH_FROM, _SCORE_MAX = 1, 5, 8, 10


def level_of(word: str) -> str:
    """The level that a word means; empty if it means none."""
    return WORDS.get(word.casefold().translate(_SIGNS), "")


def level_of_score(score: float) -> str:
    """The level of a score from 1 to 10; empty for any other number."""
    if not _SCORE_MIN <= score <= _SCORE_MAX:
        return ""
    if score >= _HIGH_FROM:
        return "high"
    return "medium" if score >= _MEDIUM_FROM else "low"
