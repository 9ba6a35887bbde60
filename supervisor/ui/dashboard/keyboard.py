"""What a terminal sends when keys are pressed, as presses; whatever else it sends is passed over.

Escape sequences are taken whole, known or not: the letters of an answer, a mouse or a key that we
do not know must never be taken for orders. What is pasted comes apart from what is typed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from msgspec import Struct

from .keys import Key, Press

HELD_CHARS_MAX = 4096  # of a sequence that does not end; then it is none
ESCAPE_S = 0.1  # a lone escape is the key, unless more comes within that time
PASTE_S = 2.0  # a paste is over, end or not, when nothing comes for so long


class Pasted(Struct, frozen=True):
    """Text that was pasted: it is typed where text is typed, and is no order anywhere."""

    text: str


class Control(Struct, frozen=True):
    """A control character that no press stands for, by its letter: Ctrl-L is "L"."""

    letter: str


Stroke = Press | Pasted | Control


class _NotWholeError(Exception):
    """The rest of it is still to come."""


_ESCAPE = "\x1b"
_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"
_PLAIN = {
    "\r": Key.ENTER,
    "\n": Key.ENTER,
    "\t": Key.TAB,
    "\x7f": Key.BACKSPACE,
    "\x08": Key.BACKSPACE,
    "\x15": Key.ERASE,
}
_BY_LETTER = {
    "A": Key.UP,
    "B": Key.DOWN,
    "C": Key.RIGHT,
    "D": Key.LEFT,
    "H": Key.HOME,
    "F": Key.END,
    "Z": Key.BACK_TAB,
    "M": Key.ENTER,  # of a keypad, after ESC O
}
_BY_NUMBER = {
    "1": Key.HOME,
    "7": Key.HOME,
    "4": Key.END,
    "8": Key.END,
    "5": Key.PAGE_UP,
    "6": Key.PAGE_DOWN,
}
# ECMA-48: a control sequence, a single shift; strings (DCS, OSC, SOS, PM, APC) with their end.
_SEQUENCE = re.compile(
    r"\x1b(?:\[M[\s\S]{3}|\[\[[A-E]|\[([0-?]*)[ -/]*([@-~])|O([0-?]*)([@-~])"
    r"|[PX^_][^\x1b\x07]*(?:\x07|\x1b\\)|\][^\x1b\x07]*(?:\x07|\x1b\\))"
)
_BEGUN = re.compile(
    r"\x1b(?:\[(?:M[\s\S]{0,2}|\[?|[0-?]*[ -/]*)|O[0-?]*|[PX^_\]][^\x1b\x07]*\x1b?)?\Z"
)


class Keyboard:
    """Bytes in, strokes out; what is not whole yet is held."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._held = ""
        self._pasted: str | None = None  # what has come of a paste, while one comes

    @property
    def undecided_s(self) -> float | None:
        """Call `give_up` when nothing has come for so long: what is held may be whole already."""
        if self._pasted is not None:
            return PASTE_S
        return ESCAPE_S if self._held == _ESCAPE else None

    def take(self, data: bytes) -> list[Stroke]:
        """Take what was read."""
        self._held += self._decoder.decode(data)
        return list(self._strokes())

    def give_up(self) -> list[Stroke]:
        """Nothing has come for a while: an escape was the key itself, a paste has lost its end."""
        if self.undecided_s is None:
            return []
        held, self._held = self._held, ""
        if self._pasted is None:
            return [Key.ESCAPE]
        if _PASTE_ENDS.startswith(held[(at := held.rfind(_ESCAPE)) :]):
            held = held[:at]  # its end, in part
        whole, self._pasted = f"{self._pasted}{held}"[:HELD_CHARS_MAX], None
        return [Pasted(whole)]

    def _strokes(self) -> Iterator[Stroke]:
        try:
            while self._held:
                stroke = self._next() if self._pasted is None else self._paste_on()
                if stroke is not None:
                    yield stroke
        except _NotWholeError:
            return

    def _next(self) -> Stroke | None:
        """Take the next one; nothing where it was none of ours."""
        if self._held[0] != _ESCAPE:
            char, self._held = self._held[0], self._held[1:]
            return _typed(char)
        if self._held.startswith(_PASTE_BEGINS):
            self._held, self._pasted = self._held[len(_PASTE_BEGINS) :], ""
            return None
        if found := _SEQUENCE.match(self._held):
            self._held = self._held[found.end() :]
            return _key_of(found)
        if len(self._held) > HELD_CHARS_MAX:  # a sequence without an end
            self._held = ""
            return None
        if _BEGUN.match(self._held):
            raise _NotWholeError
        if self._held[1] == _ESCAPE:
            self._held = self._held[1:]
            return Key.ESCAPE
        self._held = self._held[2:]  # a character with Alt
        return None

    def _paste_on(self) -> Stroke | None:
        """Go on with what is pasted; only its beginning is kept."""
        text, ending, rest = self._held.partition(_PASTE_ENDS)
        if not ending:
            cut = max(0, len(self._held) - len(_PASTE_ENDS))  # its end may have come in part
            text, rest = self._held[:cut], self._held[cut:]
        self._pasted = f"{self._pasted or ''}{text}"[:HELD_CHARS_MAX]
        self._held = rest
        if not ending:
            raise _NotWholeError
        whole, self._pasted = self._pasted, None
        return Pasted(whole)


def _typed(char: str) -> Stroke | None:
    if char in _PLAIN:
        return _PLAIN[char]
    if char.isprintable():
        return char
    return Control(chr(ord(char) + 64)) if ord(char) < 32 else None  # noqa: PLR2004


def _key_of(found: re.Match[str]) -> Key | None:
    """The key; a modifier changes nothing: Ctrl-Up is Up."""
    parameters, letter = found[1] or found[3] or "", found[2] or found[4] or ""
    if letter == "~":
        return _BY_NUMBER.get(parameters.partition(";")[0])
    is_plain = found[4] is not None or letter != "M"  # ESC [ M is a mouse
    return _BY_LETTER.get(letter) if is_plain else None
