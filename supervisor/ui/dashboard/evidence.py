"""An attempt's result.json as lines for people, whatever stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

DEPTH_MAX = 6
ITEMS_MAX = 200
DEEPER = "..."
_INDENT = "  "
_NOTHING: tuple[object, ...] = (None, "", [], {})


def evidence_lines(document: Mapping[str, object]) -> list[str]:
    """Each member that says something, a line or a paragraph."""
    said = {name: value for name, value in document.items() if value not in _NOTHING}
    for known in ("prd_id", "story_id", "attempt"):  # the page says it already
        said.pop(known, None)
    return list(_members(said, 0))


def _members(members: Mapping[str, object], depth: int) -> Iterator[str]:
    for name, value in list(members.items())[:ITEMS_MAX]:
        if value not in _NOTHING:
            yield from _member(str(name).replace("_", " "), value, depth)


def _member(name: str, value: object, depth: int) -> Iterator[str]:
    indent = _INDENT * depth
    match value:
        case dict() if depth < DEPTH_MAX:
            yield f"{indent}{name}:"
            yield from _members(value, depth + 1)
        case list() if depth < DEPTH_MAX:
            yield f"{indent}{name}:"
            yield from _items(value, depth + 1)
        case str() if "\n" in value:
            yield f"{indent}{name}:"
            yield from (f"{indent}{_INDENT}{line}" for line in value.splitlines())
        case dict() | list():
            yield f"{indent}{name}: {DEEPER}"
        case bool():
            yield f"{indent}{name}: {'yes' if value else 'no'}"
        case _:
            yield f"{indent}{name}: {value}"


def _items(items: list[object], depth: int) -> Iterator[str]:
    indent = _INDENT * depth
    for item in items[:ITEMS_MAX]:
        if isinstance(item, dict):
            first, *rest = list(_members(item, depth + 1)) or [""]
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            text = DEEPER if isinstance(item, list) else str(item)
            first, *rest = text.splitlines() or [""]
            yield f"{indent}- {first}"
            yield from (f"{indent}  {line}" for line in rest)
    if len(items) > ITEMS_MAX:
        yield f"{indent}- and {len(items) - ITEMS_MAX} more"
