"""The journal: how many records a second are acknowledged, alone and in groups."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from bench.clock import timed
from bench.table import Row, row
from prd_supervise.supervisor.core.prd.records import StoryDone
from prd_supervise.supervisor.shell.storage.store import Store

GROUP = 20
_RECORD = StoryDone(
    story_id="US-001",
    attempt=1,
    commit="5d13f47c7c" * 4,
    evidence="verified on the merged tree by `make test`, red before",
)


def measure(*, quick: bool) -> list[Row]:
    """Append and flush on the disk of the temporary folder, and sync bare lines beside it."""
    times = 200 if quick else 1000
    with tempfile.TemporaryDirectory(prefix="prd-bench-") as folder:
        bare = _bare(Path(folder, "bare"), times)
        store = Store(Path(folder, "store"), (StoryDone,))
        alone = timed(lambda: _flushed(store, 1), times)
        grouped = timed(lambda: _flushed(store, GROUP), times // 4)
        store.close()
    per_s = [len(alone) / sum(alone)]
    grouped_per_s = [GROUP * len(grouped) / sum(grouped)]
    return [
        row("a write and an fdatasync of 200 bytes, bare", bare),
        row("one record, append + flush", alone),
        row(f"{GROUP} records, append + one flush", grouped),
        row("records acknowledged, one by one", per_s, "1/s"),
        row(f"records acknowledged, in groups of {GROUP}", grouped_per_s, "1/s"),
    ]


def _flushed(store: Store, records: int) -> None:
    for _ in range(records):
        store.append(_RECORD, at=time.time())
    store.flush()


def _bare(path: Path, times: int) -> list[float]:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write() -> None:
        os.write(fd, b"x" * 199 + b"\n")
        os.fdatasync(fd)

    taken = timed(write, times)
    os.close(fd)
    return taken
