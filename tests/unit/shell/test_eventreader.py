from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.storage import eventlog
from prd_supervise.supervisor.shell.storage.eventlog import EventLog
from prd_supervise.supervisor.shell.storage.eventreader import EventReader


def texts(events: list[dict[str, object]]) -> list[object]:
    return [event["text"] for event in events]


def test_a_log_that_is_not_there_yet_tells_nothing_and_then_its_first_event(
    tmp_path: Path,
) -> None:
    path = tmp_path / "events.jsonl"
    with EventReader(path) as reader:
        assert (reader.old(), reader.new(), reader.is_cut) == ([], [], False)
        EventLog(path).tell("merged", "one")
        assert texts(reader.new()) == ["one"]
        assert reader.new() == []


def test_rotated_files_are_read_first_and_a_rotation_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "BYTES_MAX", 400)
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    told = [str(number) for number in range(6)]
    for text in told:
        log.tell("merged", text)
    assert (tmp_path / "events.jsonl.1").exists()

    with EventReader(path) as reader:
        assert texts(reader.old() + reader.new()) == told
        for text in ("a", "b", "c", "d"):  # at least one rotation on the way
            log.tell("merged", text)
            assert texts(reader.new()) == [text]
        assert not reader.is_cut
        for number in range(20):
            log.tell("merged", str(number))
        assert reader.is_cut


def test_a_rotation_while_the_old_files_are_read_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "BYTES_MAX", 400)
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    told = [str(number) for number in range(8)]
    for text in told:
        log.tell("merged", text)

    with EventReader(path) as reader:
        old = reader.each_old()
        read = [next(old)]
        today = path.stat().st_ino
        while path.stat().st_ino == today:  # until it is rotated
            told.append(str(len(told)))
            log.tell("merged", told[-1])
        read += old
        assert texts(read + reader.new()) == told


def test_what_is_no_event_is_passed_over_and_half_a_line_waits(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    EventLog(path).tell("merged", "one")
    whole = path.read_bytes()
    path.write_bytes(b'{"at": 3}\n[]\n\xff\n{"ha' + b"\n" + whole + whole[:20])

    with EventReader(path) as reader:
        assert texts(reader.new()) == ["one"]
        with path.open("ab") as file:
            file.write(whole[20:])
        assert texts(reader.new()) == ["one"]


@pytest.mark.parametrize("at_once", [5, 9, 13])
def test_whatever_is_rotated_between_two_looks_nothing_that_is_kept_is_lost_or_told_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(eventlog, "BYTES_MAX", 400)
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log.tell("merged", "first")
    with EventReader(path) as reader:
        read = texts(reader.new())
        told = [str(number) for number in range(at_once)]
        for text in told:
            log.tell("merged", text)
        assert path.with_suffix(f".jsonl.{at_once // 4}").exists(), "as many rotations"
        read += texts(reader.new())
        log.tell("merged", "last")
        assert read + texts(reader.new()) == ["first", *told, "last"]


def test_who_sleeps_longer_than_anything_is_kept_goes_on_with_the_oldest_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "BYTES_MAX", 400)
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log.tell("merged", "first")
    with EventReader(path) as reader:
        assert texts(reader.new()) == ["first"]
        told = [str(number) for number in range(40)]
        for text in told:
            log.tell("merged", text)
        read = texts(reader.new())
    numbers = [int(str(each)) for each in read]
    assert numbers == sorted(set(numbers)), "in order, none twice"
    newest = read[read.index("2") + 1 :]  # behind what its own file had still
    assert newest == told[-len(newest) :]
    assert len(newest) > 9


@pytest.mark.parametrize("renames", [1, 2, 3])
def test_a_root_that_is_killed_between_the_renames_of_a_rotation_leaves_each_event_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    monkeypatch.setattr(eventlog, "BYTES_MAX", 400)
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    told = [str(number) for number in range(11)]  # two full files and one that is all but full
    for text in told:
        log.tell("merged", text)
    whole = [path, path.with_suffix(".jsonl.1"), path.with_suffix(".jsonl.2")]
    assert all(each.exists() for each in whole)
    with EventReader(path) as reader:
        read = texts(reader.old() + reader.new())
        assert read == told
        for number in (2, 1, 0)[:renames]:  # as `_rotate` goes, and no further
            whole[number].replace(path.with_suffix(f".jsonl.{number + 1}"))
        assert reader.new() == []
        successor = EventLog(path)
        more = [str(number) for number in range(11, 20)]
        for text in more:
            successor.tell("merged", text)
        assert read + texts(reader.new()) == told + more
    with EventReader(path) as late:
        again = texts(late.old() + late.new())
    assert again == (told + more)[-len(again) :]
