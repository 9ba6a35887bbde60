"""State that has lost records, made whole by force: because a person has asked for it.

What is forgotten is on the safe side: what is merged stands in the branch, attempts that are not
known to be lost begin again under a new number, questions are asked once more.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ....policies.values import replace
from .found import Found, StoreError, look
from .layout import Layout
from .mending import repair
from .offline import ROOT_KINDS, root_payload, root_records
from .recollection import KINDS, payload_of, recall
from .store import Stored


def repair_root(layout: Layout) -> tuple[str, ...]:
    """Repair root's own records; say what was done, nothing where nothing is lost.

    Whoever calls it holds root's lock.
    """
    found = look(layout.state_dir, ROOT_KINDS)
    if not found.lost:
        return ()
    return repair(layout.state_dir, found, lambda known: root_payload(root_records(_stored(known))))


def repair_prd(layout: Layout, prd_id: str) -> tuple[str, ...]:
    """Likewise for the records of a PRD, whose supervisor does not live."""
    folder = layout.prd(prd_id)
    found = look(folder, KINDS)
    if not found.lost:
        return ()
    return repair(folder, found, lambda known: _prd_payload(known, folder / "stories"))


def damaged_prds(layout: Layout, names: Collection[str] = ()) -> tuple[str, ...]:
    """The PRDs that have lost records; of these names, or of all."""
    prds = layout.prd("x").parent
    folders = sorted(prds.iterdir()) if prds.is_dir() else []
    ids = [each.name for each in folders if each.is_dir() and (not names or each.name in names)]
    return tuple(prd_id for prd_id in ids if _has_lost(layout.prd(prd_id)))


def _has_lost(folder: Path) -> bool:
    try:
        return bool(look(folder, KINDS).lost)
    except StoreError:
        return False  # of another version: there is nothing to repair


def _prd_payload(found: Found, stories: Path) -> object:
    """What is known, with numbers of attempts that were never used."""
    known = recall(_stored(found))
    for folder in sorted(stories.glob("*")):
        numbers = [int(each.name) for each in folder.glob("*") if each.name.isdecimal()]
        memory = known.stories[folder.name]
        if numbers and max(numbers) > memory.attempt:
            known.stories[folder.name] = replace(memory, attempt=max(numbers))
    return payload_of(known)


def _stored(found: Found) -> Stored:
    return Stored(payload=found.payload, records=found.records)
