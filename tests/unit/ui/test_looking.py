from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.locks import RootLock
from prd_supervise.supervisor.ui.looking import Look, Looker
from prd_supervise.supervisor.ui.recent_events import EVENTS_MAX, RecentEvents
from tests.support.status_documents import a_document, a_prd, a_story

WITHIN_S = 60.0
EVENT = {
    "at": "2026-11-20T22:03:04.000+00:00",
    "event": "merged",
    "prd": "P",
    "story": "A",
    "text": "x",
}


class FakeRoot:
    """Somebody who listens where root would, and says what the test wants."""

    def __init__(self, layout: Layout) -> None:
        layout.control_link.parent.mkdir(parents=True)
        self.path = Path(tempfile.mkdtemp(prefix="prd-")) / "x.sock"
        layout.control_link.symlink_to(self.path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(self.path))
        self._socket.listen(4)
        self._socket.settimeout(WITHIN_S)
        self._peers: list[socket.socket] = []

    def meet(self) -> dict[str, Any]:
        """Let the looker in and read what it asks."""
        peer, _ = self._socket.accept()
        peer.settimeout(WITHIN_S)
        self._peers.append(peer)
        return self.asked()

    def asked(self) -> dict[str, Any]:
        """The next request."""
        data = b""
        while not data.endswith(b"\n"):
            data += self._peers[-1].recv(1)
        found = json.loads(data)
        assert isinstance(found, dict)
        return found

    def say(self, told: object) -> None:
        """Say something to the last one who came."""
        data = told if isinstance(told, bytes) else msgspec.json.encode(told) + b"\n"
        self._peers[-1].sendall(data)

    def hang_up(self) -> None:
        """Have no more to say to the last one who came."""
        self._peers[-1].close()

    def close(self) -> None:
        """Leave."""
        for each in (*self._peers, self._socket):
            each.close()
        self.path.unlink()
        self.path.parent.rmdir()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(
        repository=tmp_path,
        common_dir=tmp_path / ".git",
        state_dir=tmp_path / "state",
        worktrees=tmp_path / "worktrees",
    )


@pytest.fixture
def root(layout: Layout) -> Iterator[FakeRoot]:
    """It holds the lock, as every root does."""
    fake = FakeRoot(layout)
    lock = RootLock(layout.root_lock, {"pid": os.getpid(), "started_at": 1.0})
    yield fake
    lock.close()
    fake.close()


@pytest.fixture
def looker(layout: Layout, root: FakeRoot) -> Iterator[Looker]:
    """It has begun to ask, and no look has waited yet."""
    with Looker(layout) as made:
        made._hear()
        assert root.meet() == {"verb": "watch"}
        yield made


def document(*stories: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  any member
    prd = a_prd(*(a_story(name, "running") for name in stories), id="P")
    found = msgspec.to_builtins(a_document(prd))
    assert isinstance(found, dict)
    return found | more


def stories_of(look: Look) -> list[tuple[str, str]]:
    return [(story.id, story.state) for prd in look.document.prds for story in prd.stories]


def test_a_look_is_what_root_said_first_and_every_change_since(
    looker: Looker, root: FakeRoot
) -> None:
    root.say({"ok": True, "status": document("A", "B")})
    assert stories_of(looker.look()) == [("A", "running"), ("B", "running")]

    change = {
        "at": 5.0,
        "prds": [{"prd": msgspec.to_builtins(a_prd(a_story("B", "done"), id="P"))}],
    }
    line = msgspec.json.encode(change) + b"\n"
    root.say(line[:20])
    assert stories_of(looker.look()) == [("A", "running"), ("B", "running")]
    root.say(line[20:])
    root.say({"event": EVENT})
    look = looker.look()
    assert stories_of(look) == [("A", "running"), ("B", "done")]
    assert (look.is_live, look.problem, look.events) == (True, "", (EVENT,))
    assert looker.look().events == (), "each event once"


def test_prds_come_and_go_in_the_order_that_root_says(looker: Looker, root: FakeRoot) -> None:
    root.say({"ok": True, "status": document("A")})
    looker.look()
    new = msgspec.to_builtins(a_prd(a_story("C", "waiting"), id="Q"))
    root.say({"at": 5.0, "prds": [{"prd": new, "is_whole": True}], "order": ["Q", "P"]})
    assert [prd.id for prd in looker.look().document.prds] == ["Q", "P"]
    root.say({"at": 6.0, "order": ["Q"]})
    assert [prd.id for prd in looker.look().document.prds] == ["Q"]


def test_of_a_newer_root_is_shown_what_can_be_understood_and_it_is_said_so(
    looker: Looker, root: FakeRoot
) -> None:
    newer = document("A", "B", schema_version=2, mood="good")
    newer["root"]["leases"] = {"claude": 3}
    newer["prds"][0]["stories"][1]["attempt"] = [1, 2]
    root.say({"ok": True, "status": newer})
    look = looker.look()
    assert stories_of(look) == [("A", "running")], "of the other one not even the attempt is known"
    assert look.document.root.leases is None
    assert look.document.root.pid == 4711
    assert look.problem == (
        "root speaks status version 2, this command 1: what it does not know is not shown; "
        "install the version that root has"
    )


def test_an_older_root_that_nobody_can_watch_is_asked_again(looker: Looker, root: FakeRoot) -> None:
    root.say({"ok": False, "error": "request: watch is no verb"})
    looker._hear()
    assert root.asked() == {"verb": "status"}
    root.say({"ok": True, "status": document("A")})
    assert stories_of(looker.look()) == [("A", "running")]


def test_who_finds_no_room_shows_the_journals_and_says_why(looker: Looker, root: FakeRoot) -> None:
    full = {"ok": False, "full": True, "error": "64 are looking already"}
    root.say(full)
    root.hang_up()
    looks = [looker.look() for _ in range(3)]
    assert root.meet() == {"verb": "watch"}, "it tries again"
    looks.append(looker.look())
    why = f"root (pid {os.getpid()}) shows nothing more: 64 are looking already"
    assert [(look.problem, look.is_live) for look in looks] == [(why, False)] * len(looks)
    root.say({"ok": True, "status": document("A")})
    assert stories_of(looker.look()) == [("A", "running")]


@pytest.mark.parametrize("said", [b"no JSON\n", b"[1]\n{\n", b'{"status": 3}\n', b'{"at": "x"}\n'])
def test_who_talks_nonsense_is_no_root_and_no_end_of_us(
    said: bytes, looker: Looker, root: FakeRoot
) -> None:
    root.say({"ok": True, "status": document("A")})
    looker.look()
    root.say(said)
    looker.look()
    looker.look()


def test_a_root_that_lets_us_in_and_says_nothing_is_told_within_two_seconds(
    looker: Looker,
) -> None:
    look = looker.look()
    assert (look.is_live, look.is_answered) == (False, False)
    assert look.problem == f"root (pid {os.getpid()}) does not answer"
    assert look.document.root.state == "not answering"


def test_what_is_read_of_the_log_and_heard_of_root_is_one_story(
    layout: Layout, looker: Looker, root: FakeRoot
) -> None:
    old = EVENT | {"event": "attempt_started", "at": "2026-11-20T22:00:00.000+00:00"}
    lines = "".join(json.dumps(event) + "\n" for event in (old, EVENT))
    layout.events.write_text(lines, encoding="utf-8")
    root.say({"ok": True, "status": document("A")})
    root.say({"event": EVENT})
    assert looker.look().events == (old, EVENT)


def test_of_a_long_log_that_grows_only_what_is_new_is_told(layout: Layout) -> None:
    layout.events.parent.mkdir()
    lines = [json.dumps(EVENT | {"text": str(number)}) + "\n" for number in range(2 * EVENTS_MAX)]
    layout.events.write_text("".join(lines), encoding="utf-8")
    recent = RecentEvents(layout.events)
    recent.read()
    assert len(recent.take()) == EVENTS_MAX
    fresh = EVENT | {"text": "the last one"}
    with layout.events.open("a", encoding="utf-8") as log:
        log.write(json.dumps(fresh) + "\n")
    recent.read()
    assert recent.take() == (fresh,)
