"""Adapters of third parties, which their distributions name as entry points.

What stands there is foreign code: whatever is wrong with it becomes one line for people.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from .base import Adapter, Traits, UnknownAgentError

GROUP = "prd_supervise.agents"
_FUNCTIONS = ("argv", "env", "files", "listener", "version_argv")
_SHOWN_MAX = 200


@cache
def _found() -> dict[str, tuple[EntryPoint, ...]]:
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=GROUP):
        known = found.get(point.name, ())
        if point.value not in (each.value for each in known):  # the same one twice on the path
            found[point.name] = (*known, point)
    return found


def names() -> tuple[str, ...]:
    """Give the names that distributions offer."""
    return tuple(_found())


@cache
def adapter(name: str) -> Adapter:
    """Import the adapter of that name, and see that it is one."""
    first, *others = _found()[name]
    if others:
        whose = ", ".join(sorted(_owner(each) for each in (first, *others)))
        raise UnknownAgentError(f"agent {name!r} is offered by {whose}; uninstall all but one")
    try:
        found = first.load()
    except (Exception, SystemExit) as error:  # foreign code may raise anything
        said = " ".join(f"{type(error).__name__}: {error}".split())[:_SHOWN_MAX]
        raise _unusable(name, first, f"cannot be imported ({said})") from error
    if not isinstance(getattr(found, "TRAITS", None), Traits):
        raise _unusable(name, first, "has no TRAITS of type Traits")
    missing = [each for each in _FUNCTIONS if not callable(getattr(found, each, None))]
    if missing:
        raise _unusable(name, first, f"lacks {', '.join(missing)}")
    return cast("Adapter", found)


def _unusable(name: str, point: EntryPoint, why: str) -> UnknownAgentError:
    mend = "mend or uninstall it (docs/adapters.md)"
    return UnknownAgentError(f"agent {name!r}: {point.value} of {_owner(point)} {why}; {mend}")


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unknown distribution"
