"""The stories of a Markdown text, read from their headings or boxes."""

from __future__ import annotations

from collections.abc import Sequence

from .blocks import Block, Lines, place
from .checklist import Box
from .headings import Named, is_struck
from .labels import plain
from .outline import Chapter, is_general
from .reading import read_section
from .section import STORY_KEYS, Section
from .story import Mark, Story, fill

TITLE_MAX = 200  # what is longer is told as the description, too


def read_chapter(chapter: Chapter, blocks: Sequence[Block], lines: Lines) -> Story:
    """A story under a heading of its own."""
    heading = blocks[chapter.block]
    section = read_section(blocks[chapter.first : chapter.end], lines, keys=STORY_KEYS)
    story = _story(heading, chapter.named, section, lines)
    if chapter.group:
        story.put("group", chapter.group, story.place)
    return story


def read_box(box: Box, blocks: Sequence[Block], lines: Lines) -> Story:
    """A story that is one box of a list."""
    section = read_section(blocks[box.block + 1 : box.end], lines, keys=STORY_KEYS)
    title = box.named.title
    if len(title) > TITLE_MAX:
        section.prose = f"{title}\n\n{section.prose}".strip()
    story = _story(blocks[box.block], box.named, section, lines)
    if box.heading is not None:
        heading = blocks[box.heading]
        if heading.level > 1 and not is_general(heading.first):
            story.put("group", plain(heading.first), story.place)
    return story


def _story(block: Block, name: Named, section: Section, lines: Lines) -> Story:
    column = lines.column(block.line, block.first)
    story = Story(place=place(block.line, column), section=section)
    for key, said in (("id", name.story_id), ("title", name.title)):
        value = None if said else section.first_of(key)
        if said:
            story.put(key, said, story.place)
        elif value is not None and plain(value.text):
            story.put(key, plain(value.text), value.place)
    if "title" not in story.members:
        story.put("title", plain(block.first), story.place)
    fill(story, lines.offset)
    _done(story, block, lines.offset(block.line, column))
    return story


def _done(story: Story, block: Block, start: int) -> None:
    """A box of its own decides, else its status, else whether all boxes below it are ticked."""
    ticked = [box in "xX" for box in story.section.boxes]
    is_done = block.box in {"x", "X"} if block.box else bool(ticked) and all(ticked)
    if block.box or "status" not in story.members:
        story.put("passes", is_done, story.place)
    if (
        not is_done
        and "status" not in story.members
        and (block.box == "-" or is_struck(block.first))
    ):
        story.put("status", "cancelled", story.place)
    story.marks["passes"] = (
        Mark(start=start + 1, end=start + 2, text="x")
        if block.box
        else Mark(start=start, end=start, text="[x] ")
    )
