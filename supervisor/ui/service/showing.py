"""`service status`: how the service stands, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..printer import show
from ..words.times import elapsed
from .faults import Fault, faults_of, lingering_faults
from .properties import last_end, result_told, watchdog_s
from .standing import Standing
from .telling import tell

SCHEMA_VERSION = 1


def show_standing(standing: Standing, *, as_json: bool) -> int:
    """Print it; 1 if it is not installed, or if with what is wrong nothing runs."""
    exists = Path(standing.program).is_file() if standing.program else False
    found = faults_of(standing, program_exists=exists)
    faults = (*found, *lingering_faults(standing))
    if as_json:
        show(json.dumps(document(standing, faults), indent=2, ensure_ascii=False))
    else:
        for word, text in lines(standing, faults):
            tell(word, text)
    return 0 if standing.is_installed and not any(fault.is_bad for fault in faults) else 1


def lines(standing: Standing, faults: Sequence[Fault]) -> Iterator[tuple[str, str]]:
    """What people read."""
    if not standing.is_installed:
        yield "service", f"none is installed for {standing.repository}"
        yield "", "`prd-supervise service install` installs one"
        return
    yield "service", standing.unit
    yield "state", _state(standing)
    if standing.state in _LIVE and (said := standing.properties.get("StatusText")):
        yield "", said
    if told := last_end(standing.properties):
        yield "last end", told
    if (count := standing.properties.get("NRestarts", "0")) not in {"", "0"}:
        yield "restarts", f"{count} by the manager"
    if seconds := watchdog_s(standing.properties):
        yield "watchdog", f"{seconds:.0f} s without a sign of life and it is started again"
    yield "program", standing.program or "unknown: there is no unit"
    for fault in faults:
        yield ("FAILED" if fault.is_bad else "warning"), fault.text
        yield "", f"-> {fault.fix}"
    for line in standing.journal:
        yield "journal", line


def document(standing: Standing, faults: Sequence[Fault]) -> dict[str, object]:
    """What programs read, as docs/schema/service.schema.json has it."""
    properties = standing.properties
    return {
        "version": SCHEMA_VERSION,
        "manager": "systemd",
        "repository": standing.repository,
        "unit": standing.unit,
        "installed": standing.is_installed,
        "enabled": standing.is_enabled,
        "state": standing.state or None,
        "since_s": None if standing.since_s is None else round(standing.since_s, 1),
        "status": properties.get("StatusText", ""),
        "pid": int(properties.get("MainPID") or 0) or None,
        "result": properties.get("Result") or None,
        "last_end": last_end(properties),
        "restarts": int(properties.get("NRestarts") or 0),
        "watchdog_s": watchdog_s(properties),
        "lingering": standing.lingers,
        "no_manager": standing.why_no_manager,
        "program": standing.program,
        "files": [{"path": path, "state": state} for path, state in standing.files.items()],
        "faults": [{"text": each.text, "fix": each.fix, "bad": each.is_bad} for each in faults],
        "journal": list(standing.journal),
    }


def _state(standing: Standing) -> str:
    if standing.why_no_manager:
        return f"not known: {standing.why_no_manager}"
    told = _STATES.get(standing.state, standing.state)
    if standing.properties.get("SubState") == "auto-restart":
        told = "waits to be started again"
    since = "" if standing.since_s is None else f" for {elapsed(standing.since_s)}"
    pid = standing.properties.get("MainPID", "0")
    process = f", pid {pid}" if pid not in {"", "0"} else ""
    why = result_told(standing.properties)
    return f"{told}{since}{process}" + (f": {why}" if why and standing.state != "active" else "")


_LIVE = frozenset({"active", "activating", "reloading", "deactivating"})
_STATES = {
    "active": "runs",
    "activating": "is starting",
    "deactivating": "is stopping",
    "reloading": "reads its settings again",
    "inactive": "does not run",
    "failed": "has failed",
}
