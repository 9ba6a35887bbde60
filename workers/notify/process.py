"""The notifier: root starts it when there is something to tell, and ends it when that is told."""

from __future__ import annotations

from multiprocessing.connection import Connection

from ..messages import notices as words
from ..messages.common import Stop
from ..messages.notices import Deliver, NotifierBegin
from ..process.entry import ChildProcess
from .courier import Courier


def main(connection: Connection, parent_pid: int, crash_log: str) -> None:
    """Be the notifier of one root."""
    process = ChildProcess("notifier", connection, parent_pid, crash_log, words)
    courier: list[Courier] = []

    def on_message(message: object) -> None:
        match message:
            case NotifierBegin():
                courier[:] = [Courier(message, process.loop, process.say)]
            case Deliver():
                courier[0].take(message)
            case Stop():
                process.end(0)  # what is at work ends with us
            case _:
                raise AssertionError(f"a notifier was told {message!r}")

    process.on_message = on_message
    process.say_ready()
    process.start_beating()
    process.run()
