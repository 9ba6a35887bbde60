"""What a glob consists of, however it was written: its readings, and the names in each."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from .char_sets import ANY_CHAR, Chars, one_char


class Segment(Struct, frozen=True, kw_only=True):
    """One name of a path: literally, or what it may be, character by character.

    A None among the tokens is any number of characters. `[id]` may be a class of characters or a
    name with brackets, as web frameworks have them: it is taken for both.
    """

    literal: str = ""
    tokens: tuple[tuple[Chars | None, ...], ...] = ()

    @property
    def variants(self) -> tuple[tuple[Chars | None, ...], ...]:
        """Its tokens; of a literal name, its characters."""
        return self.tokens or _literally(self.literal)

    @property
    def cost(self) -> int:
        """How much there is to compare."""
        return 1 + sum(map(len, self.tokens))


class Way(Struct, frozen=True, kw_only=True):
    """One reading of a glob, without braces; a None among the parts is any number of names."""

    parts: tuple[Segment | None, ...]
    prefix: tuple[str, ...]  # the names that it begins with literally
    cost: int

    @property
    def last_name(self) -> str:
        """The name that every path of it ends with; empty where there are several."""
        last = self.parts[-1]
        return "" if last is None else last.literal

    @property
    def last_head(self) -> str:
        """The character that the last name of every path begins with; empty if any may."""
        last = self.parts[-1]
        heads = {tokens[0] if tokens else None for tokens in last.variants} if last else {None}
        head = heads.pop()
        is_known = not heads and head is not None and head[0][0] == head[-1][1]
        return chr(head[0][0]) if is_known and head is not None else ""

    @property
    def is_tree(self) -> bool:
        """Say whether it is everything below its prefix."""
        return self.parts[len(self.prefix) :] in {(None,), (ANY_NAME, None)}

    @property
    def is_deep(self) -> bool:
        """Say whether any number of names may follow its prefix, and then some other."""
        rest = self.parts[len(self.prefix) :]
        return len(rest) > 1 and rest[0] is None


@lru_cache(maxsize=10_000)
def _literally(name: str) -> tuple[tuple[Chars | None, ...]]:
    return (tuple(map(one_char, name)),)


Glob = tuple[Way, ...]
ANY_NAME = Segment(tokens=((ANY_CHAR, None),))
