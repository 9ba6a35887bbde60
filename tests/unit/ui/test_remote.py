from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.locks import RootLock
from prd_supervise.supervisor.ui import remote
from prd_supervise.supervisor.ui.errors import FatalError
from prd_supervise.supervisor.ui.remote import RootEndedError

Talk = Callable[[socket.socket], None]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Where a root would listen; its path is short, as sockets need it."""
    with tempfile.TemporaryDirectory(prefix="prd-") as name, socket.socket(socket.AF_UNIX) as made:
        made.bind(f"{name}/x.sock")
        made.listen()
        yield made


@pytest.fixture
def layout(tmp_path: Path, listener: socket.socket) -> Iterator[Layout]:
    """A root lives, and listens there."""
    made = Layout(
        repository=tmp_path,
        common_dir=tmp_path / ".git",
        state_dir=tmp_path / "state",
        worktrees=tmp_path / "worktrees",
    )
    made.control_link.parent.mkdir(parents=True)
    made.control_link.symlink_to(listener.getsockname())
    lock = RootLock(made.root_lock, {"pid": os.getpid(), "started_at": 1.0})
    yield made
    lock.close()


def hears_and_dies(peer: socket.socket) -> None:
    peer.recv(1 << 16)


def dies_unheard(peer: socket.socket) -> None:
    del peer


def has_no_room(peer: socket.socket) -> None:
    peer.sendall(b'{"ok": false, "full": true, "error": "128 are connected"}\n')


@pytest.mark.parametrize(
    ("talk", "kind", "told"),
    [
        (hears_and_dies, RootEndedError, "has ended before it answered; `prd-supervise status`"),
        (dies_unheard, RootEndedError, "has ended before it answered; `prd-supervise status`"),
        (has_no_room, FatalError, ": 128 are connected"),
    ],
)
def test_an_order_that_root_does_not_answer_is_not_said_to_be_done(
    talk: Talk, kind: type[FatalError], told: str, listener: socket.socket, layout: Layout
) -> None:
    def serve() -> None:
        with listener.accept()[0] as peer:
            talk(peer)

    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(serve)
        root = remote.root_of(layout)
        assert root is not None
        with pytest.raises(kind, match=told) as raised:
            remote.ask(root, "hold", targets=["P"])
        serving.result()
        root.close()
    assert type(raised.value) is kind
    assert str(raised.value).startswith(f"root (pid {os.getpid()})")
