"""What a name in a dependency means among the stories of one PRD."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from ....policies.nearest import nearest

NAME_MAX = 300  # longer ones name nothing
TEXT_MAX = 10_000

# Numbers with their points (`1.2`), and the words around them.
_TOKEN = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")
_STORY_WORDS = frozenset("story stories user task item feature step no nr number".split())
_BETWEEN = re.compile(r"[,;\n&+]|\band\b")
_REMARK = re.compile(r"\([^()]*\)")
_SIGNS = (": ", " - ", " \N{EN DASH} ", " \N{EM DASH} ")
_DECORATION = " \t\r`*_'\"[]."
_NOTHING = re.compile(
    r"(?:none|n/?a|nil|null|nothing|no dependenc(?:y|ies))(?![\w-]).*|no|[-\u2013\u2014\s]*",
    re.DOTALL,
)


class Called(Struct, frozen=True, kw_only=True):
    """The names of one story; `aliases` are those of its parts."""

    story_id: str
    title: str = ""
    aliases: tuple[str, ...] = ()
    has_own_id: bool = True


class References:
    """The stories of a PRD by all that they may be called. What could mean two means none."""

    __slots__ = (
        "_by_name",
        "_by_number",
        "_by_title",
        "_by_tokens",
        "_ids",
        "_positions",
        "_words",
    )

    def __init__(self, stories: Sequence[Called]) -> None:
        self._ids = dict.fromkeys(story.story_id for story in stories)
        self._by_name: dict[str, set[str]] = {}
        self._by_title: dict[str, set[str]] = {}
        self._by_tokens: dict[tuple[str, ...], set[str]] = {}
        self._by_number: dict[str, set[str]] = {}
        for story in stories:
            self._learn(story)
        self._words = {_words(story_id) for story_id in self._ids}
        # Stories without ids are counted by their readers, from 1.
        is_counted = not any(story.has_own_id for story in stories)
        self._positions = tuple(self._ids) if is_counted else ()

    def find(self, name: str) -> str | None:
        """The story that a name means, if it means exactly one."""
        if name in self._ids:
            return name
        if len(name) > NAME_MAX:
            return None
        bare = _REMARK.sub(" ", name).strip(_DECORATION)
        for text in (name, bare, self._without_explanation(bare)):
            found = self._by_name.get(text.casefold()) or self._by_title.get(text.casefold())
            if found is not None:
                return _only(found)
        # A path names a story of another PRD, however its number may look.
        return None if "/" in bare else self._by_its_number(bare)

    def split(self, text: str) -> tuple[str, ...]:
        """The single names in a text such as `US-1, US-2`; none in `none`."""
        text = text[:TEXT_MAX].strip()
        if not text or self.find(text) is not None:
            return (text,) if text else ()
        if _NOTHING.fullmatch(text.casefold()):
            return ()
        parts = (part.strip() for part in _BETWEEN.split(_REMARK.sub(" ", text)))
        return tuple(part for part in parts if part and not _NOTHING.fullmatch(part.casefold()))

    def may_mean_one(self, name: str) -> bool:
        """Say whether a name looks like the ids of this PRD, or like one of another PRD."""
        return "/" in name or _words(name) in self._words

    def near(self, name: str) -> str:
        """The id that was probably meant; empty if none is near."""
        return nearest(name, self._ids) if len(name) <= NAME_MAX else ""

    def _learn(self, story: Called) -> None:
        for name in (story.story_id, *story.aliases):
            self._by_name.setdefault(name.casefold(), set()).add(story.story_id)
        if story.title:
            self._by_title.setdefault(story.title.casefold(), set()).add(story.story_id)
        tokens = _tokens(story.story_id)
        numbers = [token for token in tokens if token[0].isdigit()]
        if story.has_own_id:
            self._by_tokens.setdefault(tokens, set()).add(story.story_id)
            if numbers:
                self._by_number.setdefault(numbers[-1], set()).add(story.story_id)

    def _without_explanation(self, name: str) -> str:
        """`US-1` of `US-1: The cart`; but `US-1 - US-4` are more than one story."""
        for sign in _SIGNS:
            head, found, tail = name.partition(sign)
            if found and tail.strip(_DECORATION).casefold() not in self._by_name:
                return head.strip(_DECORATION)
        return name

    def _by_its_number(self, name: str) -> str | None:
        tokens = _tokens(name)
        found = self._by_tokens.get(tokens)
        if found is not None:
            return _only(found)
        numbers = [token for token in tokens if token[0].isdigit()]
        if len(numbers) != 1 or not _STORY_WORDS.issuperset(set(tokens) - set(numbers)):
            return None
        if numbers[0].isdigit() and 0 < int(numbers[0]) <= len(self._positions):
            return self._positions[int(numbers[0]) - 1]
        return _only(self._by_number.get(numbers[0], ()))


def _words(name: str) -> tuple[str, ...]:
    return tuple(token for token in _tokens(name) if not token[0].isdigit())


def _tokens(name: str) -> tuple[str, ...]:
    return tuple(
        ".".join(part.lstrip("0") or "0" for part in token.split("."))
        if token[0].isdigit()
        else token
        for token in _TOKEN.findall(name.casefold())
    )


def _only(found: Iterable[str]) -> str | None:
    names = list(found)
    return names[0] if len(names) == 1 else None
