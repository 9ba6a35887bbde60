"""What is wrong with a text that is no YAML, in the words of who has to mend it."""

from __future__ import annotations

import re

import yaml

from .document import UnreadableError
from .lines import Lines, unreadable

# YAML 1.1: what a text may be made of.
_STRANGE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER_CLOSED = "a text in quotes is never closed; close it"
# What the library says, and what people then wrote; the first that fits.
_CAUSES = (
    (
        r"tab|cannot start any token.*'\\t'",
        "a tab stands where blanks are needed; indent by blanks",
    ),
    (
        r"mapping values are not allowed",
        "': ' stands in a value, or the line is indented too far; write quotes or mend it",
    ),
    (r"unexpected end of stream|unexpected document indicator", _NEVER_CLOSED),
    (r"unknown escape", "a backslash stands before a letter that it does not go with; write \\\\"),
    (r"expected ',' or '[\]}]'", "a bracket is never closed, or a comma is missing; write it"),
    (
        r"scanning an alias|scanning an anchor|expected alphabetic or numeric",
        "a value that begins with * or & is the name of another; put the value in quotes",
    ),
    (
        r"could not find expected ':'",
        "a name without ':' stands here; write it, or indent the line",
    ),
    (
        r"expected '-' indicator",
        "this line is no item of the list; begin it with '- ' or indent it as the others",
    ),
    (
        r"expected key|expected <block end>",
        "the indentation fits no line above, or a text with a quote in it goes on; mend it",
    ),
    (
        r"cannot start any token",
        "a value begins with a sign of the language, as %, @ or `; put the value in quotes",
    ),
    (
        r"block sequence entries are not allowed",
        "a list begins on a line of its own; move it there",
    ),
    (r"undefined tag|tag", "a value that begins with ! is a tag; put the value in quotes"),
)


def explained(text: str, error: yaml.YAMLError) -> UnreadableError:
    """The error of a text that the parser does not take."""
    strange = _STRANGE.search(text)
    if strange is not None:
        code = f"U+{ord(strange[0]):04X}"
        return unreadable(text, strange.start(), f"{code} is not allowed in YAML; remove it")
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return UnreadableError("this is not YAML; mend it", line=1, column=1)
    at = min(error.problem_mark.index, len(text))
    said = " ".join(filter(None, (error.context, error.problem)))
    if text[at : at + 1] == "\t":
        said = "tab"
    cause = next((what for pattern, what in _CAUSES if re.search(pattern, said)), "")
    what = cause or f"{error.problem}; mend it here"
    context = error.context_mark
    if context is not None and cause == _NEVER_CLOSED:
        at = context.index
    elif context is not None and context.line != error.problem_mark.line:
        what = f"{what} (it begins on line {Lines(text).place(context.index).line})"
    return unreadable(text, at, f"this is not YAML: {what}")
