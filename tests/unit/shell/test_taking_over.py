from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from prd_supervise.policies.supervising.spec import Tally
from prd_supervise.supervisor.core.prd.records import AttemptBegun
from prd_supervise.supervisor.shell.storage.conversion import of_prd, of_root
from prd_supervise.supervisor.shell.storage.found import AnotherVersionError, StoreError
from prd_supervise.supervisor.shell.storage.journal import checked
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.migrations.migration import (
    Document,
    Migration,
    MigrationError,
    Part,
    change_since,
)
from prd_supervise.supervisor.shell.storage.migrations.registered import MIGRATIONS as OURS
from prd_supervise.supervisor.shell.storage.migrations.registered import STATE
from prd_supervise.supervisor.shell.storage.older import prd_as_today
from prd_supervise.supervisor.shell.storage.recollection import KINDS, recall
from prd_supervise.supervisor.shell.storage.store import read
from prd_supervise.supervisor.shell.storage.taking_over import take_over
from prd_supervise.supervisor.shell.storage.versions import (
    Version,
    known_version,
    program_version,
    version_now,
)
from tests.unit.shell.conftest import Act
from tests.unit.shell.takeover_words import MIGRATIONS, documents, layout_in, make_old_state


class PrdStarted(msgspec.Struct):
    """What the synthetic state 2 calls PrdBegun."""

    prd_id: str


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return layout_in(tmp_path)


def test_the_first_root_says_which_state_it_writes(layout: Layout) -> None:
    layout.state_dir.mkdir()
    assert version_now(layout) is None
    assert take_over(layout) == ""
    assert version_now(layout) == Version(state=STATE, program=program_version())
    assert not layout.backups.exists()


def test_the_migrations_are_numbered_without_a_gap() -> None:
    assert [each.to for each in OURS] == list(range(1, STATE + 1))


def test_a_state_from_before_there_were_numbers_is_taken_over(layout: Layout) -> None:
    memory = {"state": "pending", "attempt": 2, "failures": 2, "reason": "red"}
    payload = {"branch": "b", "base": "c", "stories": {"A": memory}}
    layout.prd("P").mkdir(parents=True)
    snapshot = layout.prd("P") / "snapshot.json"
    snapshot.write_text(json.dumps({"number": 3, "payload": payload}))

    looked_at = recall(read(layout.prd("P"), KINDS, prd_as_today(layout)))
    told = take_over(layout)
    known = recall(read(layout.prd("P"), KINDS))

    assert looked_at.stories["A"].losses == known.stories["A"].losses == Tally(ordinary=2)
    assert f"(state 0) is taken over as state {STATE}" in told
    kept = layout.backup(0) / "prds" / "P" / "snapshot.json"
    assert json.loads(kept.read_text())["payload"] == payload
    assert json.loads((layout.backup(0) / "version.json").read_text())["state"] == 0


def test_records_snapshots_history_and_plans_become_what_migrations_make_of_them(
    layout: Layout,
) -> None:
    make_old_state(layout)
    before = documents(layout.repository)
    assert "1 (state" not in take_over(layout, MIGRATIONS)
    after = documents(layout.repository)

    started = [record for record, _ in read(layout.state_dir, (PrdStarted,)).records]
    assert started == [PrdStarted(prd_id="P")]
    assert b"PrdBegun" not in after["snapshot.json"]
    assert b"PrdStarted" in after["history/000000000004.log"]
    slots = read(layout.prd("P"), (AttemptBegun,)).records
    assert slots == ((AttemptBegun(story_id="A", attempt=2, slot=2), 3.5),)
    assert json.loads(after["prds/P/snapshot.json"])["payload"]["branches"] == ["b"]
    assert json.loads(after["plans/P.json"])["title"] == "Make It"
    assert after["plans/P.document"] == before["plans/P.document"]


def test_numbers_and_moments_of_records_stay_and_so_do_damaged_lines(layout: Layout) -> None:
    make_old_state(layout)
    name = "prds/Q/journal.log"
    before = documents(layout.repository)[name].split(b"\n")
    take_over(layout, MIGRATIONS)
    after = documents(layout.repository)[name].split(b"\n")
    assert after[1:] == before[1:] == [b"00000000 99 {}", b"12345678 100 {torn"]
    old, new = checked(before[0]), checked(after[0])
    assert old is not None
    assert new is not None
    assert old != new
    assert (old[0], json.loads(old[1])["at"]) == (new[0], json.loads(new[1])["at"])


def test_who_only_looks_sees_what_a_taking_over_would_make_of_it(layout: Layout) -> None:
    make_old_state(layout)
    root = of_root(1, MIGRATIONS)
    prd = of_prd(1, MIGRATIONS)
    kinds = (PrdStarted, AttemptBegun)
    seen = read(layout.state_dir, kinds, root), read(layout.prd("P"), kinds, prd)
    before = documents(layout.repository)
    take_over(layout, MIGRATIONS)
    assert documents(layout.repository) != before
    assert (read(layout.state_dir, kinds), read(layout.prd("P"), kinds)) == seen


@pytest.mark.slow
def test_one_that_is_killed_at_any_step_leaves_the_old_state_or_a_way_to_the_new(act: Act) -> None:
    found: dict[str, Any] = act("takeover_acts.py", "is_killed_everywhere")
    assert found["differs"]
    assert found["steps"] > 40
    assert found["halves"] == []


def test_a_newer_state_is_refused_and_stays_as_it_is(layout: Layout) -> None:
    make_old_state(layout)
    take_over(layout, MIGRATIONS)
    before = documents(layout.repository)
    with pytest.raises(AnotherVersionError, match=r"\(state 2\).* knows states up to 1") as refused:
        take_over(layout)
    assert f"cp -R {layout.backup(1)}/. {layout.state_dir}/" in str(refused.value)
    assert documents(layout.repository) == before


def test_what_was_put_aside_is_taken_over_again_after_a_way_back(layout: Layout) -> None:
    make_old_state(layout)
    before = documents(layout.repository)
    take_over(layout, MIGRATIONS)
    after = documents(layout.repository)
    for name, text in documents(layout.backup(1)).items():
        (layout.state_dir / name).write_bytes(text)
    back = documents(layout.repository)
    assert {name: back[name] for name in before} == before
    take_over(layout, MIGRATIONS)
    assert documents(layout.repository) == after


def test_a_document_that_no_migration_understands_changes_nothing(layout: Layout) -> None:
    make_old_state(layout)
    snapshot = layout.prd("Q") / "snapshot.json"
    snapshot.write_text('{"number": 1, "payload": {"stories": {}}}')
    before = documents(layout.repository)
    with pytest.raises(StoreError, match=r"Q/snapshot\.json: cannot be taken over.*'branch'"):
        take_over(layout, MIGRATIONS)
    assert documents(layout.repository) == before
    assert not layout.takeover.exists()


def test_what_is_no_document_is_left_for_its_reader_to_refuse(layout: Layout) -> None:
    make_old_state(layout)
    for path, text in (
        (layout.prd("Q") / "snapshot.json", "half a snap"),
        (layout.prd("P") / "snapshot.json", "[]"),
        (layout.plan("Q"), "{"),
    ):
        path.write_text(text)
    take_over(layout, MIGRATIONS)
    assert (layout.prd("Q") / "snapshot.json").read_text() == "half a snap"
    assert (layout.prd("P") / "snapshot.json").read_text() == "[]"
    assert layout.plan("Q").read_text() == "{"


@pytest.mark.parametrize("text", ["", "null", '{"program": "0.1.0"}', '{"state": "1"}', "\xff"])
def test_a_version_that_says_nothing_is_refused(layout: Layout, text: str) -> None:
    layout.state_dir.mkdir()
    layout.version.write_text(text, encoding="latin-1")
    with pytest.raises(StoreError, match=r"version\.json: does not say"):
        take_over(layout)


def test_a_manifest_that_says_nothing_is_refused(layout: Layout) -> None:
    layout.takeover.mkdir(parents=True)
    (layout.takeover / "manifest.json").write_text('{"to": 1')
    with pytest.raises(StoreError, match=r"manifest\.json: does not say .*backups"):
        take_over(layout)
    assert layout.takeover.exists()


def test_members_that_a_later_program_adds_to_the_version_are_passed_over(layout: Layout) -> None:
    layout.state_dir.mkdir()
    layout.version.write_text('{"state": 1, "program": "0.1.9", "by": "someone"}')
    assert known_version(layout) == Version(state=1, program="0.1.9")


def test_steps_follow_each_other_from_where_a_document_stands() -> None:
    def plus(word: str) -> Migration:
        def change(plan: Document) -> Document:
            return {"said": plan["said"] + word}

        return Migration(to=len(word), changes={Part.PLAN: change})

    steps = [plus("a"), plus("bb"), plus("ccc")]
    since_1 = change_since(1, Part.PLAN, steps)
    assert since_1 is not None
    assert since_1({"said": "-"}) == {"said": "-bbccc"}
    assert change_since(3, Part.PLAN, steps) is None
    assert change_since(0, Part.PRD_RECORD, steps) is None
    with pytest.raises(MigrationError, match="a plan is not as expected"):
        since_1({})
