"""What is wrong with a text that is no JSON, in the words of who has to mend it."""

from __future__ import annotations

import json
import re

from msgspec import Struct

from ..defect import quoted
from .document import UnreadableError
from .lines import Lines, unreadable

# A text or a sign of the grammar. A text that is never closed goes to the end: to begin again
# behind each quote in it would take quadratic time.
_TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
TOKEN = re.compile(rf"{_TEXT}|[{{}}\[\]:,]", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_$][\w$-]{0,40}")
_OF_PYTHON = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_CLOSERS = {"{": "}", "[": "]"}
_ENDS = "}]"
_DIGITS_MAX = 4300
_OVER_END = 'a text runs over the end of its line; write \\n, or close it with "'
_CONTROLS = {
    "\n": _OVER_END,
    "\r": _OVER_END,
    "\t": "a raw tab stands in a text; write \\t",
}
_CONTROL = "a raw control character stands in a text; write \\u{:04x}"
_SIGNS = (
    ("//", "JSON has no comments; remove it"),
    ("/*", "JSON has no comments; remove it"),
    ("#", "JSON has no comments; remove it"),
    ("...", "this stands for something left out; write all of it"),
    ("\N{HORIZONTAL ELLIPSIS}", "this stands for something left out; write all of it"),
    ("+", "a number begins with a digit or with '-'; write it so"),
    (".", "a number begins with a digit or with '-'; write it so"),
    ("`", 'a text stands in double quotes; write " for `'),
    ("'", "a text stands in double quotes; write \" for '"),
    ("\N{LEFT DOUBLE QUOTATION MARK}", 'a text stands in straight double quotes; write "'),
    ("\N{RIGHT DOUBLE QUOTATION MARK}", 'a text stands in straight double quotes; write "'),
)


class ConstantError(Exception):
    """A number that JSON does not have, such as NaN."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Spot(Struct, frozen=True, kw_only=True):
    """Where the parser stopped, and what stands there and before it."""

    text: str
    at: int
    message: str

    @property
    def here(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def before(self) -> int:
        """The offset of the last character before that is no blank; -1 at the beginning."""
        return len(self.text[: self.at].rstrip(" \t\r\n")) - 1

    def says(self, *words: str) -> bool:
        """Whether the parser's message has one of these words."""
        return any(word in self.message for word in words)


def explained(text: str, error: json.JSONDecodeError) -> UnreadableError:
    """The error of a text that the parser does not take."""
    spot = _Spot(text=text, at=error.pos, message=error.msg)
    found = _in_text(spot) or _at_end(spot) or _before_end(spot) or _foreign(spot) or _missing(spot)
    at, what = found or (error.pos, f"{error.msg.removesuffix(' at')}; mend it here")
    return unreadable(text, at, f"this is not JSON: {what}")


def explained_constant(text: str, name: str) -> UnreadableError:
    """The error of a number that JSON does not have."""
    # Texts are skipped: the word may stand in one of them first.
    pattern = re.compile(rf"{_TEXT}|(?<![\w-])({re.escape(name)})\b")
    at = next((each.start(1) for each in pattern.finditer(text) if each.group(1)), 0)
    return unreadable(text, at, f"{name} is not JSON; write a number or null")


def explained_number(text: str) -> UnreadableError:
    """The error of an integer with more digits than can be converted."""
    pattern = re.compile(rf"{_TEXT}|(\d{{{_DIGITS_MAX}}})")
    at = next((each.start(1) for each in pattern.finditer(text) if each.group(1)), 0)
    return unreadable(text, at, "a number has more digits than can be read; write a shorter one")


def too_deep(text: str, levels: int) -> UnreadableError:
    """The error of a document that is nested deeper than so many levels."""
    depth = 0
    at = 0
    for token in TOKEN.finditer(text):
        if token[0] in _CLOSERS:
            depth += 1
        elif token[0] in _ENDS:
            depth -= 1
        if depth > levels:
            at = token.start()
            break
    return unreadable(text, at, f"nested deeper than {levels} levels; make the document flatter")


def _in_text(spot: _Spot) -> tuple[int, str] | None:
    """What is wrong inside of a text in quotes."""
    if spot.says("control character"):
        return spot.at, _CONTROLS.get(spot.here, _CONTROL.format(ord(spot.here)))
    if spot.says("escape"):
        at = spot.text.rfind("\\", 0, spot.at + 1)
        if spot.says("\\u"):
            return at, "four hexadecimal digits have to follow \\u; mend it"
        found = quoted(spot.text[at + 1 : at + 2])
        return at, f"a backslash stands before {found}; write \\\\ for a backslash"
    if spot.says("Unterminated"):
        return spot.at, 'this text is never closed; write a " at its end, or is the file cut off?'
    return None


def _at_end(spot: _Spot) -> tuple[int, str] | None:
    """What is wrong where the file ends, or should have ended."""
    if spot.says("Extra data"):
        if spot.here in _ENDS:
            return spot.at, f"{spot.here!r} closes nothing; remove it"
        return spot.at, "something stands behind the end of the document; one file is one document"
    if spot.at < len(spot.text.rstrip()):
        return None
    opened = _open(spot.text)
    if opened is None:
        return spot.at, "the file ends where a value is needed; is it cut off?"
    line = Lines(spot.text).place(opened).line
    found = spot.text[opened]
    return spot.at, (
        f"the file ends, but {found!r} of line {line} is not closed; "
        f"write {_CLOSERS[found]!r}, or is the file cut off?"
    )


def _before_end(spot: _Spot) -> tuple[int, str] | None:
    """What is wrong before a closing bracket."""
    before = spot.before
    # Newer versions of the library stop at the comma itself.
    if spot.says("trailing comma"):
        before = spot.at if spot.here == "," else before
        return before, "a comma stands behind the last value; remove it"
    if spot.here not in _ENDS or before < 0:
        return None
    if spot.text[before] == ",":
        return before, "a comma stands behind the last value; remove it"
    opened = _open(spot.text[: spot.at])
    if opened is not None and spot.here != _CLOSERS[spot.text[opened]]:
        line = Lines(spot.text).place(opened).line
        closer = _CLOSERS[spot.text[opened]]
        return spot.at, f"{spot.text[opened]!r} of line {line} is open; close it with {closer!r}"
    return spot.at, f"a value is missing before {spot.here!r}; write one"


def _foreign(spot: _Spot) -> tuple[int, str] | None:
    """What other languages have, and JSON has not."""
    for sign, what in _SIGNS:
        if spot.text.startswith(sign, spot.at):
            return spot.at, what
    word = _WORD.match(spot.text, spot.at)
    if word and word[0] in _OF_PYTHON:
        return spot.at, f"{word[0]} is not JSON; write {_OF_PYTHON[word[0]]}"
    if word and spot.says("property name"):
        return spot.at, f'a name stands in double quotes; write "{word[0]}"'
    if spot.here.isdigit() and spot.text[spot.at - 1 : spot.at] == "0":
        return spot.at, "a number has no 0 before its first digit; remove the 0 or write a text"
    return None


def _missing(spot: _Spot) -> tuple[int, str] | None:
    """What is not there: a comma, a colon, a value or a name."""
    found = quoted(spot.here)
    if spot.says("',' delimiter"):
        return spot.at, f"a comma is missing before {found}; write it behind the value before"
    if spot.says("':' delimiter"):
        return spot.at, f"a colon is missing before {found}; write it behind the name"
    if spot.here == ",":
        return spot.at, "nothing stands before this comma; write a value or remove the comma"
    if spot.says("property name"):
        return spot.at, f"found {found}; a name in double quotes is needed"
    if spot.says("Expecting value"):
        return (
            spot.at,
            f"found {found}; a text in double quotes, a number, true or the like is needed",
        )
    return None


def _open(text: str) -> int | None:
    """The offset of the last bracket that is not closed."""
    opened: list[int] = []
    for token in TOKEN.finditer(text):
        if token[0] in _CLOSERS:
            opened.append(token.start())
        elif token[0] in _ENDS and opened:
            opened.pop()
    return opened[-1] if opened else None
