"""The blocks of a Markdown text in their order, as CommonMark sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from .....policies.values import replace
from ..document import Place, UnreadableError

# The library makes some five objects of a line of a list: this many take seconds, not minutes.
LINES_MAX = 200_000
NESTING_MAX = 20

_NEWLINE = re.compile(r"\r\n|\n|\r")
_LABEL = re.compile(r"\*\*[^*\n]{1,60}(?::\*\*|\*\*\s?:)")
_BOX = re.compile(r"\[([ xX~/>!?-])\](?=\s|$)")


class Kind(Enum):
    """What a block is."""

    HEADING = auto()
    TEXT = auto()  # a paragraph, in a list or outside
    CODE = auto()
    QUOTE = auto()
    HTML = auto()
    COMMENT = auto()
    RULE = auto()


class Block(Struct, frozen=True, kw_only=True):
    """One block; `line` and `end` (exclusive) count from 0, `depth` is that of lists around it.

    `texts` are its lines without indentation: of a heading and of text only. `box` is what stands
    in the box that the block begins with, or empty.
    """

    kind: Kind
    line: int
    end: int
    depth: int = 0
    level: int = 0
    starts_item: bool = False
    is_ordered: bool = False
    texts: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """Its first line."""
        return self.texts[0] if self.texts else ""

    @property
    def box(self) -> str:
        """What stands in the box that the block begins with; empty if there is none."""
        found = _BOX.match(self.first)
        return found.group(1) if found else ""


class Lines:
    """The lines of a text as Markdown counts them, and where each of them begins."""

    __slots__ = ("_ends", "_starts", "_text")

    def __init__(self, text: str) -> None:
        """Find the lines. Raises UnreadableError."""
        found = [match.span() for match in _NEWLINE.finditer(text)]
        if len(found) >= LINES_MAX:
            raise UnreadableError(
                f"the Markdown has {len(found) + 1} lines; {LINES_MAX} are allowed at most"
            )
        self._text = text
        self._starts = [0, *(end for _, end in found)]
        self._ends = [*(start for start, _ in found), len(text)]

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, line: int) -> str:
        return self._text[self._starts[line] : self._ends[line]]

    def offset(self, line: int, column: int = 0) -> int:
        """The position in the text of a column of a line."""
        return self._starts[line] + column

    def between(self, start: int, end: int) -> list[str]:
        """Some lines, without what their ends have of white space."""
        return [self[line].rstrip() for line in range(start, min(end, len(self)))]

    def column(self, line: int, text: str, *, start: int = 0) -> int:
        """Where a text begins in a line; where the line's first word begins if it is not there."""
        found = self[line].find(text, start)
        return found if found >= 0 else len(self[line]) - len(self[line].lstrip())


def place(line: int, column: int) -> Place:
    """The place of a line and a column that count from 0."""
    return Place(line=line + 1, column=column + 1)


def without_box(text: str) -> str:
    """The text behind the box that it begins with."""
    return text[3:].lstrip() if _BOX.match(text) else text


def parse_blocks(text: str) -> list[Block]:
    """Parse a text into its blocks. What is nested deeper than any PRD is passed over."""
    lines = Lines(text)
    found = _blocks(_parser().parse(text))
    return [part for block in found for part in _without_label(block, lines)]


def _without_label(block: Block, lines: Lines) -> Iterator[Block]:
    """An item, and the label right below it, which is no more of the item's text.

    CommonMark joins an unindented line to the item before; people begin the next label there.
    """
    if block.kind is Kind.TEXT and block.depth:
        for at in range(1, len(block.texts)):
            line = block.line + at
            if _LABEL.match(lines[line]):
                yield replace(block, end=line, texts=block.texts[:at])
                yield Block(kind=Kind.TEXT, line=line, end=block.end, texts=block.texts[at:])
                return
    yield block


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": NESTING_MAX})
    # What stands in a line is none of its business: titles keep their own spelling.
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.block.ruler.disable("reference")
    return parser


class _Lists:
    """The lists around the block that comes next."""

    __slots__ = ("is_item_new", "is_ordered")

    def __init__(self) -> None:
        self.is_ordered: list[bool] = []
        self.is_item_new = False

    def see(self, token: Token) -> None:
        """Enter or leave a list or an item."""
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self.is_ordered.append(token.type == "ordered_list_open")
            case "bullet_list_close" | "ordered_list_close":
                self.is_ordered.pop()
            case "list_item_open":
                self.is_item_new = True
            case "list_item_close":
                self.is_item_new = False

    def block(self, kind: Kind, token: Token, *, level: int = 0, content: str = "") -> Block:
        """Make a block that stands here."""
        line, end = token.map or (0, 0)
        starts_item, self.is_item_new = self.is_item_new, False
        return Block(
            kind=kind,
            line=line,
            end=end,
            depth=len(self.is_ordered),
            level=level,
            starts_item=starts_item,
            is_ordered=bool(self.is_ordered) and self.is_ordered[-1],
            texts=tuple(each.strip() for each in content.split("\n")) if content else (),
        )


def _blocks(tokens: Iterable[Token]) -> Iterator[Block]:
    lists = _Lists()
    quotes = level = 0
    for token in tokens:
        if token.type == "blockquote_open":
            if not quotes:
                yield lists.block(Kind.QUOTE, token)
            quotes += 1
        elif token.type == "blockquote_close":
            quotes -= 1
        elif quotes:
            continue
        elif token.type == "heading_open":
            # A heading in a list is text of that list.
            level = 0 if lists.is_ordered else int(token.tag[1:])
        elif token.type == "inline":
            kind = Kind.HEADING if level else Kind.TEXT
            yield lists.block(kind, token, level=level, content=token.content)
            level = 0
        elif token.type in _OTHERS:
            yield lists.block(_OTHERS[token.type], token)
        elif token.type == "html_block":
            is_comment = token.content.lstrip().startswith("<!--")
            yield lists.block(Kind.COMMENT if is_comment else Kind.HTML, token)
        else:
            lists.see(token)


_OTHERS = {"fence": Kind.CODE, "code_block": Kind.CODE, "hr": Kind.RULE}
