from __future__ import annotations

import ast
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.policies.supervising.liveness import BEAT_S
from prd_supervise.workers.messages.common import Done, Heartbeat, Ready, Stop
from prd_supervise.workers.messages.story import Finish
from prd_supervise.workers.process import descendants
from prd_supervise.workers.process.entry import EX_PROTOCOL
from prd_supervise.workers.process.process_table import read_proc, read_process
from prd_supervise.workers.process.wire import encode
from tests.unit.workers.peer import WITHIN_S, Peer

pytestmark = pytest.mark.slow

STOP = Stop(deadline_s=0.0, grace_s=0.0)
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


def test_what_is_still_to_be_said_is_said_before_the_end(tmp_path: Path) -> None:
    with Peer("patient", tmp_path) as child:
        child.next(Ready)
        child.send(Finish(result="talk much"))
        assert child.rest() == [*[Finish(result="x" * 500_000)] * 4, Done()]
        assert child.exit_code() == 0


def test_a_parent_that_does_not_read_does_not_hold_up_the_end(child: Peer) -> None:
    child.next(Ready)
    child.send(Finish(result="talk much"))
    assert child.exit_code() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGPIPE])
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


def is_stopped(pid: int) -> bool:
    process = read_process(pid)
    return process is not None and process.is_stopped


def is_gone(pid: int) -> bool:
    return descendants.start_ticks(pid) is None or descendants.is_zombie(pid)


@pytest.mark.parametrize("how", ["SIGTERM", "end of file", "its own end"])
def test_nothing_of_its_family_outlives_a_child(
    how: str, child: Peer, wait_until: WaitUntil
) -> None:
    family = family_of(child)
    if how == "SIGTERM":
        child.process.terminate()
    elif how == "end of file":
        child.channel.close()
    else:
        child.send(STOP)
    code = child.exit_code()
    assert code == (0 if how == "its own end" else 128 + signal.SIGTERM)
    # Within the second that the chaos runs measure, were the machine free: SIGKILL takes its time.
    wait_until(lambda: all(is_gone(pid) for pid in family), WITHIN_S)


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


# --- signs of life --------------------------------------------------------------------------------


def test_a_child_that_serves_beats_and_one_that_only_waits_does_not(child: Peer) -> None:
    child.next(Ready)
    child.hear_for(1.5 * BEAT_S)
    assert child.signs == []
    began_s = time.monotonic()
    child.send(Finish(result="beat"))
    assert [child.next_sign() for _ in range(3)] == [Heartbeat()] * 3
    assert time.monotonic() - began_s >= 2 * BEAT_S, "the first may come at once, the others not"


def test_what_a_child_says_anyway_is_its_beat(child: Peer) -> None:
    child.next(Ready)
    child.send(Finish(result="beat"))
    asked_s = until_s = time.monotonic()
    until_s += 3 * BEAT_S
    while asked_s < until_s:
        before_s, asked_s = asked_s, time.monotonic()
        child.send(Finish(result="echo"))
        child.next(Finish)
        child.hear_for(BEAT_S / 5)
        if time.monotonic() - before_s >= BEAT_S:
            child.signs.clear()  # the machine let us ask too late: then it may have beaten
        assert child.signs == []


def test_beats_do_not_keep_a_child_alive(child: Peer) -> None:
    child.next(Ready)
    child.send(Finish(result="beat"), STOP)
    assert child.exit_code() == 0


def test_a_child_that_was_stopped_goes_on(child: Peer, wait_until: WaitUntil) -> None:
    child.next(Ready)
    child.send(Finish(result="beat"))
    child.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: is_stopped(child.process.pid), WITHIN_S)
    child.send(Finish(result="echo"))
    child.process.send_signal(signal.SIGCONT)
    assert child.next(Finish).result == "echo"
    assert child.next_sign() == Heartbeat()


def test_stacks_are_told_while_the_interpreter_is_stuck(child: Peer, wait_until: WaitUntil) -> None:
    child.next(Ready)
    child.send(Finish(result="hold the interpreter"))
    child.next(Finish)
    child.process.send_signal(signal.SIGUSR2)
    wait_until(lambda: "hold_the_interpreter" in child.crash(), WITHIN_S)
    assert "most recent call first" in child.crash()
    child.process.kill()


# --- a parent that is of no use any more ----------------------------------------------------------


def test_a_child_whose_words_nobody_reads_ends_within_bounds_and_says_why(child: Peer) -> None:
    child.next(Ready)
    child.send(Finish(result="never stop talking"))
    assert child.exit_code() == EX_PROTOCOL
    (line,) = child.crash().splitlines()
    assert "ends: the parent does not read: " in line


def test_beats_that_nobody_reads_do_not_pile_up(child: Peer) -> None:
    """Once something waits to be read, nothing is added to it by beating."""
    child.next(Ready)
    child.send(Finish(result="x" * 400_000), Finish(result="beat"))
    signal.sigtimedwait([], 3.5 * BEAT_S)  # nobody reads
    child.send(STOP)
    child.rest()
    assert child.signs == []


def test_half_a_message_before_the_end_of_file_is_no_message(child: Peer) -> None:
    child.next(Ready)
    whole = encode(Finish(result="echo"))
    os.write(child.channel.fd, len(whole).to_bytes(4, "big") + whole[:-1])
    child.channel.close()
    assert child.exit_code() == 128 + signal.SIGTERM
    assert child.crash() == ""
