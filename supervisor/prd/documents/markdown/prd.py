"""A PRD in Markdown: its stories, whatever they are written as, and what it says as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from ...defect import quoted
from ..document import STORIES, JsonPath, Place, Remark
from .blocks import Block, Kind, Lines, place
from .checklist import boxes
from .front import Front
from .labels import folded, key_of, leading, plain
from .order import apply_order
from .outline import Outline, example_in_code, unnumbered
from .reading import read_section
from .references import Names
from .section import PRD_KEYS, Value
from .stories import read_box, read_chapter
from .story import Mark, Story, commands, depend

IN_CODE = (
    "stories stand in a block of code only, as an example; take the lines with ``` away if they "
    "are meant"
)
_OVERVIEW = {
    *("overview", "introduction", "summary", "executive summary", "background", "purpose"),
    *("introduction overview", "feature overview", "problem statement", "context", "vision"),
    *("visao geral", "introducao", "resumo", "contexto", "objetivo"),
    *("vision general", "introduccion", "resumen", "descripcion general"),
}
_TITLE_LEAD = re.compile(
    r"(?:prd|product requirements?(?: documents?)?)\s*[:\uff1a\u2013\u2014-]\s*(?=\S)",
    re.IGNORECASE,
)


class Prd(Struct, kw_only=True):
    """What a text says, as an object, and where it says it.

    A plain list is one of boxes alone: somebody's notes as well as a PRD.
    """

    members: dict[str, object] = field(default_factory=dict)
    places: dict[JsonPath, Place] = field(default_factory=dict)
    marks: list[dict[str, Mark]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    is_plain_list: bool = False

    def put(self, key: str, value: object, place: Place, *items: Place) -> None:
        """Say something of it that stands at a place, the items of a list at theirs."""
        self.members[key] = value
        self.places[(key,)] = place
        self.places.update({(key, at): item for at, item in enumerate(items)})


def read_prd(blocks: Sequence[Block], lines: Lines, front: Front) -> Prd:
    """Read a text's blocks; without stories there is no list of them."""
    prd = Prd()
    outline = Outline(blocks)
    stories = [read_chapter(each, blocks, lines) for each in outline.chapters]
    first = outline.chapters[0].block if stories else len(blocks)
    if not stories:
        line = example_in_code(blocks, lines)
        if line is not None:
            prd.remarks.append(Remark(place=place(line, 0), message=IN_CODE, is_error=True))
            return prd
        listed = boxes(blocks)
        first = listed[0].block if listed else first
        stories = [read_box(each, blocks, lines) for each in listed]
        prd.is_plain_list = bool(stories)
    if not stories:
        return prd
    names = Names(story.story_id for story in stories)
    for story in stories:
        depend(story, names)
    for start, end in outline.orders:
        prd.remarks.extend(apply_order(blocks[start:end], lines, stories, names))
    prd.remarks.extend(_hidden(outline))
    _describe(prd, outline, lines, first=first)
    prd.remarks.extend(front.remarks)
    for key, value in front.members.items():
        prd.put(key, value, front.places[key])
    _list(prd, stories)
    return prd


def _hidden(outline: Outline) -> Iterator[Remark]:
    for part, story in outline.hidden:
        block = outline.blocks[part.block]
        name, whole = quoted(part.named.story_id), quoted(story.named.story_id)
        message = f"{name} is read as a part of the story {whole}, for its heading is deeper; "
        message += f"write it with {story.level} # if it is a story of its own"
        yield Remark(place=place(block.line, 0), message=message)


def _describe(prd: Prd, outline: Outline, lines: Lines, *, first: int) -> None:
    """Say what stands before the first story, which is the block `first`."""
    blocks = outline.blocks
    orders = {at for start, end in outline.orders for at in range(start, end)}
    head = [block for at, block in enumerate(blocks[:first]) if at not in orders]
    section = read_section(head, lines, keys=PRD_KEYS, boxes_count=False)
    top = next((block for block in blocks if block.kind is Kind.HEADING and block.level == 1), None)
    if top is not None and plain(top.first):
        prd.put("title", _bare(plain(top.first)), place(top.line, 0))
    for key, name in (("prdId", "id"), ("project", "project"), ("branchName", "branchName")):
        value = section.first_of(key)
        if value is not None and leading(value.text):
            prd.put(name, leading(value.text), value.place)
    about = _about(head, lines)
    if about:
        prd.put("description", about, place(0, 0))
    gates = commands(section.all_of("verify")) or commands(_gates(outline, lines))
    if gates:
        places = [each for _, each in gates]
        prd.put("verify", [command for command, _ in gates], places[0], *places)


def _bare(title: str) -> str:
    """A title without the word that it is a PRD's."""
    found = _TITLE_LEAD.match(title)
    return title[found.end() :] if found else title


def _about(head: Sequence[Block], lines: Lines) -> str:
    """The chapter that introduces the PRD, else what stands below its title."""
    for wanted in (_is_overview, _is_title):
        for at, block in enumerate(head):
            if block.kind is Kind.HEADING and wanted(block):
                end = at + 1
                while end < len(head) and head[end].kind is not Kind.HEADING:
                    end += 1
                section = read_section(head[at + 1 : end], lines, keys=PRD_KEYS, boxes_count=False)
                if section.prose:
                    return section.prose
    return ""


def _is_overview(block: Block) -> bool:
    return folded(unnumbered(block.first)) in _OVERVIEW


def _is_title(block: Block) -> bool:
    return block.level == 1


def _gates(outline: Outline, lines: Lines) -> list[Value]:
    """What stands under a heading that speaks of verifying, outside of the stories."""
    found: list[Value] = []
    inside = {chapter.block: chapter.end for chapter in outline.chapters}
    until = 0
    for at in outline.headings:
        until = max(until, inside.get(at, 0))
        block = outline.blocks[at]
        if at >= until and key_of(unnumbered(block.first)) == "verify":
            blocks = outline.blocks[at : outline.end(at)]
            found += read_section(blocks, lines, keys=PRD_KEYS, boxes_count=False).all_of("verify")
    return found


def _list(prd: Prd, stories: Sequence[Story]) -> None:
    prd.put(STORIES, [story.members for story in stories], stories[0].place)
    for at, story in enumerate(stories):
        where = (STORIES, at)
        prd.places[where] = story.place
        prd.places.update({(*where, *key): found for key, found in story.places.items()})
        prd.marks.append(story.marks)
        prd.remarks.extend(story.remarks)
