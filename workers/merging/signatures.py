"""Doubt: one side changed how something is called, or took it away, and the other calls it anew.

A call is linked to a definition by where it stands (the same file, an import of the file, `self`),
or, weakly, by its name alone: then the name must be rare, and there must be one such thing only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ..messages.merging import Finding
from ..syntax.arguments import fits
from ..syntax.languages import Language
from ..syntax.words import Call, Entity, Outline
from .links import means
from .passed_over import COMMON
from .versions import File, Side, Version

RULE = "changed call"
_CALLED = frozenset({"function", "method"})
_MAKERS = frozenset({"__init__", "constructor"})
_SELF = frozenset({"self", "cls", "this", "Self", "super()"})
_WEAK_CHARS_MIN = 5


class Changed(Struct, frozen=True, kw_only=True):
    """Something that one side calls otherwise; without `after` it is gone. `name` is a caller's."""

    file: File
    path: str  # of the file in the base: what was written against it names that
    name: str
    before: Entity
    after: Entity | None


def changed(file: File, changer: Side) -> Iterator[Changed]:
    """What a side changed in one file."""
    base = file.base.outline if file.base is not None else None
    if file.base is None or base is None or not file.is_changed_by(changer):
        return
    side, merged = file.of(changer), file.merged
    outline = side.outline if side is not None else None
    if side is not None and (outline is None or not outline.is_whole):
        return
    kept = _names(outline) | _names(merged.outline if merged is not None else None)
    for (kind, name), found in base.by_name.items():
        if kind not in _CALLED or len(found) != 1 or found[0].signature is None:
            continue
        now = outline.by_name.get((kind, name), ()) if outline is not None else ()
        if len(now) > 1 or (not now and found[0].name in kept):
            continue
        after = now[0] if now else None
        if after is None or _text(after) != _text(found[0]):
            called = found[0].owner.rpartition(".")[2] if found[0].name in _MAKERS else ""
            yield Changed(
                file=file,
                path=file.base.path,
                name=called or found[0].name,
                before=found[0],
                after=after,
            )


def broken_calls(
    changes: list[Changed], user: File, *, side: Side, rare: frozenset[str]
) -> Iterator[Finding]:
    """The new calls of one file; `rare` has the names that are defined once in all that is read."""
    version = user.of(side)
    outline = version.outline if version is not None else None
    if version is None or outline is None:
        return
    wanted = {change.name for change in changes}
    calls = [call for call in _new_calls(user, outline, side) if call.name in wanted]
    for call in calls:
        for change in changes:
            if change.name != call.name:
                continue
            is_strong = _is_linked(change, call, version, outline)
            if is_strong or (change.name in rare and _may_be(change, call, outline)):
                finding = _finding(change, call, user, outline, is_strong=is_strong)
                if finding is not None:
                    yield finding
                break


def rare_names(versions: Iterable[Version | None]) -> frozenset[str]:
    """Names that are long, not everybody's, and defined once in these texts."""
    counts: Counter[str] = Counter()
    for version in versions:
        if version is not None and version.outline is not None:
            counts.update(entity.name for entity in version.outline.entities)
    return frozenset(
        name
        for name, count in counts.items()
        if count == 1 and len(name) >= _WEAK_CHARS_MIN and name not in COMMON
    )


def _finding(
    change: Changed, call: Call, user: File, outline: Outline, *, is_strong: bool
) -> Finding | None:
    after = change.after.signature if change.after is not None else None
    before = change.before.signature
    if before is None or not fits(before, call):
        return None  # it means something else, or was wrong before
    is_misfit = after is not None and not fits(after, call)
    if not is_strong and after is not None and not is_misfit:
        return None
    if after is None:
        done = f"removed it from {change.file.path}"
    else:
        done = f"made it {change.name}{after.text}"
    # JavaScript takes any number of arguments.
    is_fault = after is None or (is_misfit and outline.language is not Language.JAVASCRIPT)
    return Finding(
        rule=RULE,
        path=user.path,
        line=call.line,
        text=f"{change.name} is called here, and the other side {done}",
        entity=str(change.before),
        is_blocking=is_strong and is_fault,
    )


def _is_linked(change: Changed, call: Call, version: Version, outline: Outline) -> bool:
    """Whether a call certainly means what was changed."""
    is_member = bool(change.before.owner) and change.before.name not in _MAKERS
    is_here = version.path in {change.path, change.file.path}
    if is_member:
        owner = change.before.owner
        in_class = call.owner == owner or call.owner.startswith((f"{owner}.", f"{owner}::"))
        return is_here and call.receiver in _SELF and in_class
    if not call.receiver and is_here:
        return True
    for atom in outline.atoms:
        if not call.receiver and atom.local == call.name and atom.name in {call.name, ""}:
            is_meant = means(outline.language, version.path, atom.module, change.path)
        elif call.receiver and (atom.alias or atom.name or atom.module) == call.receiver:
            module = f"{atom.module}.{atom.name}" if atom.name not in {"", "*"} else atom.module
            is_meant = means(outline.language, version.path, module, change.path)
        else:
            continue
        if is_meant:
            return True
    return False


def _may_be(change: Changed, call: Call, outline: Outline) -> bool:
    """Whether a call may mean it by its name."""
    is_member = bool(change.before.owner)
    is_own = call.name in outline.bindings
    return bool(call.receiver) == is_member and call.receiver not in _SELF and not is_own


def _new_calls(user: File, outline: Outline, side: Side) -> Iterator[Call]:
    """The calls on lines that a side wrote, unless it only moved or rewrapped them."""
    added = user.added(side)
    base = user.base.outline if user.base is not None else None
    before = Counter(_shape(call) for call in base.calls) if base is not None else Counter()
    now = Counter(_shape(call) for call in outline.calls)
    for call in outline.calls:
        if call.line in added and now[_shape(call)] > before[_shape(call)]:
            yield call


def _shape(call: Call) -> tuple[str, str, int, tuple[str, ...]]:
    return (call.receiver, call.name, call.places, call.names)


def _names(outline: Outline | None) -> set[str]:
    """All that a file still defines or brings, wherever."""
    if outline is None:
        return set()
    return {*outline.bindings, *(entity.name for entity in outline.entities)}


def _text(entity: Entity) -> str:
    return entity.signature.text if entity.signature is not None else ""
