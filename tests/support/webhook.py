"""A webhook on loopback that answers as it is told, or does not."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG, DROP, DRIP, FLOOD, STALL = "hang", "drop", "drip", "flood", "stall"
Answer = int | str | tuple[int, str]  # a status, a fault, or a redirect and where to
_HANG_S_MAX = 60.0


class Webhook:
    """What was posted, and what is answered: the answers in order, the last one for ever."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.seen: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.is_over = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook/s3cr3t-part"

    def events(self) -> list[str]:
        """The events that were posted."""
        return [str(each["event"]) for each in self.seen]

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Note one post, and answer it."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.headers.append(dict(request.headers))
        self.seen.append(json.loads(body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, int):
            request.send_response(answer)
            request.end_headers()
            request.wfile.write(b"said so")
        elif isinstance(answer, tuple):
            request.send_response(answer[0])
            request.send_header("Location", answer[1])
            request.end_headers()
        else:
            self._misbehave(request, answer)

    def _misbehave(self, request: BaseHTTPRequestHandler, fault: str) -> None:
        if fault == HANG:
            self.is_over.wait(_HANG_S_MAX)
        elif fault == DROP:
            request.connection.shutdown(socket.SHUT_RDWR)
        elif fault == DRIP:
            deadline_s = time.monotonic() + _HANG_S_MAX
            request.wfile.write(b"HTTP/1.0 200 OK\r\n")
            while not self.is_over.wait(0.2) and time.monotonic() < deadline_s:
                request.wfile.write(b"X-More: 1\r\n")
        elif fault == STALL:  # it has taken the message, and never finishes its answer
            request.send_response(200)
            request.send_header("Content-Length", "100")
            request.end_headers()
            self.is_over.wait(_HANG_S_MAX)
        elif fault == FLOOD:
            request.send_response(200)
            request.end_headers()
            block = b"x" * (1 << 20)
            while not self.is_over.is_set():
                request.wfile.write(block)

    @contextmanager
    def serving(self) -> Iterator[Webhook]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hung up
        thread.start()
        try:
            yield self
        finally:
            self.is_over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@contextmanager
def webhook(*answers: Answer) -> Iterator[Webhook]:
    """A webhook that answers so; 204 where nothing is said."""
    with Webhook(answers or (204,)).serving() as hook:
        yield hook
