from __future__ import annotations

import os
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.storage import history
from prd_supervise.supervisor.shell.storage.found import SNAPSHOT
from prd_supervise.supervisor.shell.storage.history import HISTORY, read_history
from prd_supervise.supervisor.shell.storage.journal import JOURNAL
from prd_supervise.supervisor.shell.storage.store import Store, read
from tests.unit.shell.store_words import KINDS, Counted, full_disk


def one_life(folder: Path, *numbers: int) -> None:
    """Open, compact what was there, write these, close: what a supervisor does in its life."""
    store = Store(folder, KINDS)
    store.compact("all that was")
    for number in numbers:
        store.append(Counted(number=number), at=float(number))
    store.flush()
    store.close()


def told(folder: Path) -> list[int]:
    records = read_history(folder, KINDS).records
    assert all(at == float(each.number) for each, at in records if isinstance(each, Counted))
    return [each.number for each, _ in records if isinstance(each, Counted)]


def test_what_a_snapshot_replaced_is_still_told_after_many_lives(tmp_path: Path) -> None:
    one_life(tmp_path, 1, 2)
    one_life(tmp_path, 3)
    one_life(tmp_path)
    one_life(tmp_path, 4, 5)

    assert told(tmp_path) == [1, 2, 3, 4, 5]
    assert not read_history(tmp_path, KINDS).is_cut
    assert [each.number for each, _ in read(tmp_path, KINDS).records] == [4, 5]  # type: ignore[attr-defined]


def test_history_is_not_needed_to_recover(tmp_path: Path) -> None:
    one_life(tmp_path, 1, 2)
    one_life(tmp_path, 3)
    for path in (tmp_path / HISTORY).iterdir():
        path.write_bytes(b"\xff not a line\n")

    one_life(tmp_path, 4)

    assert read(tmp_path, KINDS).payload == "all that was"
    found = read_history(tmp_path, KINDS)
    assert found.unreadable == 1
    assert found.is_cut
    assert told(tmp_path) == [3, 4]


def test_a_folder_without_a_history_has_an_empty_one(tmp_path: Path) -> None:
    assert read_history(tmp_path / "nowhere", KINDS) == history.History()
    assert not (tmp_path / "nowhere").exists()


def test_the_oldest_segments_go_when_there_are_too_many_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_life(tmp_path, 1)
    size = (tmp_path / JOURNAL).stat().st_size
    monkeypatch.setattr(history, "BYTES_MAX", 3 * size)
    for number in range(2, 8):
        one_life(tmp_path, number)

    assert told(tmp_path) == [4, 5, 6, 7]
    assert read_history(tmp_path, KINDS).is_cut


def test_the_oldest_segments_go_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "SEGMENTS_MAX", 2)
    for number in range(1, 6):
        one_life(tmp_path, number)
    assert told(tmp_path) == [3, 4, 5]


def test_numbers_are_never_used_twice_even_when_the_state_was_moved_away(tmp_path: Path) -> None:
    one_life(tmp_path, 1, 2)
    one_life(tmp_path)
    (tmp_path / SNAPSHOT).unlink()

    one_life(tmp_path, 3)

    assert told(tmp_path) == [1, 2, 3]


def test_a_crash_at_any_step_of_the_exchange_loses_nothing(tmp_path: Path) -> None:
    one_life(tmp_path, 1, 2)
    store = Store(tmp_path, KINDS)
    store.compact("all that was")
    store.close()
    (segment,) = (tmp_path / HISTORY).iterdir()
    (tmp_path / JOURNAL).unlink()  # it died between the two renames
    assert told(tmp_path) == [1, 2]
    one_life(tmp_path, 3)
    assert told(tmp_path) == [1, 2, 3]

    segment.replace(tmp_path / JOURNAL)  # it died before the first one
    assert read(tmp_path, KINDS).records == ()
    one_life(tmp_path, 4)
    assert told(tmp_path) == [1, 2, 4]  # 3 stood in the journal that this test has overwritten


def test_records_after_the_exchange_go_to_the_new_journal(tmp_path: Path) -> None:
    one_life(tmp_path, 1)
    store = Store(tmp_path, KINDS)
    store.compact("all that was")
    with full_disk(store):
        store.append(Counted(number=2), at=2.0)
        with pytest.raises(OSError, match="No space left"):
            store.flush()
    store.flush()
    store.close()
    assert [each for each, _ in read(tmp_path, KINDS).records] == [Counted(number=2)]
    assert told(tmp_path) == [1, 2]


def test_a_history_that_cannot_be_kept_stops_nobody(tmp_path: Path) -> None:
    one_life(tmp_path, 1)
    (tmp_path / HISTORY).write_text("a file where the folder should be")

    one_life(tmp_path, 2)
    one_life(tmp_path, 3)

    os.unlink(tmp_path / HISTORY)  # noqa: PTH108
    assert told(tmp_path) == [1, 2, 3]
