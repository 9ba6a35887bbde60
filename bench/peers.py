"""Other supervisors of processes, each keeping the same child with what it does by default."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# `make bench-peers` installs them there.
PEERS = Path(__file__).resolve().parent.parent / ".venv-bench" / "bin"
# Bash knows the time without starting a process; it becomes the sleep, whose pid stays the same.
_CHILD = """\
#!/bin/bash
echo "$$ $EPOCHREALTIME" >> {starts}
exec sleep 600
"""
_SUPERVISORD = """\
[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
pidfile={folder}/supervisord.pid
childlogdir={folder}

[program:child]
command={child}
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE
"""
_CIRCUS = """\
[circus]
endpoint = ipc://{folder}/endpoint
pubsub_endpoint = ipc://{folder}/pubsub

[watcher:child]
cmd = {child}
copy_env = True
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One of them; `command` is None where it is not installed."""

    name: str
    command: str | None
    arguments: Callable[[Path], tuple[str, ...]]

    def start(self, folder: Path, log: Path) -> subprocess.Popen[bytes]:
        """Start it on the child."""
        if self.command is None:
            raise AssertionError(f"{self.name} is not installed")
        with log.open("wb") as output:
            return subprocess.Popen(
                (self.command, *self.arguments(folder)),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def peers() -> tuple[Peer, ...]:
    """All that we know of, installed or not."""
    return (
        Peer(name="supervisord", command=_installed("supervisord"), arguments=_supervisord),
        Peer(name="circus", command=_installed("circusd"), arguments=_circus),
        Peer(name="runit", command=shutil.which("runsv"), arguments=_service),
        Peer(name="s6", command=shutil.which("s6-supervise"), arguments=_service),
    )


def write_child(folder: Path) -> Path:
    """Write the child; gives the file in which it says `pid time` at each of its starts."""
    starts = folder / "starts"
    starts.touch()
    child = folder / "child"
    child.write_text(_CHILD.format(starts=starts))
    child.chmod(0o755)
    return starts


def _installed(name: str) -> str | None:
    return shutil.which(name, path=str(PEERS)) or shutil.which(name)


def _supervisord(folder: Path) -> tuple[str, ...]:
    settings = folder / "supervisord.conf"
    settings.write_text(_SUPERVISORD.format(folder=folder, child=folder / "child"))
    return ("-c", str(settings))


def _circus(folder: Path) -> tuple[str, ...]:
    settings = folder / "circus.ini"
    settings.write_text(_CIRCUS.format(folder=folder, child=folder / "child"))
    return (str(settings),)


def _service(folder: Path) -> tuple[str, ...]:
    service = folder / "service"
    service.mkdir()
    (service / "run").symlink_to(folder / "child")
    return (str(service),)
