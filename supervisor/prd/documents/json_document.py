"""A JSON text: its value, and the place of everything in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from .document import Edit, JsonPath, Place, Remark, UnreadableError, WrittenFloat
from .json_errors import (
    TOKEN,
    ConstantError,
    explained,
    explained_constant,
    explained_number,
    too_deep,
)
from .json_places import Child, after_blanks, children
from .lines import Lines

DEPTH_MAX = 200
REPEATED_MAX = 20


class JsonDocument:
    """A JSON text and its value. The places of its values are looked up when one is asked for."""

    def __init__(self, text: str) -> None:
        """Parse the text. Raises UnreadableError."""
        if not text.isascii():
            _require_whole_characters(text)
        self._text = text
        self._value, self._has_repeated = _parse(text)
        self._lines = Lines(text)
        self._start = after_blanks(text, 0)
        self._children: dict[JsonPath, Mapping[str | int, Child]] = {}

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def value(self) -> object:
        """What it says; a number with a point remembers how it was written."""
        return self._value

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """The members that stand in one object twice, of which the last one holds."""
        if not self._has_repeated:
            return ()
        found = []
        for first, again in _repeated(self._text):
            line = self._lines.place(first).line
            message = f"this name stands in the same object on line {line} already, and the last "
            message += "one of a name holds; remove one of them"
            place, excerpt = self._lines.place(again), self._lines.excerpt(again)
            found.append(Remark(place=place, message=message, excerpt=excerpt))
        return tuple(found)

    def place(self, where: JsonPath) -> Place:
        """The place of the value at `where`; of its nearest parent if it is not there."""
        start = self._start
        for depth, key in enumerate(where):
            found = self._inside(where[:depth], start).get(key)
            if found is None:
                break
            start = found.start
        return self._lines.place(start)

    def put(self, where: JsonPath, *, value: bool | str) -> Edit | None:
        """Replace the value at `where`, or add it as the last member of its parent."""
        start = self._start
        for depth, key in enumerate(where[:-1]):
            found = self._inside(where[:depth], start).get(key)
            if found is None:
                return None
            start = found.start
        written = json.dumps(value)
        found = self._inside(where[:-1], start).get(where[-1])
        if found is not None:
            return Edit(start=found.start, end=found.end, text=written)
        return self._added(start, f"{json.dumps(where[-1])}", written)

    def _added(self, start: int, name: str, written: str) -> Edit | None:
        if self._text[start] != "{":
            return None
        members = children(self._text, start)
        if not members:
            return Edit(start=start + 1, end=start + 1, text=f"{name}: {written}")
        last = members[-1]
        lead = self._text[last.lead : last.name]
        colon = self._text[last.name_end : last.start]
        colon = ": " if "\n" in colon else colon
        return Edit(start=last.end, end=last.end, text=f",{lead}{name}{colon}{written}")

    def _inside(self, where: JsonPath, start: int) -> Mapping[str | int, Child]:
        # Kept for each container, or the defects of a long list would take quadratic time.
        if where not in self._children:
            # As in json: of two members of one name the last one holds.
            self._children[where] = {each.key: each for each in children(self._text, start)}
        return self._children[where]


def _require_whole_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UnreadableError("the text is not UTF-8; save it as UTF-8") from error


def _parse(text: str) -> tuple[object, bool]:
    """What the text says, and whether an object in it has two members of one name."""
    has_repeated = False

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal has_repeated
        made = dict(pairs)
        has_repeated = has_repeated or len(made) < len(pairs)
        return made

    try:
        value = json.loads(
            text,
            object_pairs_hook=members,
            parse_float=WrittenFloat,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise explained(text, error) from error
    except ConstantError as error:
        raise explained_constant(text, error.name) from error
    except RecursionError as error:
        raise too_deep(text, DEPTH_MAX) from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise explained_number(text) from error
    if _is_deeper(value, DEPTH_MAX):
        raise too_deep(text, DEPTH_MAX)
    return value, has_repeated


def _refuse_constant(name: str) -> object:
    raise ConstantError(name)


def _is_deeper(value: object, levels: int) -> bool:
    """Say whether containers are nested deeper than this, without recursion."""
    level = [value]
    for _ in range(levels + 1):
        level = [inner for each in level for inner in _containers(each)]
        if not level:
            return False
    return True


def _containers(value: object) -> Iterator[object]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (each for each in inner if isinstance(each, (dict, list)))


def _repeated(text: str) -> Iterator[tuple[int, int]]:
    """Where members stand again, each with the offset of the one before; at most REPEATED_MAX."""
    count = 0
    last = ""
    last_start = 0
    names: list[dict[str, int]] = []
    for token in TOKEN.finditer(text):
        match token[0]:
            case "{" | "[":
                names.append({})
            case "}" | "]":
                names.pop()
            case ":":
                name = json.loads(last)
                if name in names[-1]:
                    count += 1
                    yield names[-1][name], last_start
                    if count == REPEATED_MAX:
                        return
                names[-1][name] = last_start
            case text_token:
                last, last_start = text_token, token.start()
