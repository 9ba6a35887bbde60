"""A real browser without a window, spoken to over two pipes by its debugging protocol."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ANSWER_S = 60.0
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars"),
    *("--remote-debugging-pipe", "--disable-dev-shm-usage", "about:blank"),
)
# The browser reads descriptor 3 and writes descriptor 4.
_BEGIN = "import os,sys; a,b=map(int,sys.argv[1:3]); os.dup2(a,3); os.dup2(b,4); "
_BEGIN += "os.execv(sys.argv[3], sys.argv[3:])"


def browser_path() -> str:
    """Where one is; empty if none is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


class Browser:
    """One page that is loaded and looked at again and again; all it says is kept."""

    def __init__(self, reads: int, writes: int) -> None:
        self._reads = reads
        self._writes = writes
        self._rest = b""
        self._number = 0
        self._session = ""
        self.events: list[dict[str, Any]] = []

    def open(self) -> None:
        """Begin with an empty page."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        told = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = told["sessionId"]
        for name in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{name}.enable")

    def load(self, url: str, *, width: int, height: int = 900, is_dark: bool = False) -> None:
        """Load a page in a window of this size."""
        self.events.clear()
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.ask("Page.navigate", url=url)
        self._wait("Page.loadEventFired")

    def value(self, expression: str) -> Any:  # noqa: ANN401  JSON
        """What an expression is worth in the page."""
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def picture(self, path: Path) -> None:
        """Write what is seen."""
        data = self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def told(self, method: str) -> list[dict[str, Any]]:
        """What was heard of this kind since the page was loaded."""
        return [each["params"] for each in self.events if each["method"] == method]

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        self._number += 1
        request: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._writes, json.dumps(request).encode() + b"\0")
        while True:
            message = self._next()
            if message.get("id") == self._number:
                assert "error" not in message, message
                return dict(message["result"])

    def _wait(self, method: str) -> None:
        while not self.told(method):
            self._next()

    def _next(self) -> dict[str, Any]:
        until_s = time.monotonic() + ANSWER_S
        while b"\0" not in self._rest:
            left_s = until_s - time.monotonic()
            ready, _, _ = select.select([self._reads], [], [], max(0.0, left_s))
            assert ready, f"the browser says nothing for {ANSWER_S:g} s"
            read = os.read(self._reads, 1 << 20)
            assert read, "the browser has ended"
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(line)
        assert isinstance(message, dict)
        if "method" in message:
            self.events.append(message)
        return message


@contextmanager
def browser() -> Iterator[Browser]:
    """Run one, with a profile and a TMPDIR of its own, where sockets have a short path."""
    with (
        TemporaryDirectory(prefix="prd-browser-", ignore_cleanup_errors=True) as folder,
        _run(Path(folder)) as found,
    ):
        yield found


@contextmanager
def _run(folder: Path) -> Iterator[Browser]:
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    words = [browser_path(), *_OPTIONS, f"--user-data-dir={folder / 'profile'}"]
    begin = [sys.executable, "-c", _BEGIN, str(their_in), str(their_out), *words]
    with subprocess.Popen(
        begin,
        pass_fds=(their_in, their_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ
        | {"HOME": str(folder), "TMPDIR": str(folder), "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
    ) as process:
        os.close(their_in)
        os.close(their_out)
        try:
            found = Browser(our_in, our_out)
            found.open()
            yield found
        finally:
            os.close(our_out)
            os.close(our_in)
            process.kill()
