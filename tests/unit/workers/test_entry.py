from __future__ import annotations

import ast
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.workers import descendants
from prd_supervise.workers.entry import EX_PROTOCOL
from prd_supervise.workers.messages.common import Done, Ready, Stop
from prd_supervise.workers.messages.story import Finish
from prd_supervise.workers.process_table import read_proc
from tests.unit.workers.peer import Peer

pytestmark = pytest.mark.slow

STOP = Stop(deadline_s=0.0, grace_s=0.0)
NOBODY_LEFT_S = 3.0  # the promise is 1 s; a loaded machine may take longer
WaitUntil = Callable[[Callable[[], bool], float], None]


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Peer]:
    with Peer("bare", tmp_path) as peer:
        yield peer


def test_a_child_is_named_leads_its_session_and_keeps_its_environment(
    child: Peer,
) -> None:
    ready = child.next(Ready)
    assert ready == Ready(
        pid=child.process.pid, start_ticks=descendants.start_ticks(ready.pid) or -1
    )
    assert read_proc(ready.pid, "cmdline").rstrip(b"\0 ") == b"prd-supervise: test"
    assert os.getsid(ready.pid) == ready.pid
    path = f"PATH={os.environ['PATH']}".encode()
    assert path in read_proc(ready.pid, "environ").split(b"\0"), "SPT_NOENV=1"


def test_done_is_the_last_word_of_a_good_end(child: Peer) -> None:
    child.next(Ready)
    child.send(Finish(result="echo"), STOP)
    assert child.rest() == [Finish(result="echo"), Done()]
    assert child.exit_code() == 0


def test_a_bad_end_says_no_done(child: Peer) -> None:
    child.next(Ready)
    child.send(Finish(result="end badly"))
    assert child.rest() == []
    assert child.exit_code() == 3


def test_what_is_still_to_be_said_is_said_before_the_end(child: Peer) -> None:
    child.next(Ready)
    child.send(Finish(result="talk much"))
    assert child.rest() == [*[Finish(result="x" * 500_000)] * 4, Done()]
    assert child.exit_code() == 0


def test_a_parent_that_does_not_read_does_not_hold_up_the_end(child: Peer) -> None:
    child.next(Ready)
    child.send(Finish(result="talk much"))
    assert child.exit_code() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_a_terminal_sends_is_the_root_s_alone(number: signal.Signals, child: Peer) -> None:
    child.next(Ready)
    child.process.send_signal(number)
    child.send(Finish(result="echo"))
    assert child.next(Finish).result == "echo"


def family_of(child: Peer) -> list[int]:
    child.next(Ready)
    child.send(Finish(result="have a family"))
    family = ast.literal_eval(child.next(Finish).result)
    assert len(family) >= 3
    return [int(pid) for pid in family]


def is_gone(pid: int) -> bool:
    return descendants.start_ticks(pid) is None or descendants.is_zombie(pid)


@pytest.mark.parametrize("how", ["SIGTERM", "end of file", "its own end"])
def test_nothing_of_its_family_outlives_a_child(how: str, child: Peer) -> None:
    family = family_of(child)
    began_s = time.monotonic()
    if how == "SIGTERM":
        child.process.terminate()
    elif how == "end of file":
        child.channel.close()
    else:
        child.send(STOP)
    code = child.exit_code()
    lasted_s = time.monotonic() - began_s
    assert code == (0 if how == "its own end" else 128 + signal.SIGTERM)
    assert all(is_gone(pid) for pid in family)
    assert lasted_s < NOBODY_LEFT_S


def test_a_child_whose_parent_died_before_it_came_up_ends_at_once(tmp_path: Path) -> None:
    with Peer("bare", tmp_path, parent_pid=2**22 - 1) as child:
        assert child.exit_code() == 128 + signal.SIGTERM
        assert child.rest() == []


def test_a_bug_is_told_in_the_crash_log_and_not_on_the_terminal(
    child: Peer, capfd: pytest.CaptureFixture[str]
) -> None:
    child.next(Ready)
    child.send(Finish(result="fail"))
    assert child.exit_code() == 1
    assert child.rest() == []
    assert "RuntimeError: a bug" in child.crash()
    assert (child.folder / "crash.log").stat().st_mode & 0o077 == 0
    assert capfd.readouterr() == ("", "")


def test_bytes_that_are_no_message_end_the_child(child: Peer) -> None:
    child.next(Ready)
    os.write(child.channel.fd, b"\xff\xff\xff\xff")
    assert child.exit_code() == EX_PROTOCOL
    (line,) = child.crash().splitlines()
    assert line.startswith(f"test ({child.process.pid}) ends: the parent said what is no word")
