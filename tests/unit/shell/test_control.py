from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from prd_supervise.supervisor.shell.control.client import NoRootError, RootClient, RootGoneError
from prd_supervise.supervisor.shell.control.server import (
    CLIENTS_MAX,
    WATCHERS_MAX,
    ControlServer,
    Reply,
)
from prd_supervise.supervisor.shell.control.words import (
    LINE_BYTES_MAX,
    ControlRequest,
    FollowRequest,
    StartRequest,
    StatusRequest,
    StopRequest,
)
from prd_supervise.workers.process.eventloop import EventLoop

Result = TypeVar("Result")
NOBODY = 65534
WITHIN_S = 60.0


def nothing() -> None:
    """Settle nothing."""


@dataclass(kw_only=True)
class Served:
    """A server that notes what it was asked."""

    loop: EventLoop
    path: Path
    link: Path
    server: ControlServer
    asked: list[ControlRequest] = field(default_factory=list)
    on_settle: Callable[[], None] = nothing

    def settle(self) -> None:
        """Serve all that has come."""
        while self.loop._selector.select(0):
            self.loop.run_once()

    def connect(self) -> socket.socket:
        """Hang on the line as somebody whom no client of ours stands for."""
        raw = socket.socket(socket.AF_UNIX)
        raw.settimeout(WITHIN_S)
        raw.connect(str(self.path))
        self.settle()
        return raw

    def say(self, raw: socket.socket, data: bytes) -> list[dict[str, Any]]:
        """Send bytes, serve them, and give the replies."""
        raw.sendall(data)
        self.settle()
        return received(raw)

    def beside(self, ask: Callable[[], Result]) -> Result:
        """Serve while somebody asks and waits."""
        ours, theirs = os.pipe()
        self.loop.watch(ours, lambda: None)
        try:
            with ThreadPoolExecutor(1) as pool:
                asking = pool.submit(ask)
                asking.add_done_callback(lambda _: os.close(theirs))
                while not asking.done():
                    self.loop.run_once()
                return asking.result()
        finally:
            self.loop.unwatch(ours)
            os.close(ours)


def received(raw: socket.socket) -> list[dict[str, Any]]:
    raw.settimeout(0)
    data = b""
    try:
        while more := raw.recv(1 << 20):
            data += more
    except BlockingIOError:
        pass
    assert not data or data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


def is_hung_up(raw: socket.socket) -> bool:
    raw.settimeout(WITHIN_S)
    try:
        while raw.recv(1 << 20):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, as sockets need it."""
    with tempfile.TemporaryDirectory(prefix="prd-") as name:
        yield Path(name)


@pytest.fixture
def served(loop: EventLoop, folder: Path) -> Iterator[Served]:
    path, link = folder / "run" / "x.sock", folder / "control.sock"

    def serve(request: ControlRequest) -> Reply:
        made.asked.append(request)
        if isinstance(request, StartRequest):
            raise OSError(28, "No space left on device")
        return {"ok": True, "verb": request.verb}

    server = ControlServer(loop, path, link, serve, settle=lambda: made.on_settle())  # noqa: PLW0108  it is set later
    made = Served(loop=loop, path=path, link=link, server=server)
    yield made
    made.server.close()
    assert not path.exists()
    assert not link.is_symlink()


def test_each_request_is_validated_and_answered(served: Served) -> None:
    with served.connect() as raw:
        assert served.say(raw, b'{"verb": "status"}\n') == [{"ok": True, "verb": "status"}]
        assert served.say(raw, b'{"verb": "stop", "prds": ["A"], "now": true}\n')[0]["ok"]
        assert served.say(raw, b'{"verb": "follow"}\n')[0]["ok"]
    assert served.asked == [
        StatusRequest(verb="status"),
        StopRequest(verb="stop", prds=("A",), now=True),
        FollowRequest(verb="follow"),
    ]


def test_what_a_request_leads_to_is_settled_before_its_answer(served: Served) -> None:
    served.on_settle = lambda: served.server.tell_followers({"event": "settled"})
    with served.connect() as raw:
        follow = served.say(raw, b'{"verb": "follow"}\n')
        assert follow == [{"ok": True, "verb": "follow"}], "no event may be taken for the answer"
        event, answer = served.say(raw, b'{"verb": "status"}\n')
    assert (event["event"], answer["verb"]) == ("settled", "status")


def test_a_journal_that_fails_ends_the_tree_whoever_has_made_it_write(served: Served) -> None:
    def fail() -> None:
        raise OSError(5, "Input/output error")

    served.on_settle = fail
    with served.connect() as raw, pytest.raises(OSError, match="Input/output"):
        served.say(raw, b'{"verb": "status"}\n')


def test_orders_name_whom_they_are_for(served: Served) -> None:
    with served.connect() as raw:
        for verb in ("hold", "release", "retry", "restart"):
            line = f'{{"verb": "{verb}", "targets": ["A/1", "B"]}}\n'.encode()
            assert served.say(raw, line) == [{"ok": True, "verb": verb}]
        for none in (b'{"verb": "hold"}\n', b'{"verb": "hold", "targets": []}\n'):
            (refused,) = served.say(raw, none)
            assert "targets" in refused["error"]
    assert len(served.asked) == 4


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"verb": "destroy"}', "destroy"),
        (b'{"verb": "status", "extra": 1}', "extra"),
        (b'{"verb": "stop", "now": "yes"}', "now"),
        (b'{"verb": "stop", "prds": "A"}', "prds"),
        (b'{"verb": "start", "paths": [], "base": "b"}', "paths"),
        (b'{"verb": "start", "paths": ["a"]}', "base"),
        (b'["status"]', "request"),
        (b"\xff\xfe", "request"),
        (b"", "request"),
        (b'{"verb": "status"', "request"),
    ],
)
def test_what_is_no_request_is_told_so_and_reaches_nobody(
    line: bytes, told: str, served: Served
) -> None:
    with served.connect() as raw:
        reply, after = served.say(raw, line + b'\n{"verb": "status"}\n')
    assert reply["ok"] is False
    assert told in reply["error"]
    assert after["ok"], "the connection goes on"
    assert served.asked == [StatusRequest(verb="status")]


def test_requests_may_come_in_pieces_and_several_at_once(served: Served) -> None:
    with served.connect() as raw:
        assert served.say(raw, b'{"ver') == []
        assert served.say(raw, b'b": "status"}') == []
        assert len(served.say(raw, b'\n{"verb": "status"}\n{"verb": "status"}\n{"v')) == 3


def test_a_disk_that_is_full_refuses_the_request_and_not_more(served: Served) -> None:
    with served.connect() as raw:
        reply, after = served.say(
            raw, b'{"verb": "start", "paths": ["/a"], "base": "b"}\n{"verb": "status"}\n'
        )
    assert reply["ok"] is False
    assert "No space left on device" in reply["error"]
    assert after["ok"]


def test_who_sends_a_line_without_end_is_dropped(served: Served) -> None:
    with served.connect() as raw, served.connect() as other:
        raw.settimeout(0)
        sent = 0
        while sent <= LINE_BYTES_MAX:
            sent += raw.send(b"x" * (1 << 16))
            served.settle()
            if len(served.server._clients) == 1:
                break
        assert is_hung_up(raw)
        assert served.say(other, b'{"verb": "status"}\n')[0]["ok"]
    assert sent <= LINE_BYTES_MAX + (1 << 17)


def test_events_go_to_followers_only(served: Served) -> None:
    with served.connect() as follower, served.connect() as other:
        served.say(follower, b'{"verb": "follow"}\n')
        served.say(other, b'{"verb": "status"}\n')
        served.server.tell_followers({"event": "merged", "text": "ü"})
        assert received(follower) == [{"event": "merged", "text": "ü"}]
        assert received(other) == []


def test_a_follower_that_does_not_read_is_dropped_and_the_others_are_served(
    served: Served,
) -> None:
    with served.connect() as slow, served.connect() as quick:
        for each in (slow, quick):
            served.say(each, b'{"verb": "follow"}\n')
        heard = 0
        told = 0
        while len(served.server._clients) == 2:
            served.server.tell_followers({"text": "x" * 50_000})
            told += 1
            served.settle()
            heard += len(received(quick))
            assert told < 1000
        assert heard == told
        assert is_hung_up(slow)
        assert served.say(quick, b'{"verb": "status"}\n')[0]["ok"]


def test_a_client_that_goes_away_in_the_middle_disturbs_nobody(served: Served) -> None:
    with served.connect() as raw:
        raw.sendall(b'{"verb": "follow"}\n{"verb"')
    served.settle()
    assert not served.server._clients
    served.server.tell_followers({"text": "nobody listens"})


def test_no_more_clients_than_the_bound_are_let_in(served: Served) -> None:
    raws = [served.connect() for _ in range(CLIENTS_MAX + 1)]
    try:
        told = received(raws[-1])[0]
        assert (told["ok"], told["full"]) == (False, True)
        assert f"{CLIENTS_MAX} are connected" in told["error"]
        assert is_hung_up(raws[-1])
        assert len(served.server._clients) == CLIENTS_MAX
    finally:
        for raw in raws:
            raw.close()
        served.settle()


def test_the_socket_is_the_user_s_alone(served: Served) -> None:
    assert stat.S_IMODE(served.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(served.path.parent.stat().st_mode) == 0o700
    assert served.link.resolve() == served.path.resolve()


def test_an_open_folder_of_our_own_is_closed_to_others(loop: EventLoop, folder: Path) -> None:
    run = folder / "run"
    run.mkdir()
    run.chmod(0o777)
    server = ControlServer(loop, run / "x.sock", folder / "link", lambda _: {}, settle=nothing)
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    server.close()


def test_a_folder_that_is_a_link_is_refused(loop: EventLoop, folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "run").symlink_to(folder / "real")
    with pytest.raises(PermissionError, match="not a folder of our own"):
        ControlServer(
            loop, folder / "run" / "x.sock", folder / "link", lambda _: {}, settle=nothing
        )


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_a_folder_of_another_user_is_refused(loop: EventLoop, folder: Path) -> None:
    (folder / "run").mkdir()
    os.chown(folder / "run", NOBODY, NOBODY)
    with pytest.raises(PermissionError, match="not a folder of our own"):
        ControlServer(
            loop, folder / "run" / "x.sock", folder / "link", lambda _: {}, settle=nothing
        )


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="the system tells no peer")
def test_another_user_is_hung_up_on_even_where_modes_let_them_in(
    served: Served, folder: Path
) -> None:
    for path, mode in ((folder, 0o711), (served.path.parent, 0o711), (served.path, 0o666)):
        path.chmod(mode)
    # Not `user=`: the interpreter may stand where nobody else may go.
    code = (
        "import os, socket, sys\n"
        f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "line = socket.socket(socket.AF_UNIX)\n"
        f"line.settimeout({WITHIN_S})\n"
        "line.connect(sys.argv[1])\n"
        "try:\n"
        '    line.sendall(b\'{"verb": "status"}\\n\')\n'
        "    print(line.recv(100))\n"
        "except (BrokenPipeError, ConnectionResetError):\n"
        "    print(b'')\n"
    )
    argv = [sys.executable, "-c", code, str(served.path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as other:
        served.loop.run_once()
        assert other.communicate(timeout=WITHIN_S)[0] == "b''\n"
    assert served.asked == []
    assert not served.server._clients


def test_a_socket_that_a_dead_root_left_is_replaced(loop: EventLoop, folder: Path) -> None:
    path = folder / "x.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    (folder / "link").symlink_to("/nowhere")
    with pytest.raises(NoRootError):
        RootClient(path)
    server = ControlServer(loop, path, folder / "link", lambda _: {"ok": True}, settle=nothing)
    made = Served(loop=loop, path=path, link=folder / "link", server=server)
    with made.connect() as raw:
        assert made.say(raw, b'{"verb": "status"}\n') == [{"ok": True}]
    assert (folder / "link").resolve() == path.resolve()
    server.close()


def test_who_finds_no_place_in_the_queue_of_a_root_that_hangs_is_told_so(folder: Path) -> None:
    path = folder / "x.sock"
    with socket.socket(socket.AF_UNIX) as hanging, contextlib.ExitStack() as waiting:
        hanging.bind(str(path))
        hanging.listen(0)
        with pytest.raises(NoRootError, match="too many others wait for it already"):  # noqa: PT012
            for _ in range(10):
                waiting.callback(RootClient(path).close)


# --- our own client -----------------------------------------------------------------------------


def test_the_client_asks_and_is_answered(served: Served) -> None:
    client = RootClient(served.path)
    assert served.beside(lambda: client.ask("status")) == {"ok": True, "verb": "status"}
    refused = served.beside(lambda: client.ask("status", extra=1))
    assert refused["ok"] is False
    client.close()


def test_the_client_hears_events_until_root_hangs_up(served: Served) -> None:
    client = RootClient(served.path)
    served.beside(lambda: client.ask("follow"))
    events = client.events()
    served.server.tell_followers({"event": "one"})
    served.server.tell_followers({"event": "two"})
    assert [next(events), next(events)] == [{"event": "one"}, {"event": "two"}]
    for each in tuple(served.server._clients):
        each.close()
    assert list(events) == []
    client.close()


@pytest.mark.parametrize("last_words", [b"", b'{"ok": tru'])
def test_a_root_that_is_killed_in_the_middle_of_a_line_has_hung_up(
    last_words: bytes, folder: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "x.sock"))
        listener.listen()
        asking, following, waiting = (RootClient(folder / "x.sock") for _ in range(3))
        for data in (last_words, b'{"event": "one"}\n' + last_words, last_words):
            with listener.accept()[0] as root:
                root.sendall(data)
        with pytest.raises(RootGoneError):
            asking.ask("status")
        assert list(following.events()) == [{"event": "one"}]
        waiting.wait_for_end()
        for client in (asking, following, waiting):
            client.close()


def test_who_is_refused_at_the_door_reads_why(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "x.sock"))
        listener.listen()
        client = RootClient(folder / "x.sock")
        with listener.accept()[0] as root:
            root.sendall(b'{"ok": false, "full": true}\n')
        assert client.ask("status") == {"ok": False, "full": True}
        client.close()


def test_where_nobody_listens_the_client_says_so(folder: Path) -> None:
    with pytest.raises(NoRootError):
        RootClient(folder / "x.sock")


def test_nothing_is_done_for_an_asker_that_has_given_up(served: Served) -> None:
    gone, half = served.connect(), served.connect()
    gone.sendall(b'{"verb": "stop"}\n')
    gone.close()
    half.sendall(b'{"verb": "status"}\n')
    half.shutdown(socket.SHUT_WR)
    served.settle()
    assert [type(request) for request in served.asked] == [StatusRequest]
    assert json.loads(half.makefile().readline())["ok"]
    half.close()


def test_who_waits_long_is_told_so(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prd_supervise.supervisor.shell.control.client.SLOW_S", 0.0)
    monkeypatch.setattr("prd_supervise.supervisor.shell.control.client.ANSWER_S", 0.01)
    client, told = RootClient(served.path), []
    assert client.pid == os.getpid()
    with pytest.raises(NoRootError, match="timed out"):
        client.ask("status", on_slow=lambda: told.append(1))
    assert told == [1]
    client.close()


def test_however_many_look_an_order_is_heard(served: Served) -> None:
    watching = [served.connect() for _ in range(WATCHERS_MAX + 1)]
    for raw in watching:
        raw.sendall(b'{"verb": "watch"}\n')
        served.settle()
    told = received(watching[-1])
    assert [(each["ok"], each["full"]) for each in told] == [(False, True)]
    assert f"{WATCHERS_MAX} are looking already" in told[0]["error"]
    assert is_hung_up(watching[-1])
    assert served.say(watching[0], b'{"verb": "watch"}\n')[-1]["ok"], "who watches may ask again"
    ordering = served.connect()
    assert served.say(ordering, b'{"verb": "stop"}\n') == [{"ok": True, "verb": "stop"}]
    for raw in (*watching, ordering):
        raw.close()
    served.settle()


def test_who_never_says_a_word_is_hung_up_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prd_supervise.supervisor.shell.control.server.SILENT_S", 0.0)
    mute, other = served.connect(), served.connect()
    served.settle()
    assert is_hung_up(mute)
    other.close()
    mute.close()
    served.settle()
    assert not served.server._clients
