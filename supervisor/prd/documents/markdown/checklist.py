"""A list of boxes as a PRD: each outermost box is a story, what stands below it belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from .blocks import Block, Kind, without_box
from .headings import Named, Shape, bare_title, named

# `T001 [P] Title`: a list that another tool numbers.
_NUMBERED = re.compile(r"(?P<id>T\d{2,5})\s{1,9}(?=\S)")
_CODES = {Shape.CODED, Shape.COUNTED, Shape.OTHER_CODE}


class Box(Struct, frozen=True, kw_only=True):
    """A box that is a story: its block, and where what belongs to it ends."""

    block: int
    end: int
    named: Named
    heading: int | None  # the block of the heading above it


def boxes(blocks: Sequence[Block]) -> list[Box]:
    """The outermost boxes that say something, in their order."""
    return list(_boxes(blocks))


def _boxes(blocks: Sequence[Block]) -> Iterator[Box]:
    heading: int | None = None
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if block.kind is Kind.HEADING:
            heading = at
        if not _is_box(block):
            at += 1
            continue
        end = at + 1
        while end < len(blocks) and _belongs(blocks[end], block.depth):
            end += 1
        yield Box(block=at, end=end, named=_named(block), heading=heading)
        at = end


def _is_box(block: Block) -> bool:
    is_item = block.kind is Kind.TEXT and block.starts_item
    return is_item and bool(block.box) and bool(bare_title(block.first))


def _belongs(block: Block, depth: int) -> bool:
    return block.depth > depth or (block.depth == depth and not block.starts_item)


def _named(block: Block) -> Named:
    text = without_box(" ".join(block.texts))
    found = _NUMBERED.match(text)
    if found is not None:
        return Named(
            shape=Shape.OTHER_CODE, story_id=found.group("id"), title=text[found.end() :].strip()
        )
    name = named(text)
    if name is not None and name.shape in _CODES:
        return name
    return Named(shape=Shape.BOXED, story_id="", title=bare_title(text))
