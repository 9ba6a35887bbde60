"""What a supervising process holds of a living child, and what the child's exit says of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from signal import Signals

from msgspec import Struct

from ....policies.supervising.spec import Cause, ExitClass, ExitReason
from ....workers.messages.common import Ready
from ....workers.process import capabilities
from ....workers.process.channel import Channel
from ....workers.process.exit_watch import ExitWatch

UNKNOWN_EXIT = 255


class Handle(Struct, kw_only=True):
    """A living child. `fault` is what we signalled it for, where it did not do its part."""

    child_id: str
    incarnation: int
    pid: int
    channel: Channel
    process: object  # keeps multiprocessing's descriptors open
    strays_live_s: float  # how long its orphans may take to end by themselves
    exit: ExitWatch | None = None  # None for the moment of its start
    ready: Ready | None = None  # what it said of itself
    was_asked: bool = False
    said_done: bool = False
    is_stopped: bool = False  # SIGSTOP, by whomever
    we_sent: str = ""
    fault: str = ""
    cause: Cause = Cause.ORDINARY
    on_kill: Callable[[Handle], None] = lambda _handle: None

    def send(self, number: Signals) -> None:
        """Signal the process; that it is gone is no error."""
        if number not in {signal.SIGCONT, signal.SIGUSR2}:
            self.we_sent = number.name
        with suppress(ProcessLookupError):
            if self.exit is not None:
                self.exit.send(number)
            else:
                os.kill(self.pid, number)  # not reaped yet, so the number is still its own
        if number is signal.SIGKILL:
            self.on_kill(self)

    def condemn(
        self, fault: str, cause: Cause = Cause.ORDINARY, number: Signals = Signals.SIGKILL
    ) -> None:
        """End a child that does not do its part; the exit will be told with this reason."""
        self.fault, self.cause = fault, cause
        self.send(number)
        if number is not signal.SIGKILL:
            self.send(signal.SIGCONT)  # what is stopped would not hear it

    def look_whether_stopped(self) -> bool:
        """Ask the kernel whether the child is stopped now; say whether that has changed."""
        before = self.is_stopped
        # Each look takes one note away; the last one is how it is now.
        while (stopped := _next_note(self.pid)) is not None:
            self.is_stopped = stopped
        return self.is_stopped is not before


def exit_code_of(handle: Handle) -> int | None:
    """Reap the child: its exit code, or minus its signal; None while it lives."""
    try:
        pid, status = os.waitpid(handle.pid, os.WNOHANG)
    except ChildProcessError:  # reaped by somebody else in this process: it is gone all the same
        handle.fault = handle.fault or "gone, and its exit code is lost"
        return UNKNOWN_EXIT
    return os.waitstatus_to_exitcode(status) if pid else None


def reason_of(code: int, handle: Handle) -> ExitReason:
    """Say what an exit code means in OTP's words, given what was said before."""
    if code == 0 and handle.said_done:
        kind = ExitClass.SHUTDOWN if handle.was_asked else ExitClass.NORMAL
        return ExitReason(exit_class=kind, detail="ended")
    detail = f"exit {code}" if code >= 0 else f"signal {_signal_name(-code)}"
    if handle.was_asked and handle.we_sent:
        return ExitReason(
            exit_class=ExitClass.SHUTDOWN, detail=f"{detail} after our {handle.we_sent}"
        )
    if handle.fault:
        return ExitReason(exit_class=ExitClass.ABNORMAL, detail=handle.fault, cause=handle.cause)
    words = "exit 0 without a last word" if code == 0 else detail
    return ExitReason(exit_class=ExitClass.ABNORMAL, detail=words)


def _next_note(pid: int) -> bool | None:
    """Take one note that the kernel kept for us: True for stopped, False for continued."""
    if not capabilities.HERE.waitid:
        return None
    with suppress(ChildProcessError):
        # Continued first: a child that was continued and is stopped again has both.
        for option, is_stopped in ((os.WCONTINUED, False), (os.WSTOPPED, True)):
            if os.waitid(os.P_PID, pid, option | os.WNOHANG) is not None:
                return is_stopped
    return None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal between the two that have names
        return str(number)
