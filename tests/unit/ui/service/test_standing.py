"""What `systemctl show` says, in our words, and what follows from it."""

from __future__ import annotations

import pytest

from prd_supervise.supervisor.ui.service.faults import Fault, faults_of, lingering_faults
from prd_supervise.supervisor.ui.service.properties import (
    last_end,
    parsed,
    result_told,
    seconds_since,
    watchdog_s,
)
from prd_supervise.supervisor.ui.service.showing import lines
from prd_supervise.supervisor.ui.service.standing import Standing

UNIT = "prd-supervise@shop.service"
# As systemd 252 prints it.
SHOWN = """\
Result=exit-code
NRestarts=3
ExecMainCode=1
ExecMainStatus=70
StatusText=2 PRDs at work, a=b
MainPID=0
WatchdogUSec=1min 30s
StateChangeTimestampMonotonic=5000000

ActiveState=failed
"""


def standing(**properties: str) -> Standing:
    return Standing(
        repository="/shop",
        unit=UNIT,
        files={"/units/prd.slice": "current"},
        program="/bin/prd-supervise",
        is_enabled=True,
        why_no_manager="",
        properties={"ActiveState": "active"} | properties,
        since_s=None,
        lingers=True,
        user="you",
    )


def faults(found: Standing, *, program_exists: bool = True) -> list[Fault]:
    return list(faults_of(found, program_exists=program_exists))


def test_properties_are_read_as_they_are_shown() -> None:
    found = parsed(SHOWN)
    assert found["StatusText"] == "2 PRDs at work, a=b"
    assert (found["NRestarts"], found["ActiveState"]) == ("3", "failed")
    assert seconds_since(found, 65.0) == 60.0
    assert watchdog_s(found) == 90.0
    assert parsed("") == parsed("Failed to connect to bus: No medium found\n") == {}


@pytest.mark.parametrize(
    ("shown", "seconds"),
    [("1min", 60.0), ("500ms", 0.5), ("1h 1min 1s", 3661.0), ("0", None), ("infinity", None)],
)
def test_spans_are_read_as_systemd_writes_them(shown: str, seconds: float | None) -> None:
    assert watchdog_s({"WatchdogUSec": shown}) == seconds


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("1", "75", "exit code 75: stopped with work left"),
        ("1", "78", "exit code 78: the configuration or a PRD is invalid"),
        ("1", "70", "exit code 70: an internal failure, or more restarts than intensity"),
        ("1", "203", "exit code 203: its program could not be started"),
        ("1", "99", "exit code 99"),
        ("2", "9", "killed by signal 9"),
        ("3", "6", "killed by signal 6"),
        ("0", "0", ""),
    ],
)
def test_an_end_is_told_in_words_of_our_contract(code: str, status: str, words: str) -> None:
    assert last_end({"ExecMainCode": code, "ExecMainStatus": status}).startswith(words)


def test_of_a_service_that_runs_nothing_is_wrong() -> None:
    assert faults(standing()) == []
    assert list(lingering_faults(standing())) == []


def test_each_fault_says_what_to_type() -> None:
    failed = standing(ActiveState="failed", Result="start-limit-hit", ExecMainCode="1")
    (fault,) = faults(failed)
    assert fault.is_bad
    assert "started too often" in fault.text
    assert f"reset-failed '{UNIT}'" in fault.fix

    (fault,) = faults(standing(), program_exists=False)
    assert (fault.is_bad, fault.text) == (True, "its program is gone: /bin/prd-supervise")

    (fault,) = faults(standing(ActiveState="activating", SubState="auto-restart"))
    assert not fault.is_bad
    assert "journalctl" in fault.fix

    (fault,) = faults(standing(NeedDaemonReload="yes"))
    assert fault.fix == "`systemctl --user daemon-reload`"


def test_results_of_the_manager_are_told_in_words() -> None:
    assert "no sign of life" in result_told({"Result": "watchdog"})
    assert result_told({"Result": "success"}) == ""


def test_a_service_that_waits_for_its_turn_says_for_what() -> None:
    waiting = standing(ActiveState="activating", SubState="start", StatusText="waits: root runs")
    assert ("", "waits: root runs") in list(lines(waiting, ()))
    assert ("state", "is starting") in list(lines(waiting, ()))
