"""`service status` for launchd, in the form that it has for systemd."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ..printer import show
from . import launchd
from .files import read_file
from .launch_agent import Agent, agent_of, bootstrap_of, properties_of
from .properties import EXITS
from .showing import SCHEMA_VERSION
from .signing import Whose
from .telling import tell

_LINES = 5
_TAIL_BYTES = 4096


class Standing(Struct, frozen=True, kw_only=True):
    """What was found."""

    agent: Agent
    plist: bytes | None
    properties: dict[str, str] | None  # None: not loaded
    log: tuple[str, ...]

    @property
    def program(self) -> str:
        """What the job starts; empty where nothing is installed."""
        return launchd.program_in(self.plist or b"")

    @property
    def pid(self) -> int | None:
        """Root's, if it runs."""
        told = (self.properties or {}).get("pid", "")
        return int(told) if told.isdecimal() else None

    @property
    def last_end(self) -> str:
        """How its last life ended; empty where none has."""
        code = (self.properties or {}).get("last exit code", "").partition(":")[0]
        if not code.isdecimal():
            return ""
        return f"exit code {code}: {EXITS[code]}" if code in EXITS else f"exit code {code}"


def show_agent(repository: Path, *, as_json: bool) -> int:
    """Print it; 1 if it is not installed, or if something is wrong with it."""
    standing = _standing_of(agent_of(repository))
    faults = tuple(_faults_of(standing))
    if as_json:
        show(json.dumps(_document(standing, faults), indent=2, ensure_ascii=False))
    else:
        for word, text in _lines(standing, faults):
            tell(word, text)
    return 0 if standing.plist is not None and not faults else 1


def _standing_of(agent: Agent) -> Standing:
    told = properties_of(agent)
    return Standing(
        agent=agent,
        plist=read_file(agent.plist),
        properties=None if told is None else dict(told),
        log=_last_lines(agent.log),
    )


def _last_lines(log: Path) -> tuple[str, ...]:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL_BYTES))
            return tuple(file.read().decode(errors="replace").splitlines()[-_LINES:])
    except OSError:
        return ()


def _faults_of(standing: Standing) -> Iterator[tuple[str, str]]:
    """What is wrong, and what to type."""
    if standing.plist is None:
        return
    if not Path(standing.program).is_file():
        yield f"{standing.program}: the program is gone", "`prd-supervise service install`"
    if standing.properties is None:
        why = "it is written, and launchd has not loaded it"
        yield why, f"`{bootstrap_of(standing.agent)}`"


def _lines(standing: Standing, faults: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    if standing.plist is None:
        yield "service", f"none is installed for {standing.agent.repository}"
        yield "", "`prd-supervise service install` installs one"
        return
    yield "service", standing.agent.label
    if standing.pid is not None:
        yield "state", f"runs, pid {standing.pid}"
    elif standing.properties is not None:
        yield "state", "does not run"
    if standing.last_end:
        yield "last end", standing.last_end
    yield "program", standing.program or "unknown: there is no file"
    for text, fix in faults:
        yield "FAILED", text
        yield "", f"-> {fix}"
    yield "log", str(standing.agent.log)
    for line in standing.log:
        yield "", line


def _document(standing: Standing, faults: tuple[tuple[str, str], ...]) -> dict[str, object]:
    """As docs/schema/service.schema.json has it; launchd tells less than systemd."""
    properties = standing.properties or {}
    state = "active" if standing.pid is not None else "inactive"
    runs = properties.get("runs", "")
    of = launchd.whose_plist(standing.plist)
    return {
        "version": SCHEMA_VERSION,
        "manager": "launchd",
        "repository": str(standing.agent.repository),
        "unit": standing.agent.label,
        "installed": standing.plist is not None,
        "enabled": standing.properties is not None,
        "state": None if standing.properties is None else state,
        "since_s": None,
        "status": "",
        "pid": standing.pid,
        "result": None,
        "last_end": standing.last_end,
        "restarts": max(0, int(runs) - 1) if runs.isdecimal() else 0,
        "watchdog_s": None,
        "lingering": False,
        "no_manager": "",
        "program": standing.program,
        "files": [
            {
                "path": str(standing.agent.plist),
                "state": "current" if of is Whose.OURS else of.value,
            }
        ],
        "faults": [{"text": text, "fix": fix, "bad": True} for text, fix in faults],
        "journal": list(standing.log),
    }
