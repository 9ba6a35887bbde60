"""What a YAML text is made of: values in the types of JSON, and where each of them stands."""

from __future__ import annotations

import re

from msgspec import Struct

from ....policies.values import replace
from .document import WrittenFloat

# Only what JSON has as well is more than a text: `no`, `1:30`, `010` and `2024-01-01` are ids and
# words that people wrote, whatever YAML 1.1 makes of them.
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,40})?(?:[eE][-+]?[0-9]{1,4})?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Node(Struct, eq=False, kw_only=True):
    """One value, and its text from `start` to `end` (exclusive).

    `style` is the quote, `|` or `>` of a scalar, and the bracket of a container in flow style; else
    it is empty. `inside` has the members or items; `first` is where the first name of a mapping
    begins, `name` where a member's own name does.
    """

    start: int
    end: int
    value: object
    style: str = ""
    weight: int = 1  # the characters that it stands for, aliases followed
    inside: dict[str, Node] | list[Node] | None = None
    first: int = -1
    name: int = -1
    is_alias: bool = False  # another name of a value that stands elsewhere
    is_merged: bool = False  # stands in another mapping, and is here by a merge key

    def child(self, key: str | int) -> Node | None:
        """The member or item of that key."""
        if isinstance(self.inside, dict):
            return self.inside.get(key) if isinstance(key, str) else None
        if isinstance(self.inside, list) and isinstance(key, int) and key < len(self.inside):
            return self.inside[key]
        return None

    def alias(self, start: int, end: int) -> Node:
        """The same value under another name."""
        return replace(self, start=start, end=end, is_alias=True, is_merged=False, name=-1)


def scalar(text: str) -> object:
    """What a scalar without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return WrittenFloat(text) if _FLOAT.fullmatch(text) else text
