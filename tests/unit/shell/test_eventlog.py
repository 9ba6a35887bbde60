from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prd_supervise.policies.outcomes.failure import Failure
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.storage import eventlog
from prd_supervise.supervisor.shell.storage.eventlog import EventLog
from prd_supervise.workers.messages.prd import Happened


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_event_is_one_line_of_a_stable_form(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    log = EventLog(tmp_path / "events.jsonl")
    log.tell("root_started", "root is pid 1")
    log.tell("merged", "ü\n\x1b[31m\udc80", prd_id="P", story_id="S", attempt=2)
    first, second = lines_of(tmp_path / "events.jsonl")
    at = datetime.fromisoformat(first.pop("at"))
    assert abs((at - before).total_seconds()) < 60
    assert at.tzinfo is not None
    assert first == {
        "v": 1,
        "event": "root_started",
        "prd": None,
        "story": None,
        "attempt": None,
        "text": "root is pid 1",
    }
    del second["at"]
    assert second == {
        "v": 1,
        "event": "merged",
        "prd": "P",
        "story": "S",
        "attempt": 2,
        "text": "ü\n\x1b[31m\udc80",
    }


def test_an_event_that_tells_of_a_failure_has_it_as_data(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    failure = Failure(type="auth", message="no login", recovery_hints=("log in",))
    happened = Happened(
        event="attempt_stopped", story_id="S", attempt=1, text="no login", failure=failure
    )
    log.pass_on(happened, "P")
    log.pass_on(replace(happened, failure=None), "P")
    first, second = lines_of(tmp_path / "events.jsonl")
    assert first["failure"] == {
        "type": "auth",
        "message": "no login",
        "context": "",
        "recovery_hints": ["log in"],
    }
    assert "failure" not in second


def test_whoever_listens_is_told_and_may_leave_while_being_told(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    heard: list[str] = []

    def once(event: dict[str, object]) -> None:
        heard.append(f"once {event['event']}")
        log.listeners.remove(once)

    log.listeners += [once, lambda event: heard.append(str(event["event"]))]
    log.tell("one", "")
    log.tell("two", "")
    assert heard == ["once one", "one", "two"]


def test_on_a_full_disk_events_are_passed_on_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").symlink_to("/dev/full")
    log = EventLog(tmp_path / "events.jsonl")
    heard: list[dict[str, object]] = []
    log.listeners.append(heard.append)
    log.tell("merged", "x" * 100_000)
    assert [event["event"] for event in heard] == ["merged"]


def test_half_a_line_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"v": 1, "ev')
    EventLog(path).tell("merged", "")
    torn, whole = path.read_text().splitlines()
    assert torn == '{"v": 1, "ev'
    assert json.loads(whole)["event"] == "merged"


def test_the_log_is_rotated_by_size_and_the_oldest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "BYTES_MAX", 1000)
    log = EventLog(tmp_path / "events.jsonl")
    for number in range(200):
        log.tell("merged", str(number))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["events.jsonl", *(f"events.jsonl.{number}" for number in (1, 2, 3))]
    told = [
        int(event["text"]) for name in reversed(names[1:]) for event in lines_of(tmp_path / name)
    ]
    told += [int(event["text"]) for event in lines_of(tmp_path / "events.jsonl")]
    assert told == list(range(told[0], 200)), "in order and without a gap"
    assert all(path.stat().st_size < 1300 for path in tmp_path.iterdir())
