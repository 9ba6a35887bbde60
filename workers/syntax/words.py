"""What an outline is made of. Lines count from 1, the last one included."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from .languages import Language


class Parameter(Struct, frozen=True, kw_only=True):
    """One parameter, as a caller sees it."""

    name: str
    is_required: bool = True
    by_place: bool = True
    by_name: bool = False


class Signature(Struct, frozen=True, kw_only=True):
    """How something is called: `text` is all of it, normalised; decorators are in it.

    `has_self` says that the first argument is the object before the dot.
    """

    text: str
    parameters: tuple[Parameter, ...] = ()
    takes_more: bool = False
    takes_more_by_name: bool = False
    has_self: bool = False


class Entity(Struct, frozen=True, kw_only=True):
    """A function, method, class, struct ...; `owner` is the qualified name of what holds it."""

    kind: str
    name: str
    owner: str
    qualified: str
    first: int
    last: int
    signature: Signature | None = None
    decorators: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`method Box.open`."""
        return f"{self.kind} {self.qualified}"


class Statement(Struct, frozen=True, kw_only=True):
    """A statement of the module itself that is no definition; imports have `is_import`."""

    first: int
    last: int
    name: str
    is_import: bool = False

    def __str__(self) -> str:
        """`imports`, `module statement X`."""
        return "imports" if self.is_import else f"module statement {self.name}".rstrip()


class Atom(Struct, frozen=True, kw_only=True):
    """One name that an import brings.

    `name` is empty for the module itself, `*` for all of it, `default` for a default export. `kind`
    is empty, `type`, `side effect`, `re-export`, `type re-export` or `require`.
    """

    module: str
    name: str = ""
    alias: str = ""
    kind: str = ""

    @property
    def local(self) -> str:
        """The name that it has in the file; empty where it gives none."""
        if self.kind == "side effect" or (self.name == "*" and not self.alias):
            return ""
        return self.alias or self.name or self.module.partition(".")[0]


class Import(Struct, frozen=True, kw_only=True):
    """An import statement; `is_local` if it stands in a function or class."""

    first: int
    last: int
    atoms: tuple[Atom, ...]
    is_local: bool = False


class Call(Struct, frozen=True, kw_only=True):
    """A call: `receiver` stands before the last dot. `is_open`: some arguments are spread."""

    name: str
    receiver: str
    line: int
    places: int
    names: tuple[str, ...] = ()
    is_open: bool = False
    owner: str = ""


class Outline(Struct, frozen=True, kw_only=True, dict=True):
    """What stands in one text. `errors` are the lines that could not be read.

    `bindings` are the names of the module with their first lines, `locals` all that is bound
    somewhere inside; `uses` are the lines in which a name is read, members after a dot apart.
    """

    language: Language
    entities: tuple[Entity, ...]
    statements: tuple[Statement, ...]
    imports: tuple[Import, ...]
    calls: tuple[Call, ...]
    bindings: Mapping[str, int]
    locals: frozenset[str]
    uses: Mapping[str, tuple[int, ...]]
    errors: tuple[tuple[int, int], ...] = ()

    @property
    def is_whole(self) -> bool:
        """Nothing in it was unreadable, so what is not in here does not exist."""
        return not self.errors

    @cached_property
    def takes_everything(self) -> bool:
        """Some import brings names that are not written."""
        return any(atom.name == "*" and not atom.alias for atom in self.atoms)

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """What is imported, by all statements."""
        return tuple(atom for statement in self.imports for atom in statement.atoms)

    @cached_property
    def by_name(self) -> Mapping[tuple[str, str], tuple[Entity, ...]]:
        """The entities by kind and qualified name: some stand several times."""
        found: dict[tuple[str, str], tuple[Entity, ...]] = {}
        for entity in self.entities:
            key = (entity.kind, entity.qualified)
            found[key] = (*found.get(key, ()), entity)
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [entity.first for entity in self.entities]

    @cached_property
    def _around(self) -> list[int]:
        """For each entity the last one before it that ends further down; -1: none does."""
        found: list[int] = []
        open_: list[int] = []
        for index, entity in enumerate(self.entities):
            while open_ and self.entities[open_[-1]].last <= entity.last:
                open_.pop()
            found.append(open_[-1] if open_ else -1)
            open_.append(index)
        return found

    @cached_property
    def _ends(self) -> list[int]:
        return [statement.last for statement in self.statements]

    def entity_at(self, line: int) -> Entity | None:
        """The innermost entity that holds a line; what cannot be read has none."""
        if self._is_broken(line):
            return None
        # They are sorted by where they begin: the last one that still holds the line is innermost.
        index = bisect_right(self._starts, line) - 1
        while index >= 0 and self.entities[index].last < line:
            index = self._around[index]
        return self.entities[index] if index >= 0 else None

    def about(self, line: int) -> str:
        """What a line belongs to, in words; empty where nothing is known."""
        entity = self.entity_at(line)
        if entity is not None:
            return str(entity)
        # They follow each other; of those that share a line it is the first one's.
        index = bisect_left(self._ends, line)
        if index == len(self.statements) or self.statements[index].first > line:
            return ""
        return "" if self._is_broken(line) else str(self.statements[index])

    def _is_broken(self, line: int) -> bool:
        return any(first <= line <= last for first, last in self.errors)
