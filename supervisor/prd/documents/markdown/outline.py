"""The outline of a Markdown text: its headings, their sections, and which of them are stories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from .blocks import Block, Kind, Lines, without_box
from .candidates import Candidate, is_below, is_part, stories
from .headings import Named, Shape, named
from .labels import folded, key_of, plain
from .section import signs

_ORDERS = {"execution order", "execution plan", "story execution order", "ordem de execucao",
           "plano de execucao", "orden de ejecucion", "plan de ejecucion"}  # fmt: skip
# Headings that only say that stories follow.
_GENERAL = {"user stories", "stories", "tasks", "task list", "backlog", "features", "requirements",
            "fix stories", "user stories and acceptance criteria", "historias", "tarefas",
            "tareas", "historias de usuario", "historias de usuarios",
            "historias do usuario"}  # fmt: skip
_DIVISION = re.compile(
    r"(?:phase|part|epic|milestone|sprint|stage|wave|group|fase|parte|etapa|epico|epica)\b"
)
_HEADING_IN_CODE = re.compile(r"\s{0,12}#{1,6}\s{1,9}(\S.*)")


class Chapter(Struct, frozen=True, kw_only=True):
    """A heading that is a story, with the blocks below it: from `first` to `end`, exclusive."""

    block: int
    first: int
    end: int
    named: Named
    group: str


class Outline:
    """The headings of a text, and what of it they divide."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.headings = [at for at, block in enumerate(blocks) if block.kind is Kind.HEADING]
        self._ends = _ends(blocks, self.headings)
        self.orders = [
            (at, self._ends[at])
            for at in self.headings
            if folded(unnumbered(blocks[at].first)) in _ORDERS
        ]
        self.hidden: list[tuple[Candidate, Candidate]] = []  # what could be a story, and in which
        self.chapters = list(self._chapters())

    def end(self, heading: int) -> int:
        """Where the section of a heading ends."""
        return self._ends[heading]

    def groups(self) -> dict[int, str]:
        """The heading that stories below it share, by the headings that change it."""
        found: dict[int, str] = {}
        top = next((at for at in self.headings if self.blocks[at].level == 1), None)
        for at in self.headings:
            if at != top:
                name = plain(self.blocks[at].first)
                found[at] = "" if folded(unnumbered(name)) in _GENERAL else name
        return found

    def _chapters(self) -> Iterator[Chapter]:
        candidates = list(self._candidates())
        kept = stories(candidates)
        self.hidden = list(_hidden(candidates, kept))
        groups = self.groups()
        is_story = {each.block for each in kept}
        at_heading = 0
        open_groups: list[tuple[int, str]] = []
        for number, story in enumerate(kept):
            while at_heading < len(self.headings) and self.headings[at_heading] < story.block:
                at = self.headings[at_heading]
                level = self.blocks[at].level
                if at not in is_story and at in groups:
                    open_groups = [each for each in open_groups if each[0] < level]
                    open_groups.append((level, groups[at]))
                at_heading += 1
            following = kept[number + 1].block if number + 1 < len(kept) else len(self.blocks)
            yield Chapter(
                block=story.block,
                first=story.block + 1,
                end=min(story.end, following),
                named=story.named,
                group=_group(open_groups, story.level),
            )

    def _candidates(self) -> Iterator[Candidate]:
        possible: list[tuple[int, Named]] = []
        for at in self.headings:
            if any(start <= at < end for start, end in self.orders[:3]):
                continue
            found = named(self.blocks[at].first)
            is_chapter = found is not None and found.shape is Shape.NUMBERED
            if found is not None and not (is_chapter and is_general(found.title)):
                possible.append((at, found))
        for number, (at, found) in enumerate(possible):
            end = self._ends[at]
            following = possible[number + 1][0] if number + 1 < len(possible) else end
            seen = signs(self.blocks[at + 1 : min(end, following)])
            yield Candidate(
                block=at,
                end=end,
                level=self.blocks[at].level,
                named=found,
                signs=frozenset(seen),
            )


def _hidden(
    candidates: Sequence[Candidate], kept: Sequence[Candidate]
) -> Iterator[tuple[Candidate, Candidate]]:
    """Headings that look like stories of their own, and are read as parts of one."""
    is_kept = {each.block for each in kept}
    at = -1
    for each in candidates:
        if each.block in is_kept:
            at += 1
        elif at >= 0 and _could_be_one(each, kept[at]):
            yield each, kept[at]


def _could_be_one(candidate: Candidate, story: Candidate) -> bool:
    is_sure = candidate.named.shape in {Shape.CODED, Shape.COUNTED} and candidate.has_signs
    return is_sure and is_part(candidate, story) and not is_below(candidate, story)


def example_in_code(blocks: Sequence[Block], lines: Lines) -> int | None:
    """The line of the first story that stands in a block of code; it is an example there."""
    for block in blocks:
        if block.kind is Kind.CODE:
            for line in range(block.line, block.end):
                found = _HEADING_IN_CODE.match(lines[line])
                name = named(found.group(1)) if found else None
                if name is not None and name.shape in {Shape.CODED, Shape.COUNTED}:
                    return line
    return None


def is_general(text: str) -> bool:
    """Say whether a heading is a label or only says that stories follow."""
    name = unnumbered(without_box(text))
    return folded(name) in _GENERAL or bool(key_of(name))


def unnumbered(text: str) -> str:
    """A heading's words without the number of its chapter."""
    return re.sub(r"^\s*\d{1,4}(?:\.\d{1,4}){0,4}[.)]?\s+", "", plain(text))


def _group(open_groups: Sequence[tuple[int, str]], level: int) -> str:
    for at, name in reversed(open_groups):
        if at < level or _DIVISION.match(folded(name)):
            return name
    return ""


def _ends(blocks: Sequence[Block], headings: Sequence[int]) -> dict[int, int]:
    """Where each heading's section ends: at the next one of its level or above."""
    ends: dict[int, int] = {}
    pending: list[int] = []
    for at in headings:
        while pending and blocks[pending[-1]].level >= blocks[at].level:
            ends[pending.pop()] = at
        pending.append(at)
    ends.update(dict.fromkeys(pending, len(blocks)))
    return ends
