"""Systems that lack what this one has; on Linux they show what holds on macOS."""

from __future__ import annotations

from prd_supervise.workers.process.capabilities import Capabilities

NOTHING = Capabilities(
    pidfd=False,
    kqueue=False,
    death_signal=False,
    subreaper=False,
    waitid=False,
    procfs=False,
    inotify=False,
    peer_credentials="",
    data_sync="fsync",
)
