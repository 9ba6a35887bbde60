"""What `systemctl show` prints, and what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "Result",
    "ExecMainCode",
    "ExecMainStatus",
    "ExecMainPID",
    "MainPID",
    "NRestarts",
    "StatusText",
    "WatchdogUSec",
    "FragmentPath",
    "DropInPaths",
    "NeedDaemonReload",
    "StateChangeTimestampMonotonic",
)

_UNITS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_EXITED, _KILLED, _DUMPED = "1", "2", "3"  # CLD_ of waitid

EXITS = {
    "0": "it was stopped, or there was nothing left to be done",
    "1": "it could not be started as asked",
    "2": "it was asked wrongly: no repository there, or an option that is none",
    "70": "an internal failure, or more restarts than intensity allows",
    "75": "stopped with work left; it goes on at its next start",
    "78": "the configuration or a PRD is invalid: `prd-supervise check`",
    "203": "its program could not be started: is it still there?",
    "200": "its folder could not be entered: is the repository still there?",
}

_RESULTS = {
    "start-limit-hit": "started too often within the window of StartLimitIntervalSec",
    "timeout": "it was not ready, or not gone, in time",
    "watchdog": "it gave no sign of life for WatchdogSec; its stacks are in the journal",
    "oom-kill": "the kernel killed a process of it for memory",
    "protocol": "it ended before it said that it is ready",
    "resources": "the manager could not start it",
    "exec-condition": "a condition for its start did not hold",
}


def parsed(text: str) -> dict[str, str]:
    """The properties by their names; a value may hold anything but a line break."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value for name, equals, value in pairs if equals and name.isalnum()}


def seconds_since(properties: Mapping[str, str], now_s: float) -> float | None:
    """For how long it has been as it is, by the clock that runs since boot."""
    found = properties.get("StateChangeTimestampMonotonic", "")
    if not found.isdecimal() or found == "0":
        return None
    return max(0.0, now_s - int(found) / 1e6)


def watchdog_s(properties: Mapping[str, str]) -> float | None:
    """After how long without a sign of life it is ended; None: never.

    `show` writes spans as people do: `1min 30s`.
    """
    found = re.findall(r"(\d+)(us|ms|s|min|h)\b", properties.get("WatchdogUSec", ""))
    return sum(int(count) * _UNITS_S[unit] for count, unit in found) or None


def last_end(properties: Mapping[str, str]) -> str:
    """How its last life ended, in words of our contract; empty where none has."""
    status, code = properties.get("ExecMainStatus", ""), properties.get("ExecMainCode", "")
    if code == _EXITED:
        told = EXITS.get(status)
        return f"exit code {status}: {told}" if told else f"exit code {status}"
    if code in {_KILLED, _DUMPED}:
        return f"killed by signal {status}"
    return ""


def result_told(properties: Mapping[str, str]) -> str:
    """What the manager makes of it, where that is more than an exit code."""
    return _RESULTS.get(properties.get("Result", ""), "")
