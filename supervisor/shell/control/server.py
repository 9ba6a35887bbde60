"""The control socket's side in root: JSON lines, each request answered at once.

Who does not read what it asked for is dropped, and who would be one too many is told so: nobody
slows the tree.
Nothing is done for an asker that has hung up: a root that was stopped for hours would carry out
what people gave up long ago.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from ....workers.process.eventloop import EventLoop
from ..shortages import SHORT
from ..status.encoding import encoded
from .barring import REFUSED
from .client import NOT_UNDERSTOOD
from .peer import peer_pid, peer_uid
from .words import LINE_BYTES_MAX, REQUEST, ControlRequest, FollowRequest, Looking, WatchRequest

WATCHERS_MAX = 64
CLIENTS_MAX = 128  # who only looks must not keep a `stop` out
UNREAD_BYTES_MAX = 4 << 20
SILENT_S = 30.0  # until the first word: who says none would keep others out
PAUSE_S = 1.0  # without descriptors or memory nobody is let in

Reply = Mapping[str, object] | bytes  # bytes: it is encoded already

_CLOSE = "close a dashboard or something else that looks on"
_NO_MORE_CLIENTS = f"{CLIENTS_MAX} are connected, and no more are let in; {_CLOSE}"
_NO_MORE_WATCHERS = f"{WATCHERS_MAX} are looking already; {_CLOSE}"


class ControlServer:
    """Listens, checks who asks, and hands requests to `serve`."""

    def __init__(
        self,
        loop: EventLoop,
        path: Path,
        link: Path,
        serve: Callable[[ControlRequest], Reply],
        *,
        settle: Callable[[], None],
        is_barred: Callable[[int | None], bool] = lambda _: False,
    ) -> None:
        """Listen; `settle` makes durable what a request has led to, before it is answered.

        Who `is_barred`, by its pid, may look and order nothing.
        """
        self._settle = settle
        self._is_barred = is_barred
        self._loop = loop
        self._path = path
        self._link = link
        self._serve = serve
        self._clients: set[_Client] = set()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.parent.is_symlink() or path.parent.stat().st_uid != os.getuid():
            raise PermissionError(f"{path.parent} is not a folder of our own")
        path.parent.chmod(0o700)  # it may be older than we are
        path.unlink(missing_ok=True)  # root's lock is held: whoever made it is gone
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(0)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(before)
        self._socket.listen(16)
        with contextlib.suppress(OSError):  # a convenience; clients know where the socket lies
            link.unlink(missing_ok=True)
            link.symlink_to(path)
        self._listen()

    def _listen(self) -> None:
        if self._socket.fileno() >= 0:  # it may be closed by now
            self._loop.watch(self._socket.fileno(), self._accept)

    def tell_followers(self, event: dict[str, object]) -> None:
        """Send an event to everybody who follows."""
        followers = [client for client in self._clients if client.follows]
        line = encoded(event) if followers else b""
        for client in followers:
            client.send(line)

    def tell_watchers(self, line: bytes) -> bool:
        """Send a line to everybody who watches; say whether anybody does."""
        watchers = [client for client in self._clients if client.watches]
        for client in watchers:
            client.send(line)
        return bool(watchers)

    def close(self) -> None:
        """Hang up on everybody and take the socket away."""
        self._loop.unwatch(self._socket.fileno())
        self._socket.close()
        for client in tuple(self._clients):
            client.close()
        for path in (self._path, self._link):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _accept(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except OSError as error:
            if error.errno in SHORT:  # whoever waits at the door must not make us spin
                self._loop.unwatch(self._socket.fileno())
                self._loop.call_at(self._loop.now_s() + PAUSE_S, self._listen)
            return  # else it hung up before we came
        connection.settimeout(0)
        if not _is_ours(connection):
            connection.close()
            return
        if len(self._clients) >= CLIENTS_MAX:
            with contextlib.suppress(OSError):
                connection.send(encoded(_full(_NO_MORE_CLIENTS)))
            connection.close()
            return
        self._clients.add(_Client(self._loop, connection, self._answer, self._clients.discard))

    def _answer(self, client: _Client, line: bytes) -> Reply:
        try:
            request = REQUEST.validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            return {"ok": False, "error": f"{NOT_UNDERSTOOD}{place}: {first['msg']}"}
        if not isinstance(request, Looking) and self._is_barred(client.pid):
            return {"ok": False, "error": REFUSED}
        watchers = sum(each.watches for each in self._clients)
        if isinstance(request, WatchRequest) and not client.watches and watchers >= WATCHERS_MAX:
            client.send(_full(_NO_MORE_WATCHERS))
            client.close()
            return b""
        try:
            reply = self._serve(request)
        except OSError as error:  # a full disk refuses what was asked; it does not end the tree
            return {"ok": False, "error": f"{request.verb}: {error}"}
        self._settle()  # a journal that fails ends the tree, whoever has made it write
        # Not before: an event of that moment would be taken for the answer.
        client.follows = client.follows or isinstance(request, FollowRequest)
        client.watches = client.watches or isinstance(request, WatchRequest)
        return reply


class _Client:
    """One connection."""

    def __init__(
        self,
        loop: EventLoop,
        connection: socket.socket,
        answer: Callable[[_Client, bytes], Reply],
        on_close: Callable[[_Client], None],
    ) -> None:
        self.follows = self.watches = False
        self.pid = peer_pid(connection)
        self._loop = loop
        self._connection = connection
        self._answer = answer
        self._on_close = on_close
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._is_open = True
        self._silence = loop.call_at(loop.now_s() + SILENT_S, self.close)
        loop.watch(connection.fileno(), self._read)

    def send(self, told: Reply) -> None:
        if not self._is_open:
            return
        if len(self._outgoing) > UNREAD_BYTES_MAX:  # one answer may be longer, in a large tree
            self.close()
            return
        self._outgoing += told if isinstance(told, bytes) else encoded(told)
        self._flush()

    def _read(self) -> None:
        try:
            data = self._connection.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._incoming += data
        if not data or len(self._incoming) > LINE_BYTES_MAX or _has_hung_up(self._connection):
            self.close()
            return
        while self._is_open and b"\n" in self._incoming:
            self._silence.cancel()
            line, _, rest = bytes(self._incoming).partition(b"\n")
            self._incoming[:] = rest
            self.send(self._answer(self, line))

    def _flush(self) -> None:
        try:
            while self._outgoing:
                sent = self._connection.send(self._outgoing)
                del self._outgoing[:sent]
        except BlockingIOError:
            self._loop.watch(self._connection.fileno(), self._read, self._flush)
            return
        except OSError:
            self.close()
            return
        self._loop.watch(self._connection.fileno(), self._read)

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._silence.cancel()
            self._loop.unwatch(self._connection.fileno())
            self._connection.close()
            self._on_close(self)


def _full(why: str) -> dict[str, object]:
    return {"ok": False, "full": True, "error": why}


def _has_hung_up(connection: socket.socket) -> bool:
    """Say whether nobody reads our answer any more; who only writes no more still does."""
    poll = select.poll()
    poll.register(connection, 0)
    return any(happened & (select.POLLHUP | select.POLLERR) for _, happened in poll.poll(0))


def _is_ours(connection: socket.socket) -> bool:
    """Say whether the peer is our own user; where no system call tells, the folder's mode does."""
    try:
        uid = peer_uid(connection)
    except OSError:  # it hung up before we asked, or is told of in a form that we do not know
        return False
    return uid is None or uid == os.getuid()
