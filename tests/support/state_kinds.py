"""What the documents of the state are made of, kind by kind and field by field."""

from __future__ import annotations

from typing import Any

import msgspec

from prd_supervise.supervisor.shell.plans.accepted import Accepted
from prd_supervise.supervisor.shell.storage.offline import ROOT_KINDS
from prd_supervise.supervisor.shell.storage.recollection import KINDS, _Snapshot

Kinds = dict[str, Any]  # name: JSON Schema


def kinds_now() -> Kinds:
    """All of this version: records of root and of PRDs, what stands in them, snapshot and plan."""
    asked = dict.fromkeys((*ROOT_KINDS, *KINDS, _Snapshot, Accepted))
    _, components = msgspec.json.schema_components(asked)
    return {name: _bare(each) for name, each in sorted(components.items())}


def unnoted(noted: Kinds, now: Kinds) -> list[str]:
    """The kinds and fields that are new."""
    new = [name for name in now if name not in noted]
    for name in now.keys() & noted.keys():
        fields = noted[name].get("properties", {})
        new += [f"{name}.{each}" for each in now[name].get("properties", {}) if each not in fields]
    return sorted(new)


def broken(before: Kinds, now: Kinds) -> list[str]:
    """What documents that were written by `before` would not be read by `now`, in sentences."""
    found = []
    for name, old in before.items():
        new = now.get(name)
        if new is None:
            found.append(f"{name} is gone")
            continue
        if "enum" in old or "enum" in new:
            gone = [each for each in old.get("enum", []) if each not in new.get("enum", [])]
            found += [f"{name} has no {each!r} any more" for each in gone]
            continue
        fields, known = old.get("properties", {}), new.get("properties", {})
        found += [f"{name}.{each} is gone" for each in fields if each not in known]
        found += [
            f"{name}.{each} is of another type: {known[each]}, it was {fields[each]}"
            for each in fields
            if each in known and not _takes(known[each], fields[each])
        ]
        needed = set(new.get("required", [])) - set(old.get("required", []))
        found += [f"{name}.{each} has no default" for each in sorted(needed)]
    return found


def _takes(new: Any, old: Any) -> bool:  # noqa: ANN401  JSON Schema
    """Say whether a field of this type takes all that stood in the old one."""
    return new == old or set(_choices(old)) <= set(_choices(new))


def _choices(schema: Any) -> list[str]:  # noqa: ANN401
    return [msgspec.json.encode(each).decode() for each in schema.get("anyOf", [schema])]


def _bare(schema: Any) -> Any:  # noqa: ANN401
    """A schema without words for people and without defaults, which change nothing here."""
    if isinstance(schema, list):
        return [_bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _bare(each) for name, each in value.items()}
        if key == "properties"
        else _bare(value)
        for key, value in schema.items()
        if key not in {"title", "description", "default"}
    }
