"""The stories that a text names, such as `Story 1, Story #2` or `US-001 to US-004`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from .labels import folded, plain

# A dependency is a short text: what is longer is prose.
TEXT_MAX = 20_000

_NOTHING = {
    *("", "none", "nothing", "n a", "na", "no", "nil", "no dependencies"),
    *("nenhuma", "nenhum", "nada", "sem dependencias"),
    *("ninguna", "ninguno", "sin dependencias"),
}
_REMARK = re.compile(r"\([^()]{0,500}\)")
_PARTS = re.compile(r"[,;&+\n]|\s(?:and|e|y|und|et|plus)\s")
_RANGE = re.compile(
    r"\s*(?:\s(?:to|through|thru|until|a|até|hasta)\s|\.{2,3}|\s?[-\u2013\u2014]\s?)\s*"
)
_LEAD = re.compile(
    r"(?:(?:depends\s+on|depende\s+de|after|requires|blocked\s+by|needs|all\s+of)\s{1,9})?"
    r"(?:user\s{1,3})?"
    r"(?:stories|story|tasks|task|hist[óo]rias?|historias?|tarefas?|tareas?)?\s{0,3}[-#№]?\s{0,3}#?",
    re.IGNORECASE,
)
_WORD = re.compile(r"#?[^\W_][\w.\-/]{0,150}")
_STORY_WORD = re.compile(
    r"(?:stories|story|tasks?|hist[óo]rias?|tarefas?|tareas?)[\s#№-]{1,3}(?=\d)", re.IGNORECASE
)
_LIKE_AN_ID = re.compile(r"[A-Za-z0-9][\w.\-]*\d[\w.\-]*|\d+|[\w.\-]+/[\w.\-]+")


class References(Struct, frozen=True, kw_only=True):
    """The ids that a text names, and the parts of it that name none."""

    names: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


class Names:
    """The ids of the stories of one text, in their order."""

    __slots__ = ("_by_name", "_order", "_positions")

    def __init__(self, story_ids: Iterable[str]) -> None:
        self._order = [each for each in story_ids if each]
        self._positions = {each: at for at, each in reversed(list(enumerate(self._order)))}
        self._by_name: dict[str, str] = {}
        for each in self._order:
            for name in (each.casefold(), _loose(each)):
                self._by_name.setdefault(name, each)

    def find(self, name: str) -> str | None:
        """The id that is meant: `Story #3`, `story-3` and `3` are one."""
        found = self._by_name.get(name.casefold())
        return found if found is not None else self._by_name.get(_loose(name))

    def references(self, text: str) -> References:
        """What a dependency says."""
        bare = _REMARK.sub(" ", plain(text[:TEXT_MAX]))
        found: dict[str, None] = {}
        unclear: list[str] = []
        for at, part in enumerate(_PARTS.split(bare)):
            words = folded(part)
            if words in _NOTHING or words.split(" ", 1)[0] in {"none", "nenhuma", "ninguna"}:
                if at == 0 and words:
                    return References()  # `none - it can start at once`
                continue
            names = self._part(part.strip())
            found.update(dict.fromkeys(names))
            if not names:
                unclear.append(part.strip())
        return References(names=tuple(found), unclear=tuple(unclear))

    def _part(self, part: str) -> Sequence[str]:
        bare = part[_lead(part) :].strip(" .:")
        known = self.find(bare)
        if known is not None:
            return (known,)
        span = self._span(bare)
        if span:
            return span
        if _LIKE_AN_ID.fullmatch(bare):
            return (bare,)
        return self.mentioned(part)

    def mentioned(self, text: str) -> Sequence[str]:
        """The ids in a sentence: a bare number is one only behind `Story` or `#`."""
        found: dict[str, None] = {}
        joined = _STORY_WORD.sub("#", text)
        for word in _WORD.findall(joined):
            bare = word.strip("#.-/")
            known = self.find(bare) if not bare.isdigit() or word.startswith("#") else None
            if known is not None:
                found[known] = None
        return tuple(found)

    def _span(self, text: str) -> Sequence[str]:
        """The ids from one to another, in the order of the document."""
        for found in _RANGE.finditer(text[:200]):
            first = self.find(text[: found.start()])
            last = self.find(text[found.end() :][_lead(text[found.end() :]) :])
            if first is not None and last is not None:
                return self._order[self._positions[first] : self._positions[last] + 1]
        return ()


def _lead(text: str) -> int:
    found = _LEAD.match(text)
    return found.end() if found else 0


def _loose(name: str) -> str:
    bare = name.strip().lstrip("#").casefold()
    found = re.match(r"(?:user[ -])?(?:story|task)[-\s#]{0,3}(?=\d)", bare)
    return bare[found.end() :] if found else bare
