"""The dashboard's side of the process that reads pages: asked, never waited for."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable

from msgspec import DecodeError, json

from ....policies.values import replace
from ....workers.process.eventloop import EventLoop, Timer
from ...shell.storage.layout import Layout
from .reader import PageAnswer, PageRequest, encode_request
from .reading import Wanted
from .seen import Page, PageKind

ANSWER_S = 20.0  # a page that takes longer is given up, with the process that reads it
ANSWER_BYTES_MAX = 32 << 20
DIFF_EVERY_S = 3.0  # a dozen git commands
READ_BYTES = 1 << 18
_READER = "prd_supervise.supervisor.ui.dashboard.reader"


class Paging:
    """Keeps the page that is open; the process begins with the first one."""

    def __init__(self, loop: EventLoop, layout: Layout, tell: Callable[[], None]) -> None:
        self._loop = loop
        self._layout = layout
        self._tell = tell
        self._wanted: Wanted | None = None
        self._asked: Wanted | None = None  # what the answer on its way is of
        self._known: Wanted | None = None  # what the last answer was of
        self._not_before_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._answer = bytearray()
        self._deadline: Timer | None = None
        self.page: Page | None = None

    def want(self, wanted: Wanted | None) -> None:
        """Open this page, or none; call it again to have the page read again."""
        self._wanted = wanted
        if wanted is None:
            self.page = None
            return
        if self.page is None or not _is_of(self.page, wanted):
            self.page = Page(name=(wanted.prd, wanted.story), kind=wanted.kind, note="reading ...")
        is_known = self._known is not None and _is_same_page(self._known, wanted)
        if self._asked is None and not (is_known and self._loop.now_s() < self._not_before_s):
            self._ask(wanted, is_known=is_known)

    def close(self) -> None:
        """End the process."""
        if self._deadline is not None:
            self._deadline.cancel()
        process, self._process = self._process, None
        self._asked = self._known = None
        if process is None or process.stdin is None or process.stdout is None:
            return
        self._loop.unwatch(process.stdout.fileno())
        process.kill()
        with contextlib.suppress(OSError):  # what it will not read any more
            process.stdin.close()
        process.stdout.close()
        process.wait()

    def _ask(self, wanted: Wanted, *, is_known: bool) -> None:
        try:
            process = self._process or self._begin()
            request = PageRequest(layout=self._layout, wanted=wanted, is_known=is_known)
            assert process.stdin is not None  # noqa: S101  for mypy
            process.stdin.write(encode_request(request) + b"\n")
            process.stdin.flush()
        except OSError as error:
            self._give_up(f"pages cannot be read: {error.strerror or error}")
            return
        self._asked = wanted
        self._answer.clear()
        too_late = f"it could not be read within {ANSWER_S:g} s"
        self._deadline = self._loop.call_at(
            self._loop.now_s() + ANSWER_S, lambda: self._give_up(too_late)
        )

    def _begin(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            (sys.executable, "-P", "-m", _READER),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the terminal's signals are ours
        )
        assert self._process.stdout is not None  # noqa: S101  for mypy
        os.set_blocking(self._process.stdout.fileno(), False)
        self._loop.watch(self._process.stdout.fileno(), self._read)
        return self._process

    def _read(self) -> None:
        if self._process is None or self._process.stdout is None:
            return
        try:
            data = os.read(self._process.stdout.fileno(), READ_BYTES)
        except BlockingIOError:
            return
        self._answer += data
        if not data or len(self._answer) > ANSWER_BYTES_MAX:
            self._give_up("what reads pages has ended")
        elif self._answer.endswith(b"\n"):
            self._take(bytes(self._answer))

    def _take(self, line: bytes) -> None:
        asked, self._asked = self._asked, None
        if self._deadline is not None:
            self._deadline.cancel()
        try:
            page = json.decode(line, type=PageAnswer).page
        except DecodeError as error:
            self._give_up(f"it cannot be shown: {error}")
            return
        if self._wanted is None or asked is None:
            return
        self._known = asked
        self._not_before_s = self._loop.now_s() + (DIFF_EVERY_S if _is_diff(asked) else 0.0)
        if not _is_same_page(asked, self._wanted):
            self._ask(self._wanted, is_known=False)
        elif page is not None:
            self.page = page
            self._tell()

    def _give_up(self, why: str) -> None:
        """Show why; the next time that the page is wanted, another process reads it."""
        self.close()
        if self.page is not None:
            self.page = replace(self.page, note=why)
            self._tell()


def _is_of(page: Page, wanted: Wanted) -> bool:
    return page.name == (wanted.prd, wanted.story) and page.kind is wanted.kind


def _is_diff(wanted: Wanted) -> bool:
    return wanted.kind is PageKind.DIFF


def _is_same_page(one: Wanted, other: Wanted) -> bool:
    return (one.prd, one.story, one.kind) == (other.prd, other.story, other.kind)
