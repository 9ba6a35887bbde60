from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from prd_supervise.supervisor.shell.storage import store as module
from prd_supervise.supervisor.shell.storage.atomic import write_atomically
from prd_supervise.supervisor.shell.storage.found import SNAPSHOT, StoreError
from prd_supervise.supervisor.shell.storage.history import HISTORY
from prd_supervise.supervisor.shell.storage.journal import JOURNAL
from prd_supervise.supervisor.shell.storage.store import Store, Stored, read
from tests.unit.shell.store_words import KINDS, Counted, Named, full_disk

Act = Callable[..., dict[str, Any]]


def filled(folder: Path, *numbers: int) -> Store:
    store = Store(folder, KINDS)
    for number in numbers:
        store.append(Counted(number=number), at=float(number))
    store.flush()
    return store


def numbers_in(folder: Path) -> list[int]:
    return [each.number for each, _ in read(folder, KINDS).records if isinstance(each, Counted)]


def test_records_come_back_in_order_with_their_times(tmp_path: Path) -> None:
    records = [Counted(number=1, text='"\n\\ ü \x00'), Named(name="n", parts=("a", "b"))]
    store = Store(tmp_path, KINDS)
    for at, record in enumerate(records, start=10):
        store.append(record, at=at)
    store.flush()
    store.close()

    again = Store(tmp_path, KINDS)
    again.close()

    assert again.stored.payload is None
    assert again.stored.records == ((records[0], 10.0), (records[1], 11.0))
    assert read(tmp_path, KINDS) == again.stored


@settings(deadline=None)
@given(text=st.text(), number=st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_any_text_survives(
    text: str, number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("store")
    store = Store(folder, KINDS)
    try:
        store.append(Counted(number=number, text=text), at=0.5)
        store.flush()
        assert read(folder, KINDS).records == ((Counted(number=number, text=text), 0.5),)
    finally:
        store.close()


def test_a_folder_without_state_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path / "nothing", KINDS).records == ()
    assert not (tmp_path / "nothing").exists()


def test_a_record_is_not_written_before_the_flush(tmp_path: Path) -> None:
    store = Store(tmp_path, KINDS)
    store.append(Counted(number=1), at=0.0)
    assert store.is_behind
    assert numbers_in(tmp_path) == []
    store.flush()
    assert not store.is_behind
    assert numbers_in(tmp_path) == [1]
    store.close()


def test_what_the_store_writes_is_private(tmp_path: Path) -> None:
    store = filled(tmp_path / "state", 1)
    store.compact(None)
    store.close()
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "state", *(tmp_path / "state").rglob("*"))
    }
    assert modes == {
        "state": 0o700,
        JOURNAL: 0o600,
        SNAPSHOT: 0o600,
        HISTORY: 0o700,
        f"{1:012}.log": 0o600,
    }


def test_a_torn_last_record_is_cut_off_at_every_byte(tmp_path: Path) -> None:
    filled(tmp_path, 1, 2).close()
    journal = tmp_path / JOURNAL
    two = journal.read_bytes()
    filled(tmp_path, 3).close()
    three = journal.read_bytes()

    for size in range(len(two), len(three)):
        journal.write_bytes(three[:size])
        assert numbers_in(tmp_path) == [1, 2]
        assert journal.stat().st_size == size, "read() changes nothing"
        store = filled(tmp_path, 4)
        store.close()
        assert numbers_in(tmp_path) == [1, 2, 4]
    journal.write_bytes(three)
    assert numbers_in(tmp_path) == [1, 2, 3]


def test_a_damaged_last_record_is_cut_off_as_well(tmp_path: Path) -> None:
    filled(tmp_path, 1, 2).close()
    journal = tmp_path / JOURNAL
    data = journal.read_bytes()
    for position in range(data.index(b"\n") + 1, len(data) - 1):
        damaged = bytearray(data)
        damaged[position] ^= 0x04
        journal.write_bytes(damaged)
        assert numbers_in(tmp_path) == [1]


def test_damage_with_good_records_after_it_is_refused_by_file_and_line(tmp_path: Path) -> None:
    filled(tmp_path, 1, 2, 3, 4).close()
    journal = tmp_path / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"2", b"7", 1)
    damaged = b"".join(lines)
    journal.write_bytes(damaged)

    for open_it in (Store, read):
        with pytest.raises(StoreError) as caught:
            open_it(tmp_path, KINDS)
        assert str(caught.value).startswith(f"{journal}:2: ")
        assert "record 2 is lost; `prd-supervise resume --repair`" in str(caught.value)
    assert journal.read_bytes() == damaged


def test_a_whole_record_of_another_version_is_refused_not_cut_off(tmp_path: Path) -> None:
    class FromTheFuture(Struct, frozen=True, kw_only=True):
        number: int

    store = Store(tmp_path, (*KINDS, FromTheFuture))
    store.append(Counted(number=1), at=0.0)
    store.append(FromTheFuture(number=2), at=0.0)
    store.flush()
    store.close()
    before = (tmp_path / JOURNAL).read_bytes()

    with pytest.raises(StoreError, match=rf"{JOURNAL}:2: a record of another version"):
        Store(tmp_path, KINDS)
    assert (tmp_path / JOURNAL).read_bytes() == before


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"number": 3}', '{"payload": 3}', '{"number": null, "payload": 1}'],
)
def test_a_snapshot_that_is_none_is_refused_with_its_path(text: str, tmp_path: Path) -> None:
    (tmp_path / SNAPSHOT).write_text(text)
    with pytest.raises(StoreError) as caught:
        read(tmp_path, KINDS)
    assert str(caught.value).startswith(f"{tmp_path / SNAPSHOT}: not a snapshot")
    assert "`prd-supervise resume --repair`" in str(caught.value)


def test_a_snapshot_takes_the_place_of_the_records_before_it(tmp_path: Path) -> None:
    store = filled(tmp_path, 1, 2)
    store.append(Counted(number=3), at=0.0)
    store.compact({"sum": 6})
    assert (tmp_path / JOURNAL).stat().st_size == 0
    store.append(Counted(number=4), at=0.0)
    store.flush()
    store.close()

    stored = read(tmp_path, KINDS)
    assert stored.payload == {"sum": 6}
    assert [record for record, _ in stored.records] == [Counted(number=4)]


def test_a_crash_between_snapshot_and_truncation_counts_no_record_twice(tmp_path: Path) -> None:
    store = filled(tmp_path, 1, 2)
    journal = (tmp_path / JOURNAL).read_bytes()
    store.compact("of two")
    store.close()
    (tmp_path / JOURNAL).write_bytes(journal)  # the truncation did not come to pass

    again = filled(tmp_path, 3)
    assert again.stored.payload == "of two"
    assert again.stored.records == ()
    again.close()
    assert read(tmp_path, KINDS).records == ((Counted(number=3), 3.0),)


def test_a_crash_before_the_snapshot_s_rename_leaves_the_old_state(tmp_path: Path) -> None:
    filled(tmp_path, 1, 2).close()
    (tmp_path / f".{SNAPSHOT}.new").write_text('{"number": 2, "pay')
    assert numbers_in(tmp_path) == [1, 2]
    store = Store(tmp_path, KINDS)
    store.compact("of two")
    store.close()
    assert read(tmp_path, KINDS).payload == "of two"


def test_numbers_go_on_after_a_snapshot_and_a_restart(tmp_path: Path) -> None:
    for number in range(1, 6):
        store = filled(tmp_path, number)
        store.compact(number)
        store.close()
    filled(tmp_path, 6).close()
    assert read(tmp_path, KINDS).payload == 5
    assert numbers_in(tmp_path) == [6]


def test_on_a_full_disk_all_records_stay_pending_and_are_written_later(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    with full_disk(store):
        for number in (2, 3):
            store.append(Counted(number=number), at=0.0)
            with pytest.raises(OSError, match="No space left"):
                store.flush()
        assert store.is_behind
        with pytest.raises(OSError, match="No space left"):
            store.compact("a snapshot is no way around it")
    assert numbers_in(tmp_path) == [1]
    assert not (tmp_path / SNAPSHOT).exists()
    store.flush()
    store.close()
    assert numbers_in(tmp_path) == [1, 2, 3]


def test_a_write_that_stopped_in_the_middle_leaves_no_torn_record(tmp_path: Path, act: Act) -> None:
    assert act("store_acts.py", "runs_out_of_room") == {
        "is_behind": True,
        "is_torn": False,
        "held": True,
        "missing": 0,
        "is_behind_later": False,
    }
    assert len(numbers_in(tmp_path)) > 3


@pytest.mark.slow
def test_sigkill_loses_no_acknowledged_record(act: Act) -> None:
    facts = act("store_acts.py", "is_killed")
    assert facts["lost"] == []
    assert facts["held"] > 20


@pytest.mark.slow
def test_a_reader_beside_a_writer_that_compacts_never_sees_less_than_before(act: Act) -> None:
    assert act("store_acts.py", "is_read_meanwhile") == {"went_back": [], "has_read": True}


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_is_replaced_as_a_whole(durable: bool, tmp_path: Path) -> None:  # noqa: FBT001
    path = tmp_path / "file"
    path.write_text("old")
    with path.open() as reader:
        write_atomically(path, b"new", durable=durable)
        assert reader.read() == "old"
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_replaced_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    (tmp_path / ".file.new").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_text() == "old"


def test_a_journal_that_has_become_long_ends_in_a_snapshot_while_its_writer_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONG_BYTES", 2000)
    store = Store(tmp_path, KINDS)
    largest = 0
    for number in range(400):
        store.append(Counted(number=number), at=float(number))
        store.flush()
        store.compact_if_long(_all_numbers)
        largest = max(largest, (tmp_path / JOURNAL).stat().st_size)
    store.close()

    assert largest < 2000 + 2 * (tmp_path / SNAPSHOT).stat().st_size
    assert len(list((tmp_path / HISTORY).iterdir())) > 3
    assert _all_numbers(read(tmp_path, KINDS)) == list(range(400))


def test_a_snapshot_without_room_is_not_tried_again_at_every_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONG_BYTES", 1000)
    store, asked = Store(tmp_path, KINDS), 0

    def payload(stored: Stored) -> object:
        nonlocal asked
        asked += 1
        (tmp_path / f".{SNAPSHOT}.new").symlink_to("/dev/full")  # what has failed is removed
        return _all_numbers(stored)

    for number in range(100):
        store.append(Counted(number=number), at=0.0)
        store.flush()
        store.compact_if_long(payload)
    store.close()

    assert 1 < asked <= (tmp_path / JOURNAL).stat().st_size // 1000
    assert not (tmp_path / SNAPSHOT).exists()
    assert numbers_in(tmp_path) == list(range(100))


def _all_numbers(stored: Stored) -> list[int]:
    """A payload: every number so far."""
    before = stored.payload if isinstance(stored.payload, list) else []
    since = [each.number for each, _ in stored.records if isinstance(each, Counted)]
    return [*before, *since]
