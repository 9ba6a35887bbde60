"""Root takes over the state of an older version: under its lock, as a whole or not at all.

First a copy of what is to change is put aside, then everything new is written beside the old, then
a manifest: from there on there is no way back, and whoever is killed is followed by one who puts
the rest in its place. version.json comes before the first of it, so that an older program keeps
away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from .atomic import sync_folder, write_atomically
from .conversion import (
    Conversion,
    converted_journal,
    converted_plan,
    converted_snapshot,
    of_prd,
    of_root,
)
from .found import SNAPSHOT, StoreError
from .history import HISTORY
from .journal import JOURNAL
from .layout import Layout
from .migrations.migration import Migration, MigrationError, Part, change_since
from .migrations.registered import MIGRATIONS
from .versions import (
    MANIFEST,
    Version,
    half_taken_over,
    known_version,
    text_of,
    write_version,
)

Convert = Callable[[bytes], bytes]


class _Manifest(Struct, frozen=True, kw_only=True):
    to: int
    files: list[str]


def take_over(layout: Layout, migrations: Sequence[Migration] = MIGRATIONS) -> str:
    """Make the state this program's; the caller holds root's lock. Give a line for people, or none.

    AnotherVersionError, StoreError or OSError: nothing has changed.
    """
    current = migrations[-1].to
    known_version(layout, until=current)
    _finish(layout, until=current)
    found = known_version(layout, until=current)
    if found is None or found.state == current:
        write_version(layout, current, found)
        return ""
    try:
        names = _prepare(layout, found.state, migrations)
        _keep(layout, found, names)
    except BaseException:
        shutil.rmtree(layout.takeover, ignore_errors=True)
        raise
    manifest = json.dumps({"to": current, "files": names}).encode()
    write_atomically(layout.takeover / MANIFEST, manifest, durable=True)
    _finish(layout, until=current)
    theirs = f"prd-supervise {found.program}" if found.program else "an earlier prd-supervise"
    return (
        f"the state of {theirs} (state {found.state}) is taken over as state {current}; "
        f"as it was it stands in {layout.backup(found.state)}"
    )


def _prepare(layout: Layout, state: int, migrations: Sequence[Migration]) -> list[str]:
    """Write what becomes of everything that changes beside it; give the names."""
    names = []
    layout.takeover.mkdir(mode=0o700)
    for path, convert in _documents(layout.state_dir, state, migrations):
        try:
            before = path.read_bytes()
        except OSError as error:
            problem = error.strerror or error
            raise StoreError(f"{path}: cannot be read to be taken over: {problem}") from error
        try:
            after = convert(before)
        except MigrationError as error:
            raise StoreError(f"{path}: cannot be taken over from state {state}: {error}") from error
        if after != before:
            name = str(path.relative_to(layout.state_dir))
            _write(layout.takeover / name, after)
            names.append(name)
    return names


def _keep(layout: Layout, known: Version, changed: Collection[str]) -> None:
    """Copy what an older program needs to go on from here; history is there to be read only."""
    fresh = layout.backups / f".state-{known.state}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for path, _ in _documents(layout.state_dir, known.state, ()):
        name = path.relative_to(layout.state_dir)
        if path.parent.name != HISTORY or str(name) in changed:
            _write(fresh / name, path.read_bytes())
    _write(fresh / layout.version.name, text_of(known))
    shutil.rmtree(layout.backup(known.state), ignore_errors=True)
    fresh.replace(layout.backup(known.state))
    sync_folder(layout.backups)


def _finish(layout: Layout, *, until: int) -> None:
    """Put in its place what a manifest says, as far as it is not there already."""
    if not layout.takeover.is_dir():
        return
    manifest = layout.takeover / MANIFEST
    if manifest.exists():
        to, names = _read_manifest(manifest)
        if to > until:
            raise half_taken_over(layout)
        write_version(layout, to, None)
        for name in names:
            new = layout.takeover / name
            if new.exists():
                new.replace(layout.state_dir / name)
        for folder in {(layout.state_dir / name).parent for name in names}:
            sync_folder(folder)
        manifest.unlink()
    shutil.rmtree(layout.takeover)


def _read_manifest(path: Path) -> tuple[int, list[str]]:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except msgspec.MsgspecError as error:
        raise StoreError(
            f"{path}: does not say what of the state is taken over: {error}; put back a copy in "
            f"{path.parent.with_name('backups')}, and remove {path.parent}"
        ) from error
    return found.to, found.files


def _documents(
    state_dir: Path, state: int, migrations: Sequence[Migration]
) -> Iterator[tuple[Path, Convert]]:
    """All documents of a state that there are, and what becomes of each."""
    yield from _of_folder(state_dir, of_root(state, migrations))
    for folder in _within(state_dir / "prds"):
        yield from _of_folder(folder, of_prd(state, migrations))
    change = change_since(state, Part.PLAN, migrations)
    plan = _same if change is None else partial(converted_plan, change=change)
    for path in _within(state_dir / "plans"):
        yield path, plan if path.suffix == ".json" else _same


def _of_folder(folder: Path, conversion: Conversion) -> Iterator[tuple[Path, Convert]]:
    record, payload = conversion.record, conversion.payload
    for path in (folder / JOURNAL, *_within(folder / HISTORY)):
        if path.is_file():
            yield path, _same if record is None else partial(converted_journal, change=record)
    snapshot = folder / SNAPSHOT
    if snapshot.is_file():
        yield snapshot, _same if payload is None else partial(converted_snapshot, payload=payload)


def _within(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _same(text: bytes) -> bytes:
    return text


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(path, data, durable=True)
