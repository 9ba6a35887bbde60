"""A service whose repository somebody else has: it waits for its turn, instead of failing."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Mapping

from ....workers.process.descendants import pidfd_of
from ...shell.service.manager import is_service
from ...shell.storage.locks import holder_of
from ..looks.journal import Priority, complain
from ..place import place_of
from ..whereabouts import about_holder
from .prepare import Request

LOOK_EVERY_S = 2.0  # where the kernel does not tell of the holder's end
LOOK_S_MAX = 60.0  # who lives on may have let go of the lock


def pass_over_reloads() -> None:
    """Survive a `systemctl reload` before root hears it: SIGHUP would be a clean end to systemd.

    Nothing is missed: everything is read once it is our turn. A terminal's SIGHUP ends what is
    typed there, as ever.
    """
    if is_service():
        signal.signal(signal.SIGHUP, lambda _number, _frame: None)  # no SIG_IGN: it is inherited


def await_turn(request: Request, tell: Callable[[str], float]) -> None:
    """Wait while another root has the repository, if we are a service that is to stay.

    To fail would be of no use: the manager would try a few times and then never again. `tell` is
    called each time round with what we wait for; it says how soon it wants to be called again.
    """
    if not (request.watch and is_service()):
        return
    layout = place_of(request.folder, request.overrides).layout
    is_told = False
    while (holder := holder_of(layout.root_lock)) is not None:
        text = f"waits: {about_holder(holder)}; this one begins when that has ended"
        if not is_told:
            complain(text, Priority.NOTICE)
            is_told = True
        _wait_for_end(holder, tell(text))


def _wait_for_end(holder: Mapping[str, object], wait_s: float) -> None:
    pid = holder.get("pid")
    descriptor = pidfd_of(pid) if isinstance(pid, int) else None
    if descriptor is None:
        time.sleep(min(LOOK_EVERY_S, wait_s))
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll(1000 * min(LOOK_S_MAX, wait_s))
    finally:
        os.close(descriptor)
