"""A state of number 1, and what makes a state of number 2 of it that says the same otherwise."""

from __future__ import annotations

import json
from pathlib import Path

from prd_supervise.supervisor.core.prd.records import AttemptBegun, BranchRecorded
from prd_supervise.supervisor.core.root.records import PrdAccepted, PrdBegun
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.migrations.migration import Document, Migration, Part
from prd_supervise.supervisor.shell.storage.migrations.to_1 import TO_1
from prd_supervise.supervisor.shell.storage.offline import ROOT_KINDS, root_payload, root_records
from prd_supervise.supervisor.shell.storage.recollection import KINDS, payload_of, recall
from prd_supervise.supervisor.shell.storage.store import Store
from prd_supervise.supervisor.shell.storage.versions import write_version


def _renamed(frame: Document) -> Document:
    return frame | {"kind": {"PrdBegun": "PrdStarted"}.get(frame["kind"], frame["kind"])}


def _with_slots_from_1(frame: Document) -> Document:
    body = frame["body"]
    return frame | {"body": body | {"slot": body["slot"] + 1}} if "slot" in body else frame


def _with_branches(snapshot: Document) -> Document:
    return {key: each for key, each in snapshot.items() if key != "branch"} | {
        "branches": [snapshot["branch"]]
    }


def _titled(plan: Document) -> Document:
    return plan | {"title": plan["title"].title()}


MIGRATIONS = (
    TO_1,
    Migration(
        to=2,
        changes={
            Part.ROOT_RECORD: _renamed,
            Part.PRD_RECORD: _with_slots_from_1,
            Part.PRD_SNAPSHOT: _with_branches,
            Part.PLAN: _titled,
        },
    ),
)


def layout_in(folder: Path) -> Layout:
    """The layout of a repository that stands there."""
    state_dir = folder / ".prd-supervise"
    return Layout(
        repository=folder,
        common_dir=folder / ".git",
        state_dir=state_dir,
        worktrees=state_dir / "worktrees",
    )


def make_old_state(layout: Layout) -> None:
    """Two PRDs: snapshots, journals behind them, history, a plan; one torn and one damaged line."""
    root = Store(layout.state_dir, ROOT_KINDS)
    for prd_id in ("P", "Q"):
        root.append(PrdAccepted(prd_id=prd_id, title="", path="p.json", base="c"), at=1.0)
        root.append(PrdBegun(prd_id=prd_id), at=2.0)
        root.flush()
    root.close()
    root = Store(layout.state_dir, ROOT_KINDS)
    root.compact(root_payload(root_records(root.stored)))
    root.append(PrdBegun(prd_id="P"), at=3.0)
    root.flush()
    root.close()
    for prd_id in ("P", "Q"):
        _make_prd(layout.prd(prd_id))
        layout.plan(prd_id).parent.mkdir(exist_ok=True)
        layout.plan(prd_id).write_text(json.dumps({"prd_id": prd_id, "title": "make it"}))
        layout.document(prd_id).write_text("# make it\n")
    with (layout.prd("Q") / "journal.log").open("ab") as journal:
        journal.write(b"00000000 99 {}\n12345678 100 {torn")
    write_version(layout, 1, None)


def _make_prd(folder: Path) -> None:
    store = Store(folder, KINDS)
    store.append(BranchRecorded(branch="b", base="c"), at=1.0)
    store.append(AttemptBegun(story_id="A", attempt=1, slot=0), at=2.0)
    store.flush()
    store.close()
    store = Store(folder, KINDS)
    store.compact(payload_of(recall(store.stored)))
    store.append(AttemptBegun(story_id="A", attempt=2, slot=1), at=3.5)
    store.flush()
    store.close()


def documents(folder: Path) -> dict[str, bytes]:
    """What journals, snapshots and plans say, below this folder or its state."""
    state = folder / ".prd-supervise" if (folder / ".prd-supervise").is_dir() else folder
    return {
        str(path.relative_to(state)): path.read_bytes()
        for path in state.rglob("*")
        if path.is_file()
        and not path.name.startswith(".")  # what was to take a place
        and path.relative_to(state).parts[0] not in {"backups", "takeover"}
    }
