from __future__ import annotations

import fcntl
import json
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.workers.messages.agents import AgentSpec
from prd_supervise.workers.messages.common import Done, Ready, Stop
from prd_supervise.workers.messages.rules import SecretSources
from prd_supervise.workers.messages.story import (
    AgentEnded,
    AgentStarted,
    Assign,
    Finish,
    RunAgent,
    RunVerify,
    Verified,
)
from prd_supervise.workers.process import descendants
from tests.support.families import descendants_of
from tests.unit.workers.peer import WITHIN_S, Peer

pytestmark = pytest.mark.slow

WaitUntil = Callable[[Callable[[], bool], float], None]


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    folder = tmp_path / "worktree"
    folder.mkdir()
    return folder


@pytest.fixture
def worker(tmp_path: Path, worktree: Path) -> Iterator[Peer]:
    with Peer("story", tmp_path) as peer:
        peer.next(Ready)
        peer.send(
            Assign(
                prd_id="P",
                story_id="S",
                title="a title",
                attempt=2,
                base="base",
                worktree=str(worktree),
                attempt_dir=str(tmp_path / "attempt" / "2"),
                marker="m",
            )
        )
        yield peer


def agent(script: str, **more: float) -> RunAgent:
    spec = AgentSpec(name="command", command=("sh", "-c", script), **more)  # type: ignore[arg-type]
    return RunAgent(prompt="do it", agent=spec)


def verify(
    worktree: Path, *commands: str, stage: str = "story", timeout_s: float = 20
) -> RunVerify:
    return RunVerify(
        stage=stage, commit="c" * 40, cwd=str(worktree), commands=commands, timeout_s=timeout_s
    )


def stop(left_s: float) -> Stop:
    """With so much left of a grace of 60 s: at 22 s the agent is asked, at 16 s it is killed."""
    return Stop(deadline_s=time.monotonic() + left_s, grace_s=60.0)


def text(worker: Peer, name: str) -> str:
    return (worker.folder / "attempt" / "2" / name).read_text()


def ended(worker: Peer) -> Outcome:
    answer = worker.next(AgentEnded)
    assert answer.attempt == 2
    return answer.outcome


def test_a_worker_runs_an_agent_then_the_commands_then_writes_the_result(
    worker: Peer, worktree: Path
) -> None:
    worker.send(agent("cat; env | grep ^PRD_SUPERVISE_ | sort; pwd; echo made > file"))
    started = worker.next(AgentStarted)
    assert started.attempt == 2
    outcome = ended(worker)
    assert (outcome.kind, outcome.exit_code, outcome.leftovers) == (OutcomeKind.NORMAL, 0, 0)
    log = text(worker, "agent.log").splitlines()
    assert log[0].startswith("do it")
    assert "PRD_SUPERVISE_ATTEMPT=2" in "\n".join(log)
    assert f"PRD_SUPERVISE_WORKTREE={worktree}" in log
    assert "PRD_SUPERVISE_RUN=m" in log
    assert log[-1] == str(worktree)

    worker.send(verify(worktree, "test -s file", "cat file"))
    verified = worker.next(Verified)
    assert (verified.attempt, verified.stage, verified.tail) == (2, "story", "")
    assert verified.run.is_green
    assert [run.command for run in verified.run.commands] == ["test -s file", "cat file"]
    assert text(worker, "verify.story.log").splitlines() == [
        f"== story {'c' * 12}: test -s file",
        f"== story {'c' * 12}: cat file",
        "made",
    ]

    worker.send(Finish(result=json.dumps({"done": True})))
    assert worker.rest() == [Done()]
    assert worker.exit_code() == 0
    assert json.loads(text(worker, "result.json")) == {"done": True}
    modes = [path.stat().st_mode & 0o077 for path in (worker.folder / "attempt").rglob("*")]
    assert modes == [0] * len(modes)


@pytest.mark.parametrize(
    ("script", "more", "kind", "detail"),
    [
        ("echo why; exit 3", {}, OutcomeKind.FAILED, "exited with 3: why"),
        ("kill -SEGV $$", {}, OutcomeKind.CRASHED, "killed by SIGSEGV"),
        ("sleep 600", {"timeout_s": 0.2}, OutcomeKind.TIMED_OUT, "ran longer than 0.2 s"),
        (
            "sleep 600",
            {"idle_timeout_s": 0.2},
            OutcomeKind.STALLED,
            "no output and no changed file for 0.2 s",
        ),
    ],
)
def test_the_end_of_an_agent_is_told_by_its_kind(
    script: str, more: dict[str, float], kind: OutcomeKind, detail: str, worker: Peer
) -> None:
    worker.send(agent(script, **more))
    worker.next(AgentStarted)
    outcome = ended(worker)
    assert (outcome.kind, outcome.detail) == (kind, detail)


def test_what_the_system_is_short_of_says_nothing_about_the_agent(worker: Peer) -> None:
    worker.send(agent("true"))
    worker.next(AgentStarted)
    assert ended(worker).kind is OutcomeKind.NORMAL
    pid = worker.process.pid
    limit = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limit[1]))  # it keeps what it has
    worker.send(agent("true"))
    outcome = ended(worker)
    assert outcome.kind is OutcomeKind.TRANSIENT
    assert "Too many open files" in outcome.detail
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
    worker.send(agent("true"))
    worker.next(AgentStarted)
    assert ended(worker).kind is OutcomeKind.NORMAL


@pytest.mark.parametrize("name", ["command", "no-such-adapter"])
def test_an_agent_that_cannot_be_started_is_missing_and_the_worker_lives(
    name: str, worker: Peer
) -> None:
    spec = AgentSpec(name=name, command=("no-such-command",))
    worker.send(RunAgent(prompt="", agent=spec))
    outcome = ended(worker)
    assert outcome.kind is OutcomeKind.MISSING
    assert "no-such" in outcome.detail
    worker.send(agent("true"))
    worker.next(AgentStarted)
    assert ended(worker).kind is OutcomeKind.NORMAL


@pytest.mark.parametrize("sign", ["echo still here", "echo x >> file"])
def test_output_and_changed_files_are_signs_of_life(sign: str, worker: Peer) -> None:
    """It works for longer than it may be silent, but is never silent for so long."""
    worker.send(agent(f"for i in $(seq 8); do sleep 0.7; {sign}; done", idle_timeout_s=5.0))
    worker.next(AgentStarted)
    assert ended(worker).kind is OutcomeKind.NORMAL


def test_what_an_agent_leaves_behind_is_killed_and_counted(worker: Peer) -> None:
    worker.send(agent("setsid sleep 600 & sleep 600 & echo $!"))
    worker.next(AgentStarted)
    outcome = ended(worker)
    assert (outcome.kind, outcome.leftovers) == (OutcomeKind.NORMAL, 2)
    assert descendants.start_ticks(int(text(worker, "agent.log"))) is None


def test_commands_stop_at_the_first_that_fails_and_its_output_is_told(
    worker: Peer, worktree: Path
) -> None:
    worker.send(verify(worktree, "echo good", "echo bad; exit 4", "echo never"))
    verified = worker.next(Verified)
    assert [run.exit_code for run in verified.run.commands] == [0, 4]
    assert verified.run.failure == "`echo bad; exit 4` exited with 4"
    assert verified.tail == "bad\n", "only what the failed one said"
    assert "never" not in text(worker, "verify.story.log").split("\n")


def test_a_command_that_fails_without_a_word_has_no_tail(worker: Peer, worktree: Path) -> None:
    worker.send(verify(worktree, "echo good", "exit 4"))
    assert worker.next(Verified).tail == "", "what we write into the log is no output of it"


def test_the_tail_is_bounded_and_any_bytes_are_text(worker: Peer, worktree: Path) -> None:
    worker.send(verify(worktree, "seq 100000; printf '\\377end'; exit 1"))
    tail = worker.next(Verified).tail
    assert tail.endswith("100000\n�end")
    assert len(tail) <= 4000


def test_a_command_that_runs_out_of_time_is_ended_with_what_it_started(
    worker: Peer, worktree: Path
) -> None:
    worker.send(verify(worktree, "setsid sleep 600 & wait", timeout_s=1.0))
    verified = worker.next(Verified)
    (run,) = verified.run.commands
    assert run.exit_code is None
    assert "ran out of time" in verified.run.failure
    assert descendants_of(worker.process.pid) == []


def test_commands_run_through_a_shell_in_their_folder_with_nothing_on_their_input(
    worker: Peer, worktree: Path
) -> None:
    worker.send(verify(worktree, 'test "$(pwd)" = "$PRD_SUPERVISE_WORKTREE" && ! read line'))
    assert worker.next(Verified).run.is_green


@pytest.mark.parametrize("stage", ["base", "merged"])
def test_without_commands_there_is_nothing_to_fail(
    stage: str, worker: Peer, worktree: Path
) -> None:
    worker.send(verify(worktree, stage=stage))
    verified = worker.next(Verified)
    assert (verified.stage, verified.run.commands, verified.run.is_green) == (stage, (), True)


def test_a_folder_that_is_gone_fails_the_commands_and_not_the_worker(
    worker: Peer, worktree: Path
) -> None:
    worker.send(verify(worktree / "gone", "true", "true"))
    verified = worker.next(Verified)
    assert [run.exit_code for run in verified.run.commands] == [127]
    assert "no such directory" in verified.tail


def test_base_is_verified_beside_the_agent_and_neither_ends_the_other(
    worker: Peer, worktree: Path
) -> None:
    worker.send(
        agent("until [ -e go ]; do sleep 0.01; done"), verify(worktree, "true", stage="base")
    )
    worker.next(AgentStarted)
    assert worker.next(Verified).run.is_green
    (worktree / "go").touch()
    assert ended(worker).kind is OutcomeKind.NORMAL


def test_a_stop_interrupts_commands_asks_the_agent_and_ends(
    worker: Peer, worktree: Path, wait_until: WaitUntil
) -> None:
    script = "trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.01; done"
    worker.send(agent(script), verify(worktree, "sleep 600", stage="base"))
    worker.next(AgentStarted)
    wait_until(lambda: text_or_empty(worker, "agent.log") == "up\n", WITHIN_S)
    wait_until(lambda: "sleep 600" in text_or_empty(worker, "verify.base.log"), WITHIN_S)
    worker.send(stop(22.5))
    verified = worker.next(Verified)
    assert verified.run.interrupted
    outcome = ended(worker)
    assert (outcome.kind, outcome.exit_code) == (OutcomeKind.INTERRUPTED, 0)
    assert text(worker, "agent.log").endswith("asked\n")
    assert worker.rest() == [Done()]
    assert worker.exit_code() == 0
    assert not (worker.folder / "attempt" / "2" / "result.json").exists()


def test_an_agent_that_ignores_the_stop_is_killed_before_the_deadline(
    worker: Peer, wait_until: WaitUntil
) -> None:
    worker.send(agent("trap '' TERM; echo up; while :; do sleep 0.01; done"))
    worker.next(AgentStarted)
    wait_until(lambda: text_or_empty(worker, "agent.log") == "up\n", WITHIN_S)
    worker.send(stop(17.0))
    outcome = ended(worker)
    assert (outcome.kind, outcome.exit_code) == (OutcomeKind.INTERRUPTED, -9)
    # By the stop's own ladder: without it, 60 s after it was asked (worker_child.py).
    assert outcome.duration_s < 30
    assert worker.exit_code() == 0


def test_the_story_s_lock_is_held_by_worker_and_agent(worker: Peer) -> None:
    worker.send(agent("exec sleep 600"))
    pid = worker.next(AgentStarted).pid
    assert any(
        link.is_symlink() and link.readlink() == worker.lock
        for link in Path(f"/proc/{pid}/fd").iterdir()
    )
    worker.channel.close()
    worker.process.wait(WITHIN_S)
    with worker.lock.open() as free:
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)


def text_or_empty(worker: Peer, name: str) -> str:
    path = worker.folder / "attempt" / "2" / name
    return path.read_text() if path.exists() else ""


def test_a_result_is_recognised_and_a_value_hidden_in_one_log(
    tmp_path: Path, worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "value-of-my-key")
    assign = Assign(
        prd_id="P",
        story_id="S",
        title="a title",
        attempt=2,
        base="base",
        worktree=str(worktree),
        attempt_dir=str(tmp_path / "attempt" / "2"),
        marker="m",
        secrets=SecretSources(checkout=str(tmp_path), env=("MY_KEY",)),
    )
    script = 'printf value-of-; printf my-key; printf "\\nDONE value"; exec sleep 100'
    with Peer("impatient", tmp_path) as peer:
        peer.next(Ready)
        peer.send(assign)
        spec = AgentSpec(name="command", command=("sh", "-c", script), result="DONE")
        peer.send(RunAgent(prompt="use value-of-my-key", agent=spec))
        peer.next(AgentStarted)
        outcome = ended(peer)
        assert outcome.kind is OutcomeKind.NORMAL
        assert text(peer, "agent.log") == "[redacted:MY_KEY]\nDONE value"
        assert text(peer, "prompt.md") == "use [redacted:MY_KEY]"
        peer.send(verify(worktree, "echo failed with value-of-my-key; exit 3"))
        verified = peer.next(Verified)
        assert verified.tail == "failed with [redacted:MY_KEY]\n"
        peer.send(Finish(result='{"said": "value-of-my-key"}'))
        peer.next(Done)
    assert text(peer, "result.json") == '{"said": "[redacted:MY_KEY]"}\n'
