"""What happens to a store that dies or runs out of room, in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from prd_supervise.supervisor.shell.storage.journal import JOURNAL
from prd_supervise.supervisor.shell.storage.store import Store, read

sys.path.append(str(Path(__file__).resolve().parents[3]))

from tests.unit.shell.store_words import KINDS, Counted

KILLS = 20
_COMPACT_EVERY = 7


def is_killed(folder: Path) -> dict[str, Any]:
    """Kill a writer again and again, each time after it has acknowledged some more records."""
    lost: list[int] = []
    held = 0
    for kill in range(KILLS):
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            _append_forever(folder, theirs)
        os.close(theirs)
        with os.fdopen(ours, "r") as lines:
            said = [lines.readline() for _ in range(kill % 5 + 1)]
            os.kill(pid, signal.SIGKILL)
            said += lines  # what it had said by then was acknowledged as well
        acknowledged = int(said[-1])
        os.waitpid(pid, 0)
        found = _count(folder)
        if found < max(acknowledged, held):
            lost.append(kill)
        held = found
    return {"lost": lost, "held": held}


def _append_forever(folder: Path, acknowledge: int) -> None:
    store = Store(folder, KINDS)
    number = _count(folder)
    while True:
        for _ in range(number % 3 + 1):
            number += 1
            store.append(Counted(number=number, text="x" * (number % 50)), at=1.0)
        store.flush()
        os.write(acknowledge, b"%d\n" % number)
        if number % _COMPACT_EVERY == 0:
            store.compact(number)


def _count(folder: Path) -> int:
    """The number of records, each of which must be there and in its place."""
    stored = read(folder, KINDS)
    last = stored.payload
    assert last is None or isinstance(last, int)
    numbers = [record.number for record, _ in stored.records if isinstance(record, Counted)]
    first = (last or 0) + 1
    assert numbers == list(range(first, first + len(numbers))), (last, numbers)
    return first - 1 + len(numbers)


def runs_out_of_room(folder: Path) -> dict[str, Any]:
    """Write until no file may grow any more, then find room again."""
    store = Store(folder, KINDS)
    journal = folder / JOURNAL
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
    number, good, failures = 0, 0, 0
    while failures < 3:
        good = journal.stat().st_size if not failures else good
        number += 1
        store.append(Counted(number=number, text="y" * 70), at=1.0)
        try:
            store.flush()
        except OSError:
            failures += 1
    without_room = {
        "is_behind": store.is_behind,
        "is_torn": journal.stat().st_size != good,
        "held": _count(folder) < number,
    }
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    store.flush()
    return without_room | {"missing": number - _count(folder), "is_behind_later": store.is_behind}


def is_read_meanwhile(folder: Path) -> dict[str, Any]:
    """Read what another process appends to and compacts; never may there be less than before."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        _compact_forever(folder, theirs)
    os.close(theirs)
    os.read(ours, 1)
    went_back = []
    last, reads = 0, 0
    try:
        while last < 300:
            found = _count(folder)
            if found < last:
                went_back.append((last, found))
            last = max(last, found)
            reads += 1
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return {"went_back": went_back, "has_read": reads > 1}


def _compact_forever(folder: Path, begun: int) -> None:
    store = Store(folder, KINDS)
    number = 0
    while True:
        number += 1
        store.append(Counted(number=number), at=1.0)
        store.flush()
        store.compact(number)
        if number == 1:
            os.write(begun, b"1")


def main(name: str, folder: str) -> None:
    sys.stdout.write(json.dumps(globals()[name](Path(folder))) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
