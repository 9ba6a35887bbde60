"""Names of agents in the settings: each has to be one that there is, whoever says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ....policies.nearest import nearest
from ....policies.scheduling.complexity import LEVELS, level_of
from ...prd.defect import Defect, advice, quoted
from .kinds import kind_names
from .layers import KeyPath, Layer

AGENTS, ROLES = "agents", "roles"
_USE, _FALLBACK = ("agent", "use"), ("agent", "fallback")
_LONG = (*LEVELS, "simple", "complex")  # what a misspelt word may have been meant for


class Named(Struct, frozen=True, kw_only=True):
    """What all origins together name: a table may stand in one, and be used in another."""

    kinds: tuple[str, ...]  # that there are
    tables: frozenset[str]  # of agents
    with_kind: frozenset[str]  # of those, the ones of which somebody says which kind they are


def named_in(layers: Sequence[Layer]) -> Named:
    """Gather it."""
    tables = [item for layer in layers for item in _table(layer.values, AGENTS).items()]
    return Named(
        kinds=kind_names(),
        tables=frozenset(name for name, _ in tables),
        with_kind=frozenset(name for name, table in tables if _says_kind(table)),
    )


def _says_kind(table: object) -> bool:
    return isinstance(table, Mapping) and "kind" in table


def naming_defects(layer: Layer, named: Named) -> Iterator[Defect]:
    """Look at one origin, an overruled one too: what names nothing there is a slip of the pen."""
    known = sorted({*named.tables, *named.kinds})
    for key, name in _agents_named(layer):
        if name not in known:
            message = f"{layer.name(key)}: {quoted(name)} is no agent; {advice(name, known)}"
            yield layer.defect(key, message)
    for name, said in _table(layer.values, AGENTS).items():
        if name not in named.with_kind and name not in named.kinds:
            yield layer.defect((AGENTS, name), _kindless(name, named.kinds))
        if isinstance(said, Mapping):
            yield from _of_kind(layer, name, said, named.kinds)
            yield from _of_models(layer, name, said)
    for name in _table(layer.values, ROLES):
        if name in known:
            message = f"{quoted(name)} is an agent already; give the role a name of its own"
            yield layer.defect((ROLES, name), f"roles.{name}: {message}")
    yield from _circular(layer)


def _agents_named(layer: Layer) -> Iterable[tuple[KeyPath, str]]:
    """The agents that are named, each with the key that names it; other types are told anyway."""
    values = layer.values
    yield from _text(_USE, _table(values, "agent").get("use"))
    for name in _fallback(layer):
        yield from _text(_FALLBACK, name)
    for name, said in _table(values, ROLES).items():
        if isinstance(said, Mapping):
            yield from _text((ROLES, name, "agent"), said.get("agent"))
    yield from _text(("review", "agent"), _table(values, "review").get("agent"))


def _kindless(name: str, kinds: Sequence[str]) -> str:
    near = nearest(name, kinds)
    todo = f"did you mean [agents.{near}]? An agent" if near else "an agent"
    example = f'kind = "{near or "claude"}"'
    return (
        f"agents.{name}: {quoted(name)} is no kind of agent; {todo} of another name says its own, "
        f"as in {example}; allowed are {', '.join(kinds)}"
    )


def _of_kind(
    layer: Layer, name: str, said: Mapping[str, object], kinds: Sequence[str]
) -> Iterator[Defect]:
    for key, kind in _text((AGENTS, name, "kind"), said.get("kind")):
        if kind not in kinds:
            message = f"{layer.name(key)}: {quoted(kind)} is no kind of agent"
            yield layer.defect(key, f"{message}; {advice(kind, kinds)}")


def _of_models(layer: Layer, name: str, said: Mapping[str, object]) -> Iterator[Defect]:
    """Complexities: misspelt, or said twice. Any other word is a model as PRDs may call it."""
    levels: dict[str, str] = {}
    for word in _table(said, "models"):
        key, level = (AGENTS, name, "models", word), level_of(word)
        near = "" if level else nearest(word, _LONG)
        if near:
            message = f"{quoted(word)} is no complexity; did you mean {near!r}?"
            yield layer.defect(key, f"{layer.name(key)}: {message}")
        first = levels.setdefault(level, word) if level else word
        if first != word:
            message = f"{quoted(word)} is the same complexity as {quoted(first)}; keep one of them"
            yield layer.defect(key, f"{layer.name(key)}: {message}")


def _circular(layer: Layer) -> Iterator[Defect]:
    """A fallback that is the agent itself. What another origin says is used may be so for once."""
    names, use = _fallback(layer), _table(layer.values, "agent").get("use")
    for name in dict.fromkeys(names):
        message = f"{layer.name(_FALLBACK)}: {quoted(name)}"
        if name == use:
            todo = "name agents that can take its place"
            yield layer.defect(_FALLBACK, f"{message} is what agent.use says already; {todo}")
        elif names.count(name) > 1:
            yield layer.defect(_FALLBACK, f"{message} stands there twice; once is enough")


def _fallback(layer: Layer) -> tuple[str, ...]:
    said = _table(layer.values, "agent").get("fallback")
    return tuple(name for name in said if isinstance(name, str)) if isinstance(said, list) else ()


def _table(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(key: KeyPath, value: object) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str) and value:
        yield key, value
