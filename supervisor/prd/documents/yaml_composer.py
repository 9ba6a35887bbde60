"""From a YAML text to its nodes, without recursion and within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import yaml
from msgspec import Struct

from ....policies.values import replace
from .document import UnreadableError
from .lines import unreadable
from .yaml_errors import explained
from .yaml_nodes import Node, scalar

CHARS_MAX = 10_000_000
VALUES_MAX = 1_000_000
DEPTH_MAX = 200
ALIASED_MAX = 1_000_000
REPEATED_MAX = 20
_DIRECTIVES_MAX = 100
_MERGE = "<<"
# libyaml where PyYAML was built with it; it gives places of the same kind.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRING_TAGS = {"!", "tag:yaml.org,2002:str"}


class _Mark(Protocol):
    """A place of either parser."""

    @property
    def index(self) -> int: ...


class Composed(Struct, frozen=True, kw_only=True):
    """The first document of a text; names that stand in a mapping again, and what follows it."""

    root: Node
    repeated: tuple[tuple[int, int], ...]  # where the name stood first, where again
    next_start: int | None  # where a second document begins


def compose(text: str) -> Composed:
    """Read a text. Raises UnreadableError."""
    if len(text) > CHARS_MAX:
        message = f"the YAML text has {len(text)} characters; {CHARS_MAX} are allowed at most"
        raise UnreadableError(message)
    if text.count("%TAG") > _DIRECTIVES_MAX:  # libyaml looks each of them up in a list of them all
        at = text.index("%TAG")
        raise unreadable(text, at, f"more than {_DIRECTIVES_MAX} tags are declared; remove some")
    composer = _Composer(text)
    try:
        return composer.compose(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise explained(text, error) from error


class _Composer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[Node] = []
        self._names: list[tuple[str, int] | None] = []  # the name that waits for its value
        self._merges: list[list[Node]] = []
        self._anchors: dict[str, Node | None] = {}  # None: not yet at its end
        self._anchor_of: list[str | None] = []
        self._root: Node | None = None
        self._repeated: list[tuple[int, int]] = []
        self._aliased = 0
        self._values = 0

    def compose(self, events: Iterator[yaml.Event]) -> Composed:
        next_start = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
                if next_start is not None:
                    break
                next_start = _index(event.start_mark)
            elif next_start is None:
                self._take(event)
            elif isinstance(event, yaml.NodeEvent):
                if not _is_empty(event):
                    break
                next_start = None  # nothing follows but the sign of a document
        root = self._root or Node(start=0, end=0, value=None)
        return Composed(root=root, repeated=tuple(self._repeated), next_start=next_start)

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._take_scalar(event)
            case yaml.AliasEvent():
                self._take_alias(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._finish(event)

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        start, end = _index(event.start_mark), _index(event.end_mark)
        style = event.style or ""
        is_text = bool(style) or event.tag in _STRING_TAGS
        value = event.value if is_text else scalar(event.value)
        node = Node(start=start, end=end, value=value, style=style, weight=1 + len(event.value))
        if event.anchor:
            self._anchors[event.anchor] = node
        if self._wants_name():
            self._name(event.value, start, is_merge=event.value == _MERGE and not is_text)
        else:
            self._add(node)

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        start, end = _index(event.start_mark), _index(event.end_mark)
        anchor = event.anchor or ""
        target = self._anchors.get(anchor)
        if target is None:
            what = "is inside of what it names" if anchor in self._anchors else "names nothing"
            message = f"the alias *{anchor[:40]} {what}; write the value itself"
            raise unreadable(self._text, start, message)
        self._aliased += target.weight
        if self._aliased > ALIASED_MAX:
            message = f"the aliases up to here stand for more than {ALIASED_MAX} characters"
            raise unreadable(self._text, start, f"{message}; write less by aliases")
        if not self._wants_name():
            self._add(target.alias(start, end))
        elif isinstance(target.value, str):
            self._name(target.value, start, is_merge=False)
        else:
            raise self._no_name(start)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        start = _index(event.start_mark)
        if self._wants_name():
            raise self._no_name(start)
        if len(self._open) == DEPTH_MAX:
            message = f"nested deeper than {DEPTH_MAX} levels; make the document flatter"
            raise unreadable(self._text, start, message)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        style = ("{" if is_mapping else "[") if event.flow_style else ""
        node = Node(start=start, end=start, value={} if is_mapping else [], style=style)
        node.inside = {} if is_mapping else []
        self._open.append(node)
        self._names.append(None)
        self._merges.append([])
        self._anchor_of.append(event.anchor)
        if event.anchor:
            self._anchors[event.anchor] = None

    def _finish(self, event: yaml.CollectionEndEvent) -> None:
        node = self._open.pop()
        node.end = _index(event.end_mark)
        self._names.pop()
        for merged in self._merges.pop():
            self._merge(node, merged)
        anchor = self._anchor_of.pop()
        if anchor:
            self._anchors[anchor] = node
        self._add(node)

    def _wants_name(self) -> bool:
        return (
            bool(self._open) and self._names[-1] is None and isinstance(self._open[-1].inside, dict)
        )

    def _no_name(self, at: int) -> UnreadableError:
        return unreadable(self._text, at, "the name of a member has to be a text; write one")

    def _name(self, name: str, at: int, *, is_merge: bool) -> None:
        parent = self._open[-1]
        parent.first = at if parent.first < 0 else parent.first
        parent.weight += len(name)
        self._names[-1] = (name, -1 if is_merge else at)

    def _add(self, node: Node) -> None:
        self._values += 1
        if self._values > VALUES_MAX:
            message = f"more than {VALUES_MAX} values up to here; split the file"
            raise unreadable(self._text, node.start, message)
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.weight += node.weight
        if isinstance(parent.inside, list) and isinstance(parent.value, list):
            parent.inside.append(node)
            parent.value.append(node.value)
            return
        name, at = self._names[-1] or ("", 0)
        self._names[-1] = None
        if at < 0:
            self._merges[-1].append(node)
        else:
            node.name = at
            self._put(parent, name, node)

    def _put(self, parent: Node, name: str, node: Node) -> None:
        if isinstance(parent.inside, dict) and isinstance(parent.value, dict):
            before = parent.inside.get(name)
            if before is not None and len(self._repeated) < REPEATED_MAX:
                self._repeated.append((before.name, node.name))
            parent.inside[name] = node
            parent.value[name] = node.value

    def _merge(self, node: Node, merged: Node) -> None:
        """Take over what the mapping has not itself; of several sources the first one holds."""
        sources = merged.inside if isinstance(merged.inside, list) else [merged]
        for source in sources:
            if not isinstance(source.inside, dict):
                message = "a merge key needs a mapping, or a list of mappings; name one"
                raise unreadable(self._text, merged.start, message)
            for name, inner in source.inside.items():
                if node.child(name) is None:
                    self._put(node, name, replace(inner, is_merged=True))


def _index(mark: _Mark | None) -> int:
    return 0 if mark is None else mark.index


def _is_empty(event: yaml.NodeEvent) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.value and not event.style
