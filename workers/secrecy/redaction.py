"""Texts without the values that nobody may see: the one place that decides what is hidden."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from .forms import forms_of

_UNFIT = re.compile(r"[^A-Za-z0-9_./-]")
_SLICE_BYTES = 1 << 15  # looked at in one go: bounds the list of what is found in a flood


class Secret(NamedTuple):
    """A value, and the name that is shown in its place.

    A sharp one is secret beyond doubt: wherever it stands it was put there on purpose or by an
    accident. Others may be words that mean something else there.
    """

    name: str
    value: bytes
    is_sharp: bool = False


class Redactor:
    """Puts `[redacted:NAME]` where a value stands, in whatever form, and changes nothing else.

    Values that touch or overlap are one stretch, with the name of the first.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        named: dict[bytes, str] = {}
        for secret in secrets:
            for form in forms_of(secret.value):
                named.setdefault(form, secret.name)
        self._patterns = sorted(named)
        self._marks = [_mark(named[form]) for form in self._patterns]
        self._first_bytes = frozenset(form[0] for form in self._patterns)
        self._held_max = max(map(len, self._patterns), default=1) - 1
        self._automaton = BytesAhoCorasick(self._patterns)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def finds(self, data: bytes) -> bool:
        """Say whether a value stands there, in whatever form."""
        return bool(self._automaton.find_matches_as_indexes(data))

    def stream(self) -> Stream:
        """Begin with a text that comes in pieces."""
        return Stream(self)

    def data(self, data: bytes) -> bytes:
        """Hide the values in a whole text."""
        stream = self.stream()
        return stream.feed(data) + stream.end()

    def text(self, text: str) -> str:
        """Likewise; undecodable bytes of file names stay what they are."""
        hidden = self.data(text.encode("utf-8", "surrogateescape"))
        return hidden.decode("utf-8", "surrogateescape")

    def stretches(self, data: bytes) -> list[tuple[int, int, int]]:
        """Every form that stands there, as (begin, -end, number): the longest of a begin first."""
        found = self._automaton.find_matches_as_indexes(data, overlapping=True)
        return sorted((begin, -end, number) for number, begin, end in found)

    def mark(self, number: int) -> bytes:
        """What is shown in place of a form."""
        return self._marks[number]

    def open_from(self, data: bytes) -> int:
        """Where the longest end of `data` begins that further bytes could make a form."""
        for begin in range(max(0, len(data) - self._held_max), len(data)):
            if data[begin] in self._first_bytes:
                end = data[begin:]
                next_form = bisect_right(self._patterns, end)
                if next_form < len(self._patterns) and self._patterns[next_form].startswith(end):
                    return begin
        return len(data)


def _mark(name: str) -> bytes:
    """A mark that JSON, a terminal and a shell take as it is."""
    return f"[redacted:{_UNFIT.sub('_', name)}]".encode()


class Stream:
    """One text in pieces; an end that may be the begin of a value is held back."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.held = b""
        # How much of `held` a mark that was given already stands for; 0: a mark came just before.
        self._marked_to = -1

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes, and give what can be told by now."""
        slices = range(0, len(data), _SLICE_BYTES)
        return b"".join(self._told(data[at : at + _SLICE_BYTES]) for at in slices)

    def end(self) -> bytes:
        """Give the rest: nothing more comes."""
        return self._told(b"", is_last=True)

    def _told(self, data: bytes, *, is_last: bool = False) -> bytes:
        data = self.held + data
        limit = len(data) if is_last else self._redactor.open_from(data)
        told, marked_to = [], self._marked_to
        at = max(0, marked_to)
        for begin, minus_end, number in self._redactor.stretches(data):
            if begin >= limit:
                break
            if begin > marked_to:
                told += [data[at:begin], self._redactor.mark(number)]
            at = marked_to = max(marked_to, -minus_end)
        told.append(data[at:limit])
        self.held = data[limit:]
        self._marked_to = marked_to - limit if marked_to >= limit else -1
        return b"".join(told)
