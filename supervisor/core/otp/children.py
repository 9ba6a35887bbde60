"""A supervisor's children by name, in start order. A value: each change of it is a new one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .child import Child


class Children:
    """Looking one up and replacing one cost the same however many there are (nearly)."""

    __slots__ = ("_by_id",)

    def __init__(self, children: Iterable[Child] = ()) -> None:
        self._by_id = {child.child_id: child for child in children}

    def get(self, child_id: str) -> Child | None:
        """The child of this name, if there is one."""
        return self._by_id.get(child_id)

    def put(self, child: Child) -> Children:
        """Replace a child in its place; a new one goes last."""
        changed = Children()
        changed._by_id = {**self._by_id, child.child_id: child}
        return changed

    def without(self, child_id: str) -> Children:
        """All but this one."""
        changed = Children()
        changed._by_id = self._by_id.copy()
        changed._by_id.pop(child_id, None)
        return changed

    def __iter__(self) -> Iterator[Child]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Children) and [*self] == [*other]

    def __hash__(self) -> int:
        return hash(tuple(self._by_id.values()))

    def __repr__(self) -> str:
        return f"Children({list(self)!r})"
