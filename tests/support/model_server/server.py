"""A model server on loopback: it speaks what the vendors' servers speak, and thinks by a script."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

from tests.support.model_server import anthropic, chat, gemini, responses
from tests.support.model_server.script import Answer, Fault, Ill, Step
from tests.support.model_server.scripts import Scripts
from tests.support.model_server.tools import tool_for

_ASIDE = Answer(text="A title.")  # for requests that offer no tools: titles, summaries, probes
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: the peer sees a reset, no end


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request for an answer, as it came; never with its key."""

    api: str
    model: str
    is_aside: bool
    is_keyed: bool  # with the key of the tests
    step: Step
    body: str


class ModelServer:
    """Serves on a socket that listens, until it is closed."""

    def __init__(self, listening: socket.socket, *, key: str) -> None:
        self.port: int = listening.getsockname()[1]
        self.key = key
        self.asked: list[Asked] = []
        self.strange: list[str] = []  # paths that nobody serves
        self.scripts = Scripts()
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._http = _Http(listening, self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is; the namespace is that of the socket."""
        return f"http://127.0.0.1:{self.port}"

    def play(self, *steps: Step, words: str = "") -> None:
        """Answer requests that bear `words` by this script."""
        self.scripts.set(words, steps)

    def turns(self, words: str = "") -> list[Asked]:
        """The requests of agents at work that bear `words`."""
        return [each for each in self.asked if not each.is_aside and words in each.body]

    def close(self) -> None:
        """End every answer, and wait for all threads."""
        self.closing.set()
        self._http.shutdown()
        with self._lock:
            for each in self._connections:
                _shut(each)
        self._http.server_close()
        self._thread.join()

    def opened(self, connection: socket.socket) -> None:
        """Note a connection."""
        with self._lock:
            self._connections.add(connection)
        if self.closing.is_set():
            _shut(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.discard(connection)


class _Http(ThreadingHTTPServer):
    daemon_threads = False  # the end waits for them
    request_queue_size = 64

    def __init__(self, listening: socket.socket, model: ModelServer) -> None:
        address = listening.getsockname()
        super().__init__(address, _Exchange, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.model = model
        self.server_name, self.server_port = address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away: agents are killed here."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def setup(self) -> None:
        super().setup()
        self.server.model.opened(self.connection)

    def finish(self) -> None:
        self.server.model.closed(self.connection)
        super().finish()

    def log_message(self, *_words: object) -> None:
        """Be silent."""

    def do_HEAD(self) -> None:
        self._send(200, b"")

    def do_GET(self) -> None:
        is_known = self.path.partition("?")[0].endswith("/models")
        self._send_json(200 if is_known else 404, {"object": "list", "models": [], "data": []})

    def do_POST(self) -> None:
        raw, path = self._body(), self.path.partition("?")[0]
        api = _api(path)
        if api is None:
            self._count_or_refuse(path)
            return
        body = json.loads(raw)
        model = self.server.model
        offered = api.offered(body)
        step = model.scripts.next(raw) if offered else _ASIDE
        model.asked.append(
            Asked(
                api=api.__name__.rpartition(".")[2],
                model=body.get("model") or path.rpartition("/")[2].partition(":")[0],
                is_aside=not offered,
                is_keyed=self._is_keyed(),
                step=step,
                body=raw,
            )
        )
        number = len(model.asked)
        is_streamed = bool(body.get("stream")) or "streamGenerateContent" in path
        if isinstance(step, Answer):
            tools = [tool_for(call, offered, body) for call in step.calls]
            self._answer(api, api.whole(step, tools, body, number), is_streamed=is_streamed)
        else:
            self._be_ill(api, step, api.whole(Answer(), [], body, number))

    # --- answers --------------------------------------------------------------------------------

    def _answer(self, api: ModuleType, whole: dict[str, Any], *, is_streamed: bool) -> None:
        if not is_streamed:
            self._send_json(200, whole)
            return
        self._begin_stream()
        for frame in api.frames(whole):
            self._chunk(frame)
        self.wfile.write(b"0\r\n\r\n")

    def _be_ill(self, api: ModuleType, fault: Fault, empty: dict[str, Any]) -> None:
        match fault.ill:
            case Ill.GARBAGE:
                self._send(200, b"<html>bad gateway</html>", "text/html")
            case Ill.DROP:
                self._reset()
            case Ill.SILENT:
                self.server.model.closing.wait()
                self._reset()
            case Ill.STALL | Ill.DROP_MIDWAY:
                self._begin_stream()
                self._chunk(next(api.frames(empty)))
                if fault.ill is Ill.STALL:
                    self.server.model.closing.wait()
                self._reset()
            case Ill.EMPTY:
                self._answer(api, empty, is_streamed=True)
            case _:
                refusal = api.refusal(fault)
                self._send_json(refusal.status, refusal.body, refusal.headers)

    # --- HTTP -----------------------------------------------------------------------------------

    def _body(self) -> str:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            raw = b""
            while size := int(self.rfile.readline().strip() or b"0", 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("content-encoding") == "gzip":
            raw = gzip.decompress(raw)
        return raw.decode()

    def _is_keyed(self) -> bool:
        names = ("authorization", "x-api-key", "x-goog-api-key")
        return any(self.server.model.key in self.headers.get(name, "") for name in names)

    def _count_or_refuse(self, path: str) -> None:
        if path.endswith(("/count_tokens", ":countTokens")):
            self._send_json(200, {"input_tokens": 1000, "totalTokens": 1000})
            return
        self.server.model.strange.append(path)
        self._send_json(404, {"error": {"message": "not served", "type": "not_found_error"}})

    def _send_json(
        self, status: int, document: object, headers: dict[str, str] | None = None
    ) -> None:
        self._send(status, json.dumps(document).encode(), "application/json", headers)

    def _send(
        self, status: int, data: bytes, kind: str = "", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        _shut(self.connection)


def _api(path: str) -> ModuleType | None:
    if path.endswith("/messages"):
        return anthropic
    if path.endswith("/responses"):
        return responses
    if path.endswith("/chat/completions"):
        return chat
    return gemini if path.endswith("enerateContent") else None


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already
