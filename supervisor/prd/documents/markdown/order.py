"""The chapter `Execution Order`: its phases, and who waits for whom in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ..document import PHASE, Place, Remark
from .blocks import Block, Kind, Lines, place, without_box
from .labels import folded, labels, plain
from .references import Names
from .story import Story, add_dependencies

_PHASE = re.compile(
    r"(?:phase|fase|etapa|stage|step|wave|batch|group|grupo|"
    r"(?:sequential|parallel|single|all|simultaneous)\b)"
)
_SEQUENTIAL = re.compile(r"\b(?:sequential|sequentially|sequencial|secuencial)\b")
_PARALLEL = re.compile(r"\b(?:parallel|paralelo|paralela|simultaneous|concurrent|independent)\b")
_DEPENDS = re.compile(
    r"\b(?:depends?\s+(?:up)?on|depende\s+de|requires|blocked\s+by|waits?\s+for|after)\b[:\s]*",
    re.IGNORECASE,
)
_AGENT = re.compile(r"\(\s*(?:agent|agente)\s*[:\uff1a]\s*([^()]{1,100})\)", re.IGNORECASE)
_ARROW = re.compile(r"\s{0,9}(?:→|->|=>|⇒)\s{0,9}")
_BEFORE_REMARK = re.compile(r"\s[-\u2013\u2014]\s|[:\uff1a]\s|\(|⚡")


class _Phase(Struct):
    """Stories that run in one phase. Without a number it only notes dependencies."""

    number: int | None
    is_sequential: bool | None  # None: as its list is written
    last: tuple[str, ...] = ()


class _Line(Struct, frozen=True, kw_only=True):
    """One line of an order: the block's text, and where it stands."""

    text: str
    place: Place
    is_ordered: bool
    is_item: bool


def apply_order(
    blocks: Sequence[Block], lines: Lines, stories: Sequence[Story], names: Names
) -> list[Remark]:
    """Give the stories their phases and dependencies; tell what the order leaves open."""
    order = _Order(stories, names)
    phase = _Phase(None, is_sequential=None)
    count, has_titles = 0, False
    for block in blocks[1:]:
        title = _phase_title(block)
        if title is not None:
            has_titles = True
            is_phase = _PHASE.match(folded(title)) is not None
            count += is_phase
            phase = _Phase(count if is_phase else None, is_sequential=_is_sequential(title))
            continue
        for line in _lines(block, lines):
            if phase.number is None and not has_titles and line.is_item:  # one list, no phases
                phase = _Phase(1, is_sequential=None)
            order.take(line, phase)
    return order.remarks(blocks[0])


class _Order:
    """What the lines of an order have said so far."""

    def __init__(self, stories: Sequence[Story], names: Names) -> None:
        self._names = names
        self._stories: dict[str, Story] = {}
        for story in stories:
            self._stories.setdefault(story.story_id, story)
        self._remarks: list[Remark] = []

    def take(self, line: _Line, phase: _Phase) -> None:
        """Read one line: the stories that it names, their agent, and what they wait for."""
        bare = plain(line.text)
        depends = _DEPENDS.search(bare)
        head = bare[: depends.start()] if depends else bare
        found = self._named(head)
        if not found:
            if line.is_item and phase.number is not None:
                message = f"{bare[:60]!r} names no story of this PRD; name one by its id"
                self._remarks.append(Remark(place=line.place, message=message))
            return
        written = self._names.references(_target(bare[depends.end() :])).names if depends else ()
        agent = _AGENT.search(bare)
        before = phase.last
        for group in found:
            for story_id in group:
                self._place(story_id, line, phase, (*written, *before))
                if agent is not None:
                    self._agent(story_id, agent.group(1).strip(), line)
            before = tuple(group)  # what follows an arrow waits for what stands before it
        is_sequential = phase.is_sequential
        if line.is_ordered if is_sequential is None else is_sequential:
            phase.last = before

    def remarks(self, heading: Block) -> list[Remark]:
        """What is amiss: lines without a story, stories without a line."""
        if any(PHASE in story.members for story in self._stories.values()):
            for story in self._stories.values():
                if PHASE not in story.members:
                    shown = story.story_id or str(story.members.get("title", ""))
                    message = f"{shown[:60]!r} does not stand in the execution order"
                    message += f" (line {heading.line + 1}); it waits for no phase, name it there"
                    self._remarks.append(Remark(place=story.place, message=message))
        return self._remarks

    def _named(self, head: str) -> list[list[str]]:
        """The stories that a line begins with; one group after the other where arrows are."""
        cut = _BEFORE_REMARK.split(head, maxsplit=1)[0] if not _ARROW.search(head) else head
        groups = [self._ids(part) for part in _ARROW.split(cut)]
        known = [[each for each in group if each in self._stories] for group in groups]
        return [group for group in known if group]

    def _ids(self, text: str) -> list[str]:
        return list(self._names.references(text).names)

    def _place(self, story_id: str, line: _Line, phase: _Phase, needed: Sequence[str]) -> None:
        story = self._stories[story_id]
        if phase.number is not None:
            if PHASE in story.members:
                message = f"{story_id!r} stands in the execution order twice; the first one counts"
                self._remarks.append(Remark(place=line.place, message=message))
                return
            story.put(PHASE, phase.number, line.place)
        waits = {each: line.place for each in needed if each != story_id}
        if waits:
            add_dependencies(story, waits)

    def _agent(self, story_id: str, agent: str, line: _Line) -> None:
        story = self._stories[story_id]
        if agent and "agent" not in story.members:
            story.put("agent", agent, line.place)


def _phase_title(block: Block) -> str | None:
    """The title of a phase, as a heading or as a bold line; None if it is none."""
    if block.kind is Kind.HEADING:
        return block.first
    if block.kind is Kind.TEXT and not block.depth and block.first.startswith("**"):
        return block.first if _PHASE.match(folded(block.first)) else None
    return None


def _is_sequential(title: str) -> bool | None:
    words = folded(title)
    if _SEQUENTIAL.search(words):
        return True
    return False if _PARALLEL.search(words) else None


def _lines(block: Block, lines: Lines) -> Iterator[_Line]:
    if block.kind is not Kind.TEXT or (block.depth and not block.starts_item) or block.depth > 1:
        return
    for at, text in enumerate(block.texts[:1] if block.depth else block.texts):
        bare = without_box(text)
        label = labels(bare)
        if not block.depth:  # a sentence is none, `**Stories:** 1, 2` is one
            if not label or folded(bare[: label[0].start]) not in {"stories", "story", "tasks"}:
                continue
            bare = bare[label[0].start :]
        yield _Line(
            text=bare,
            place=place(block.line + at, lines.column(block.line + at, bare)),
            is_ordered=block.is_ordered,
            is_item=block.depth > 0,
        )


def _target(text: str) -> str:
    """What follows `depends on`, without the remark behind it."""
    return re.split(r"\s[-\u2013\u2014]\s|[.;](?:\s|$)|[(]", text.strip(" ()"), maxsplit=1)[
        0
    ].strip(" )")
