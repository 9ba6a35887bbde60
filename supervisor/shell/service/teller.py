"""Says to the service manager what there is to say; what it cannot take now waits, not we."""

from __future__ import annotations

from collections.abc import Callable

from ....workers.process.eventloop import EventLoop
from .manager import Manager
from .sd_notify import NotifySocket, Sent
from .telling import PING, READY, Fields, Unsent, encoded, extended, status, with_unsent

AGAIN_S = 0.1  # while the manager does not read
START_STEP_S = 60.0  # that any one step of the start may take


class Teller:
    """Speaks to one manager. Where none listens, every word is lost at once and costs nothing."""

    def __init__(self, manager: Manager) -> None:
        self._socket: NotifySocket | None = None
        self._unsent: Unsent = ()
        self._loop: EventLoop | None = None
        self._is_due = False
        self.problems: list[str] = [manager.complaint] if manager.complaint else []
        self.on_problem: Callable[[str], None] = self.problems.append  # the first of its kind
        self._had_problem = False
        self._again_s = min(START_STEP_S, (manager.watchdog_s or START_STEP_S) / 2)
        if manager.address:
            try:
                self._socket = NotifySocket(manager.address)
            except (OSError, ValueError) as error:
                self.problems.append(str(error))

    @property
    def is_heard(self) -> bool:
        """Say whether there is anybody to be told."""
        return self._socket is not None

    def serve(self, loop: EventLoop, on_problem: Callable[[str], None]) -> None:
        """Send what waits as soon as it is taken, from now on."""
        self._loop = loop
        self.on_problem = on_problem
        for problem in self.problems:
            on_problem(problem)
        self._send()

    def starting(self, what: str) -> None:
        """Say which step of the start begins: it may take its time."""
        self.tell(status(f"starting: {what}") | extended(START_STEP_S))

    def waiting(self, why: str) -> float:
        """Say that it is up, and what it waits for; and after how many seconds to say so again.

        Whoever has started the service is not to be kept waiting as well, for hours perhaps.
        """
        self.tell({**READY, **status(why), **PING})
        return self._again_s

    def tell(self, fields: Fields) -> None:
        """Say this, now or soon."""
        if self._socket is not None:
            self._unsent = with_unsent(self._unsent, fields)
            self._send()

    def close(self) -> None:
        """Say no more."""
        if self._socket is not None:
            self._send()
            self._socket.close()
            self._socket = None

    def _send(self) -> None:
        while self._socket is not None and self._unsent:
            match self._socket.send(encoded(self._unsent[0])):
                case Sent.TAKEN:
                    self._unsent = self._unsent[1:]
                case Sent.REFUSED:  # nobody waits for it: the next word finds out
                    self._complain(self._socket.problem)
                    return
                case Sent.FULL:
                    self._send_later()
                    return

    def _send_later(self) -> None:
        if self._loop is not None and not self._is_due:
            self._is_due = True
            self._loop.call_at(self._loop.now_s() + AGAIN_S, self._send_again)

    def _send_again(self) -> None:
        self._is_due = False
        self._send()

    def _complain(self, problem: str) -> None:
        if not self._had_problem:
            self._had_problem = True
            self.on_problem(problem)
