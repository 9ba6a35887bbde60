"""`clean`: shows what earlier runs have left, and removes what is fully merged."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from msgspec.structs import asdict

from ...policies.keeping import Terms
from ...policies.sizes import size_text
from ...workers.git.commands import FAILURES, one_line
from ...workers.git.remains import Item
from ..shell.control.targets import found_instead
from ..shell.lines import safe
from ..shell.repository.checkout import RepositoryError
from ..shell.repository.cleaning import Known, States, Wish, clean, known_prds, survey
from ..shell.storage.layout import Layout
from ..shell.storage.locks import LockBusyError, RootLock
from .errors import FatalError, UsageError
from .known import known_board
from .looking import Looker
from .looks.columns import filled
from .moments import moment
from .whereabouts import layout_of

VERSION = 1


def clean_up(
    folder: Path, prds: tuple[str, ...], older_than: str | None, *, is_meant: bool, as_json: bool
) -> int:
    """Show everything, or remove what can go."""
    layout = layout_of(folder)
    before_s = moment(older_than, "--older-than").timestamp() if older_than else None
    wish = Wish(prds=prds, terms=Terms(salvage_before_s=before_s))
    states = partial(_states, layout)
    try:
        known = known_prds(layout, states())
        if unknown := [name for name in prds if name not in known]:
            there = found_instead(unknown[0], tuple(known))
            raise UsageError(
                f"{unknown[0]}: nothing is left of a PRD of this id; there are: {there}"
            )
        items = survey(layout, wish, states)
        gone: tuple[Item, ...] = ()
        if is_meant and any(item.can_go for item in items):
            with _settled(layout) as settled:
                gone = clean(layout, wish, settled)
            items = _after(items, gone, survey(layout, wish, states))
    except (RepositoryError, *FAILURES) as error:
        raise FatalError(one_line(str(error))) from None
    if as_json:
        print(json.dumps(_document(items, gone), indent=2, ensure_ascii=False))  # noqa: T201
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        for line in _lines(items, gone, is_meant=is_meant):
            for part in filled(line, width, " " * 9) if width else [line]:
                print(part)  # noqa: T201
    return 0


def _states(layout: Layout) -> Mapping[str, Known]:
    with Looker(layout, is_once=True) as looker:
        return {prd.id: Known(state=prd.state) for prd in looker.look().document.prds}


@contextmanager
def _settled(layout: Layout) -> Iterator[States]:
    """Who tells what is at work: a root that runs, else the journals, and none starts meanwhile."""
    try:
        lock = RootLock(layout.root_lock, {"pid": os.getpid(), "command": "clean"})
    except LockBusyError:
        yield partial(_states, layout)
        return
    try:
        board = known_board(layout)
        states = {prd_id: Known(state=board.state_of(prd_id)) for prd_id in board.rows}
        yield lambda: states
    finally:
        lock.close()


def _after(
    items: tuple[Item, ...], gone: tuple[Item, ...], left: tuple[Item, ...]
) -> tuple[Item, ...]:
    """What was removed, and what stays as it is seen now: somebody may have been at it as well."""
    removed = {(item.kind, item.name) for item in gone}
    there = {(item.kind, item.name): item for item in left}
    known = [(item, (item.kind, item.name)) for item in items]
    return tuple(
        item if key in removed else there[key]
        for item, key in known
        if key in removed | there.keys()
    )


def _document(items: tuple[Item, ...], gone: tuple[Item, ...]) -> dict[str, object]:
    removed = {(item.kind, item.name) for item in gone}
    return {
        "version": VERSION,
        "items": [asdict(item) | {"removed": (item.kind, item.name) in removed} for item in items],
    }


def _lines(items: tuple[Item, ...], gone: tuple[Item, ...], *, is_meant: bool) -> Iterator[str]:
    removed = {(item.kind, item.name) for item in gone}
    if not items:
        yield "nothing is left of any PRD"
        return
    for item in sorted(items, key=lambda each: (not each.can_go, each.prd_id)):
        word = "keep"
        if (item.kind, item.name) in removed:
            word = "removed"
        elif item.can_go:
            word = "in use" if is_meant else "remove"
        size = size_text(item.size_bytes) if item.size_bytes else ""
        yield f"{word:<8} {item.kind:<13} {size:>9}  {safe(item.name)}: {safe(item.why)}"
    total = sum(item.size_bytes for item in items if item.can_go)
    count = sum(item.can_go for item in items)
    if not is_meant and count:
        yield f"{count} can go ({size_text(total)}): `prd-supervise clean --yes` removes them"
