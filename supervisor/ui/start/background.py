"""A run that needs no terminal: the same command again, in a session of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from msgspec import Struct

from ...shell.control.client import NoRootError, RootClient
from ...shell.storage.layout import Layout
from ..errors import FatalError
from .prepare import Request, prepare

LOOK_EVERY_S = 0.05
TAIL_BYTES = 4 << 10


class Background(Struct, frozen=True, kw_only=True):
    """A run in the background, and where it prints to."""

    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        """What it has printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def last_said(self) -> str:
        """The end of what it has printed."""
        with self.output.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            is_cut = file.tell() > 0
            text = file.read().decode(errors="replace")
        return text.partition("\n")[2] if is_cut else text


def detach(request: Request) -> int:
    """Start the command without --detach, and return when root serves or has refused."""
    layout = prepare(request).place.layout  # what would be refused is refused here and now
    begun = begin(layout)
    if not serves(begun, layout):
        sys.stderr.write(begun.said())
        return begun.process.returncode
    pid = begun.process.pid
    print(f"root runs in the background: pid {pid}; it prints to {begun.output}")  # noqa: T201
    return 0


def serves(begun: Background, layout: Layout) -> bool:
    """Wait until its root answers, or it has ended: then say that it does not."""
    while begun.process.poll() is None:
        try:
            RootClient(layout.open_socket).close()
        except NoRootError:
            time.sleep(LOOK_EVERY_S)
            continue
        return True
    return False


def begin(layout: Layout) -> Background:
    """Start it: no signal of our terminal reaches it, nor does the terminal's end."""
    output = layout.background_log
    arguments = ["--plain", *(word for word in sys.argv[2:] if word not in {"--detach", "--plain"})]
    try:
        output.parent.mkdir(mode=0o700, exist_ok=True)
        output.write_bytes(b"")
        with output.open("ab") as log:  # behind what is there: it is cut where it becomes long
            process = subprocess.Popen(
                (sys.executable, "-P", "-m", "prd_supervise", sys.argv[1], *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise FatalError(f"cannot start in the background: {error}") from None
    return Background(process=process, output=output)
