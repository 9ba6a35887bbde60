"""`--detach`: the same command again, in a session of its own, until its root answers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ...shell.control.client import NoRootError, RootClient
from ..errors import FatalError
from .prepare import Request, prepare

LOOK_EVERY_S = 0.05
OUTPUT = "start.log"


def detach(request: Request) -> int:
    """Start the command without --detach, and return when root serves or has refused."""
    layout = prepare(request).place.layout  # what would be refused is refused here and now
    output = layout.state_dir / OUTPUT
    try:
        process = _begin(output)
    except OSError as error:
        raise FatalError(f"cannot start in the background: {error}") from None
    while process.poll() is None:
        try:
            RootClient(layout.open_socket).close()
        except NoRootError:
            time.sleep(LOOK_EVERY_S)
            continue
        print(f"root runs in the background: pid {process.pid}; it prints to {output}")  # noqa: T201
        return 0
    sys.stderr.write(output.read_text(encoding="utf-8", errors="replace"))
    return process.returncode


def _begin(output: Path) -> subprocess.Popen[bytes]:
    arguments = [word for word in sys.argv[1:] if word != "--detach"]
    output.parent.mkdir(mode=0o700, exist_ok=True)
    with output.open("wb") as log:
        return subprocess.Popen(
            (sys.executable, "-P", "-m", "prd_supervise", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
