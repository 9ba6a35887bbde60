"""Reading a section: block by block, with the label in mind whose value is being read."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from .blocks import Block, Kind, Lines, without_box
from .labels import key_of, labels
from .section import CRITERIA, SHORT_KEYS, Section, Value, keys_in


def read_section(
    blocks: Sequence[Block], lines: Lines, *, keys: frozenset[str], boxes_count: bool = True
) -> Section:
    """Read the blocks of a section, its own heading or first line left out.

    Boxes are the criteria where no label says what is (`boxes_count`).
    """
    has_criteria = any(key == CRITERIA for block in blocks for key in keys_in(block, keys))
    reader = _Reader(lines, keys=keys, boxes_count=boxes_count and not has_criteria)
    for block in blocks:
        reader.read(block)
    return reader.section()


class _Reader:
    """Goes through the blocks of a section; `key` is the label whose value is being read."""

    def __init__(self, lines: Lines, *, keys: frozenset[str], boxes_count: bool) -> None:
        self._lines = lines
        self._keys = keys
        self._boxes_count = boxes_count
        self._section = Section()
        self._prose: list[tuple[int, int, list[str]]] = []
        self._key = ""
        self._depth = 0  # of the list in which the label stands
        self._level = 0  # of the heading that is the label; 0: it is none
        self._item_depth = 0  # of the items of the label's own list
        self._is_of_boxes = False  # no label: boxes alone are the criteria

    def section(self) -> Section:
        """What was read."""
        parts: list[str] = []
        last_end = None
        for line, end, texts in self._prose:
            parts.append("" if last_end is None else "\n" if line == last_end else "\n\n")
            parts.append("\n".join(texts))
            last_end = end
        self._section.prose = textwrap.dedent("".join(parts)).strip()
        return self._section

    def read(self, block: Block) -> None:
        """Take up one block."""
        if block.box:
            self._section.boxes.append(block.box)
        match block.kind:
            case Kind.HEADING:
                self._heading(block)
            case Kind.TEXT if block.depth == 0:
                self._paragraph(block)
            case Kind.TEXT:
                self._item(block)
            case Kind.CODE | Kind.QUOTE | Kind.HTML:
                self._raw(block)
            case Kind.RULE:
                self._close()
            case Kind.COMMENT:
                pass

    def _heading(self, block: Block) -> None:
        key = key_of(block.first)
        if key in self._keys:
            self._open(key, level=block.level)
        elif self._key and 0 < self._level < block.level:
            pass  # it divides the label's list
        else:
            self._close()
            self._keep(block.line, block.end)

    def _paragraph(self, block: Block) -> None:
        if self._key == CRITERIA and len(block.texts) == 1 and _divides(block.first):
            return
        if self._values() and self._level == 0:
            self._close()
        for at, text in enumerate(block.texts):
            line = block.line + at
            found = labels(text)
            if found:
                self._labelled(line, text)
            elif self._key and not (self._key in SHORT_KEYS and self._values()):
                self._add(text, line, self._lines.column(line, text), joins=at > 0)
            else:
                self._close()
                self._keep(line, line + 1)

    def _labelled(self, line: int, text: str) -> None:
        start = self._lines.column(line, text)
        for label in labels(text):
            if label.key not in self._keys:
                self._close()
                self._keep(line, line + 1)
                return
            self._open(label.key)
            self._add(text[label.start : label.end], line, start + label.start)

    def _item(self, block: Block) -> None:
        if self._is_over(block):
            self._close()
        if block.starts_item and self._key != CRITERIA and self._labelled_item(block):
            return
        if not self._key and block.box and self._boxes_count:
            self._open(CRITERIA)
            self._is_of_boxes = True
        if self._key:
            self._listed(block)
        else:
            self._keep(block.line, block.end)

    def _is_over(self, block: Block) -> bool:
        """Say whether the label's value ends before this item."""
        if self._key in SHORT_KEYS and self._values():
            return True
        if not block.starts_item:
            return False
        # A box is a criterion, unless the label's own list is made of boxes.
        is_box = bool(block.box) and self._key != CRITERIA and not self._item_depth
        if is_box and self._values():
            return True
        is_beside_label = 0 < block.depth <= self._depth
        is_note = self._is_of_boxes and not block.box and block.depth <= self._item_depth
        return is_beside_label or is_note

    def _labelled_item(self, block: Block) -> bool:
        text = without_box(block.first)
        label = next(iter(labels(text)), None)
        if label is None or label.key not in self._keys:
            return False
        self._open(label.key, depth=block.depth)
        self._item_depth = block.depth + 1
        start = self._lines.column(block.line, text) + label.start
        self._add(text[label.start :], block.line, start)
        for at, more in enumerate(block.texts[1:], 1):
            self._add(more, block.line + at, 0, joins=True)
        return True

    def _listed(self, block: Block) -> None:
        texts = (without_box(block.first), *block.texts[1:])
        for at, text in enumerate(texts):
            line = block.line + at
            column = self._lines.column(line, text)
            if block.starts_item and at == 0 and self._is_new_value(block):
                self._item_depth = self._item_depth or block.depth
                self._add(text, line, column)
            elif block.starts_item and at == 0:
                self._join(text, line, column)
            else:
                self._add(text, line, column, joins=True)

    def _is_new_value(self, block: Block) -> bool:
        return self._key != CRITERIA or not self._item_depth or block.depth <= self._item_depth

    def _join(self, text: str, line: int, column: int) -> None:
        """A nested item is part of the criterion above it."""
        values = self._values()
        if not values:
            self._add(text, line, column)
            return
        parts = values[-1].parts
        parts.append(f" {text}" if parts[-1].endswith(":") else f"; {text}")

    def _raw(self, block: Block) -> None:
        if self._key == "verify" and block.kind is Kind.CODE:
            self._commands(block)
        elif self._key == CRITERIA and block.depth and self._values():
            code = textwrap.dedent("\n".join(self._lines.between(block.line, block.end)))
            self._values()[-1].parts.append(f"\n{code}")
        else:
            if not block.depth:
                self._close()
            self._keep(block.line, block.end)

    def _commands(self, block: Block) -> None:
        """Every line of a block of code is a command, remarks excepted."""
        for line in range(block.line, block.end):
            text = self._lines[line].strip()
            if text and not text.startswith(("#", "```", "~~~")):
                self._add(text.removeprefix("$ "), line, self._lines.column(line, text))
                self._values()[-1].is_code = True

    def _open(self, key: str, *, depth: int = 0, level: int = 0) -> None:
        self._close()
        if key != "description":  # that is the prose itself
            self._key, self._depth, self._level = key, depth, level
            self._section.values.setdefault(key, [])

    def _close(self) -> None:
        self._key, self._depth, self._level, self._item_depth = "", 0, 0, 0
        self._is_of_boxes = False

    def _values(self) -> list[Value]:
        return self._section.values.get(self._key, [])

    def _add(self, text: str, line: int, column: int, *, joins: bool = False) -> None:
        bare = text.strip()
        if not bare:
            return
        if not self._key:
            self._prose.append((line, line + 1, [bare]))
            return
        values = self._section.values[self._key]
        if joins and values:
            values[-1].parts.append(f" {bare}")
            return
        start = column + len(text) - len(text.lstrip())
        values.append(Value(parts=[bare], line=line, column=start, end=start + len(bare)))

    def _keep(self, line: int, end: int) -> None:
        self._prose.append((line, end, self._lines.between(line, end)))


def _divides(text: str) -> bool:
    """Say whether a line only divides a list: `Backend:` or *Backend:*, but not a bold label."""
    return text.strip("*_").rstrip().endswith(":") and not text.startswith(("**", "__"))
