"""The parent's side of a child process in a test."""

from __future__ import annotations

import multiprocessing
import os
import select
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from prd_supervise.workers.messages import git, prd, story
from prd_supervise.workers.messages.common import Extend, Heartbeat
from prd_supervise.workers.process.channel import Channel, vocabulary

ALL_WORDS = vocabulary(git, prd, story)
WITHIN_S = 60.0
Message = TypeVar("Message")


class Peer:
    """A child process and our end of its pipe."""

    def __init__(self, kind: str, folder: Path, *, parent_pid: int | None = None) -> None:
        self.folder = folder
        ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=True)
        self.lock = folder / "lock"
        lock = Connection(os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC))
        fds = (theirs.fileno(), lock.fileno())
        words = (*map(str, fds), str(parent_pid or os.getpid()), str(folder))
        script = str(Path(__file__).with_name("worker_child.py"))
        self.process = subprocess.Popen([sys.executable, script, kind, *words], pass_fds=fds)
        theirs.close()
        lock.close()
        self.channel = Channel(ours, ALL_WORDS)
        self._messages: list[object] = []
        self.signs: list[Heartbeat | Extend] = []  # of life, which no other message waits for

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.channel.close()
        try:
            self.process.wait(WITHIN_S)
        finally:
            self.process.kill()
            self.process.wait()

    def send(self, *messages: object) -> None:
        """Send messages to the child."""
        for message in messages:
            self.channel.send(message)

    def next(self, kind: type[Message]) -> Message:
        """Wait for the child's next message, which is of this kind."""
        message = self.any()
        assert isinstance(message, kind), f"{message!r} is no {kind.__name__}"
        return message

    def any(self) -> object:
        """Wait for the child's next message."""
        deadline_s = time.monotonic() + WITHIN_S
        while not self._messages:
            self._wait(deadline_s)
        return self._messages.pop(0)

    def _wait(self, deadline_s: float) -> None:
        assert self.channel.is_open, f"the child hung up; {self.crash()}"
        left_s = deadline_s - time.monotonic()
        assert select.select([self.channel.fd], [], [], max(0, left_s))[0], "it is silent"
        self.hear()

    def next_sign(self) -> Heartbeat | Extend:
        """Wait for the child's next sign of life; other messages are kept."""
        deadline_s = time.monotonic() + WITHIN_S
        while not self.signs:
            self._wait(deadline_s)
        return self.signs.pop(0)

    def hear_for(self, wait_s: float) -> None:
        """Take what comes within so long: nothing that has to come may be waited for like that."""
        until_s = time.monotonic() + wait_s
        while (left_s := until_s - time.monotonic()) > 0:
            if select.select([self.channel.fd], [], [], left_s)[0]:
                self.hear()

    def rest(self) -> list[object]:
        """Give everything that the child says until it hangs up."""
        while self.channel.is_open:
            assert select.select([self.channel.fd], [], [], WITHIN_S)[0], "it does not end"
            self.hear()
        return self._messages

    def hear(self) -> None:
        """Take what has come; signs of life are kept apart."""
        heard = self.channel.receive()
        signs = [each for each in heard if isinstance(each, Heartbeat | Extend)]
        self.signs += signs
        self._messages += [each for each in heard if each not in signs]

    def exit_code(self) -> int:
        """Wait for the child's end."""
        return self.process.wait(WITHIN_S)

    def crash(self) -> str:
        """Give what a bug has printed."""
        log = self.folder / "crash.log"
        return log.read_text() if log.exists() else ""
