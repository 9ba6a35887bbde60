"""Who descends from this process and has left its family, on systems where nobody adopts orphans.

There each of our processes writes its number into the environment, behind those of its ancestors,
and all that it starts bears them. Elsewhere a subreaper keeps the family together, and nothing is
written.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from . import capabilities
from .process_table import Process, below, read_environment

LINEAGE = "PRD_SUPERVISE_LINEAGE"

Identity = tuple[int, int]

_known: dict[Identity, frozenset[int]] = {}


def found_lineage() -> None:
    """Begin our own line, behind the one that we were started in."""
    if not capabilities.HERE.subreaper:
        before = os.environ.get(LINEAGE)
        os.environ[LINEAGE] = f"{before}.{os.getpid()}" if before else f"{os.getpid()}"


def lineage_entries() -> dict[str, str]:
    """What a command of ours has to find in its environment, to be known as ours."""
    return {LINEAGE: os.environ[LINEAGE]} if LINEAGE in os.environ else {}


def escaped(table: dict[int, Process], is_kept: Callable[[Process], bool]) -> list[Process]:
    """List who bears our number and is not below us, with all below those, but for who is kept."""
    if capabilities.HERE.subreaper:
        return []
    ours = os.getpid()
    family = {ours, *(process.pid for process in below(ours, table))}
    identities = {_identity(process) for process in table.values()}
    for identity in _known.keys() - identities:
        del _known[identity]
    found: dict[int, Process] = {}
    for process in table.values():
        if process.pid in family or process.is_zombie or process.pid in found:
            continue
        if ours in line_of(process) and not is_kept(process):
            lower = below(process.pid, table, is_kept)
            found |= {each.pid: each for each in (process, *lower) if each.pid not in family}
    return list(found.values())


def line_of(process: Process) -> frozenset[int]:
    """The numbers of those of us that the process descends from, as far as it tells."""
    # Asked once: what a process was started with does not change, and what it turns itself into
    # (exec) gets the same from it, or is lost to us.
    identity = _identity(process)
    if identity not in _known:
        prefix = f"{LINEAGE}=".encode()
        told = [each for each in read_environment(process.pid) if each.startswith(prefix)]
        words = told[0].removeprefix(prefix).split(b".") if told else []
        _known[identity] = frozenset(int(word) for word in words if word.isdigit())
    return _known[identity]


def _identity(process: Process) -> Identity:
    return process.pid, process.start_ticks
