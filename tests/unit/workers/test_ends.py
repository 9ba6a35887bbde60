"""How a worker ends what it runs: ordered ends, results without an exit, floods, bombs."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.workers.messages.agents import AgentSpec
from prd_supervise.workers.messages.common import Extend, Ready
from prd_supervise.workers.messages.story import (
    AgentEnded,
    AgentStarted,
    Assign,
    EndAgent,
    LimitCpu,
    RunAgent,
    RunVerify,
    Verified,
)
from prd_supervise.workers.process import descendants
from prd_supervise.workers.process.process_table import read_process
from tests.support.families import descendants_of
from tests.unit.workers.peer import WITHIN_S, Peer

pytestmark = pytest.mark.slow

WaitUntil = Callable[[Callable[[], bool], float], None]
BUSY = "while :; do :; done"


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    folder = tmp_path / "worktree"
    folder.mkdir()
    return folder


@pytest.fixture
def worker(tmp_path: Path, worktree: Path, request: pytest.FixtureRequest) -> Iterator[Peer]:
    kind = getattr(request, "param", "story")
    with Peer(kind, tmp_path) as peer:
        peer.next(Ready)
        peer.send(
            Assign(
                prd_id="P",
                story_id="S",
                title="a title",
                attempt=1,
                base="base",
                worktree=str(worktree),
                attempt_dir=str(tmp_path / "attempt"),
                marker="m",
            )
        )
        yield peer


def start(worker: Peer, script: str, wait_until: WaitUntil, **more: object) -> int:
    """Start an agent, wait until it says `up`, and give its pid."""
    spec = AgentSpec(name="command", command=("sh", "-c", script), **more)  # type: ignore[arg-type]
    worker.send(RunAgent(prompt="do it", agent=spec))
    pid = worker.next(AgentStarted).pid
    wait_until(lambda: "up" in log(worker), WITHIN_S)
    return pid


def log(worker: Peer, name: str = "agent.log") -> str:
    path = worker.folder / "attempt" / name
    return path.read_text() if path.exists() else ""


def ended(worker: Peer) -> Outcome:
    return worker.next(AgentEnded).outcome


def is_gone(pid: int) -> bool:
    return descendants.start_ticks(pid) is None or descendants.is_zombie(pid)


def is_stopped(pid: int) -> bool:
    process = read_process(pid)
    return process is not None and process.is_stopped


# --- ends that the PRD supervisor orders ----------------------------------------------------------


def test_an_agent_is_asked_first_and_its_outcome_has_the_kind_and_words_of_the_order(
    worker: Peer, wait_until: WaitUntil
) -> None:
    start(worker, f"trap 'echo asked; exit 0' TERM; echo up; {BUSY}", wait_until)
    worker.send(EndAgent(kind=OutcomeKind.OUT_OF_MEMORY, detail="5 GiB of 4 GiB"))
    outcome = ended(worker)
    assert (outcome.kind, outcome.detail) == (OutcomeKind.OUT_OF_MEMORY, "5 GiB of 4 GiB")
    assert (outcome.exit_code, log(worker)) == (0, "up\nasked\n")


@pytest.mark.parametrize("worker", ["impatient"], indirect=True)
def test_an_agent_that_ignores_the_order_is_killed(worker: Peer, wait_until: WaitUntil) -> None:
    start(worker, f"trap '' TERM; echo up; {BUSY}", wait_until)
    worker.send(EndAgent(kind=OutcomeKind.OVER_LIMIT, detail="too much"))
    outcome = ended(worker)
    assert (outcome.kind, outcome.exit_code) == (OutcomeKind.OVER_LIMIT, -signal.SIGKILL)


def test_at_once_means_without_a_word_to_the_agent(worker: Peer, wait_until: WaitUntil) -> None:
    start(worker, f"trap 'echo asked; exit 0' TERM; echo up; {BUSY}", wait_until)
    worker.send(EndAgent(kind=OutcomeKind.OUT_OF_MEMORY, detail="9 GiB", at_once=True))
    outcome = ended(worker)
    assert (outcome.kind, outcome.detail) == (OutcomeKind.OUT_OF_MEMORY, "9 GiB")
    assert (outcome.exit_code, log(worker)) == (-signal.SIGKILL, "up\n")


def test_an_order_that_comes_when_nothing_runs_is_late(worker: Peer, wait_until: WaitUntil) -> None:
    worker.send(EndAgent(kind=OutcomeKind.OVER_LIMIT, detail="late"))
    start(worker, "echo up", wait_until)
    assert ended(worker).kind is OutcomeKind.NORMAL


@pytest.mark.parametrize("code", [-signal.SIGKILL, -signal.SIGTERM])
def test_where_no_agent_runs_the_verify_command_is_ended_and_has_failed(
    code: int, worker: Peer, worktree: Path, wait_until: WaitUntil
) -> None:
    command = f"trap 'exit 0' TERM; echo up; {BUSY}"
    worker.send(
        RunVerify(
            stage="story",
            commit="c",
            cwd=str(worktree),
            commands=(command, "echo never"),
            timeout_s=60,
        )
    )
    wait_until(lambda: "\nup" in log(worker, "verify.story.log"), WITHIN_S)
    at_once = code == -signal.SIGKILL
    worker.send(EndAgent(kind=OutcomeKind.OUT_OF_MEMORY, detail="9 GiB", at_once=at_once))
    verified = worker.next(Verified)
    (run,) = verified.run.commands
    assert run.exit_code == code
    assert not verified.run.interrupted
    assert "ended by prd-supervise: 9 GiB" in verified.tail


# --- a share of the processor ---------------------------------------------------------------------


def test_what_is_held_still_wakes_up_to_be_ended(worker: Peer, wait_until: WaitUntil) -> None:
    pid = start(worker, f"trap 'echo asked; exit 0' TERM; echo up; {BUSY}", wait_until)
    worker.send(LimitCpu(share=0.02))
    wait_until(lambda: is_stopped(pid), WITHIN_S)
    worker.send(EndAgent(kind=OutcomeKind.OVER_LIMIT, detail="too long over its share"))
    assert ended(worker).exit_code == 0
    assert log(worker) == "up\nasked\n"


def test_an_agent_that_is_held_still_dies_with_its_worker(
    worker: Peer, wait_until: WaitUntil
) -> None:
    pid = start(worker, f"echo up; {BUSY}", wait_until)
    worker.send(LimitCpu(share=0.02))
    wait_until(lambda: is_stopped(pid), WITHIN_S)
    worker.process.kill()
    wait_until(lambda: is_gone(pid), WITHIN_S)


def test_an_agent_dies_with_a_worker_that_is_itself_stopped(
    worker: Peer, wait_until: WaitUntil
) -> None:
    pid = start(worker, f"echo up; {BUSY}", wait_until)
    worker.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: is_stopped(worker.process.pid), WITHIN_S)
    worker.process.kill()
    wait_until(lambda: is_gone(pid), WITHIN_S)


# --- a result without an exit ---------------------------------------------------------------------

RESULT = "<promise>COMPLETE</promise>"


@pytest.mark.parametrize("worker", ["impatient"], indirect=True)
def test_an_agent_that_does_not_exit_after_its_result_is_killed_and_the_result_kept(
    worker: Peer, wait_until: WaitUntil
) -> None:
    script = f"trap '' TERM; setsid sleep 600 & echo up; echo '{RESULT}'; {BUSY}"
    start(worker, script, wait_until, result=RESULT)
    outcome = ended(worker)
    assert (outcome.kind, outcome.leftovers) == (OutcomeKind.NORMAL, 1)
    assert outcome.detail == "its result was there, but it did not exit for 0.3 s: killed"
    assert outcome.duration_s >= 0.3


@pytest.mark.parametrize("worker", ["impatient"], indirect=True)
def test_a_script_s_result_counts_without_a_setting(worker: Peer) -> None:
    script = json.dumps([{"result": "all done"}, {"hang": True}])
    worker.send(RunAgent(prompt="", agent=AgentSpec(name="replay", script=script)))
    worker.next(AgentStarted)
    assert ended(worker).kind is OutcomeKind.NORMAL


def test_an_agent_that_exits_after_its_result_ends_by_its_own_code(
    worker: Peer, wait_until: WaitUntil
) -> None:
    start(worker, f"echo up; echo '{RESULT}'; exit 3", wait_until, result=RESULT)
    outcome = ended(worker)
    assert (outcome.kind, outcome.exit_code) == (OutcomeKind.FAILED, 3)


# --- agents that go mad ---------------------------------------------------------------------------


def test_the_end_of_a_job_wins_against_what_forks_in_sessions_of_its_own(
    worker: Peer, worktree: Path, wait_until: WaitUntil
) -> None:
    """Each of them starts the next one and ends: no group or parent holds them together."""
    (worktree / "next").write_text("#!/bin/sh\nsetsid ./next &\nsetsid sleep 600 &\nsleep 0.005\n")
    (worktree / "next").chmod(0o755)
    start(worker, "for i in 1 2 3; do setsid ./next & done; echo up; sleep 0.2", wait_until)
    outcome = ended(worker)
    assert (outcome.kind, outcome.undead) == (OutcomeKind.NORMAL, 0)
    assert outcome.leftovers >= 3
    assert descendants_of(worker.process.pid) == []


def test_an_agent_without_descriptors_is_found_and_ended(
    worker: Peer, wait_until: WaitUntil
) -> None:
    script = "echo up; exec sh -c 'exec 0<&- 1<&- 2<&- 3<&- 4<&- 5<&- 6<&- 7<&- 8<&-; sleep 600'"
    pid = start(worker, script, wait_until)
    wait_until(lambda: not any(Path(f"/proc/{pid}/fd").iterdir()), WITHIN_S)
    worker.send(EndAgent(kind=OutcomeKind.OVER_LIMIT, detail="enough"))
    assert ended(worker).kind is OutcomeKind.OVER_LIMIT
    assert is_gone(pid)


def test_an_agent_whose_start_the_system_refuses_is_an_outcome_and_the_worker_lives(
    worker: Peer, wait_until: WaitUntil
) -> None:
    few = len(list(Path(f"/proc/{worker.process.pid}/fd").iterdir()))
    before = limit_descriptors(worker, few + 1)
    worker.send(RunAgent(prompt="", agent=AgentSpec(name="command", command=("true",))))
    outcome = ended(worker)
    assert outcome.kind is OutcomeKind.TRANSIENT  # it says nothing about the agent
    assert "Too many open files" in outcome.detail
    limit_descriptors(worker, before)
    start(worker, "echo up", wait_until)
    assert ended(worker).kind is OutcomeKind.NORMAL


def limit_descriptors(worker: Peer, soft: int) -> int:
    """Set the worker's soft limit, and give the one before."""
    _, hard = resource.prlimit(worker.process.pid, resource.RLIMIT_NOFILE)
    return resource.prlimit(worker.process.pid, resource.RLIMIT_NOFILE, (soft, hard))[0]


def test_an_agent_inherits_no_disposition_of_ours(worker: Peer, wait_until: WaitUntil) -> None:
    start(worker, "cat /proc/self/status; echo up", wait_until)
    ended(worker)
    masks = {
        name: int(value, 16)
        for name, _, value in (line.partition(":\t") for line in log(worker).splitlines())
        if name in {"SigBlk", "SigIgn", "SigCgt"}
    }
    # What the tests themselves were started with (`nohup make test &`) is nobody's of ours.
    ours = masks["SigIgn"] & ~_ignored_before_python()
    assert masks | {"SigIgn": ours} == {"SigBlk": 0, "SigIgn": 0, "SigCgt": 0}


def _ignored_before_python() -> int:
    """The signals that this process ignores, as a mask, but for those that Python ignores."""
    status = Path("/proc/self/status").read_text()
    mask = int(status.partition("SigIgn:\t")[2].partition("\n")[0], 16)
    return mask & ~sum(1 << number - 1 for number in (signal.SIGPIPE, signal.SIGXFSZ))


def test_the_worker_says_that_it_will_stand_still_before_it_cleans_up(
    worker: Peer, wait_until: WaitUntil
) -> None:
    start(worker, "echo up", wait_until)
    ended(worker)
    assert [each for each in worker.signs if isinstance(each, Extend)]
