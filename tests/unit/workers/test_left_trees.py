"""Stand-ins for the process trees of real agents: whatever they leave is gone at every end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.workers.messages.agents import AgentSpec
from prd_supervise.workers.messages.common import Ready
from prd_supervise.workers.messages.rules import SecretSources
from prd_supervise.workers.messages.story import (
    AgentEnded,
    AgentStarted,
    Assign,
    EndAgent,
    RunAgent,
)
from tests.support.families import descendants_of
from tests.unit.workers.peer import WITHIN_S, Peer

pytestmark = pytest.mark.slow

WaitUntil = Callable[[Callable[[], bool], float], None]

# A tool command as agents start it: a session of its own, in it a child in the background, one in
# a session again, one in the foreground; none of them hears a word.
TOOL = "setsid sh -c \"trap '' TERM; sleep 600 & setsid sleep 600 & sleep 600\" & "
# The wrapper dies of its signal, and what it wraps ignores every one.
INNER = "sh -c \"trap '' TERM INT; while :; do sleep 0.05; done\" & "
TREES = {
    "the wrapper dies and the agent in it lives on": INNER + "echo up; wait",
    "both ignore it": "trap '' TERM; " + INNER + "echo up; while :; do sleep 0.05; done",
    "it exits well, and its tools live on": TOOL + "trap 'exit 0' TERM; echo up; wait",
    "a daemon": "setsid sh -c 'setsid sleep 600 & ' ; echo up; sleep 600",
}

WAYS = [SecretSources(), SecretSources(env=("PATH",))]


@pytest.fixture
def worker(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Peer]:
    """Its output goes into a file; with `hiding` through the pipe on which values are hidden."""
    (tmp_path / "worktree").mkdir()
    with Peer("impatient", tmp_path) as peer:
        peer.next(Ready)
        peer.send(
            Assign(
                prd_id="P",
                story_id="S",
                title="a title",
                attempt=1,
                base="base",
                worktree=str(tmp_path / "worktree"),
                attempt_dir=str(tmp_path / "attempt"),
                marker="m",
                secrets=getattr(request, "param", None) or SecretSources(),
            )
        )
        yield peer


def start(worker: Peer, script: str, wait_until: WaitUntil, **more: object) -> None:
    spec = AgentSpec(name="command", command=("sh", "-c", script), **more)  # type: ignore[arg-type]
    worker.send(RunAgent(prompt="do it", agent=spec))
    worker.next(AgentStarted)
    wait_until(lambda: "up" in log(worker), WITHIN_S)


def log(worker: Peer) -> str:
    path = worker.folder / "attempt/agent.log"
    return path.read_text() if path.exists() else ""


def ended(worker: Peer) -> Outcome:
    """Its outcome; nothing below the worker lives when it is told."""
    outcome = worker.next(AgentEnded).outcome
    assert descendants_of(worker.process.pid) == []
    assert outcome.undead == 0
    return outcome


@pytest.mark.parametrize("tree", TREES.values(), ids=TREES.keys())
@pytest.mark.parametrize("at_once", [False, True])
def test_a_tree_that_we_end_is_gone(
    worker: Peer, wait_until: WaitUntil, tree: str, *, at_once: bool
) -> None:
    start(worker, tree, wait_until)
    worker.send(EndAgent(kind=OutcomeKind.OVER_LIMIT, detail="enough", at_once=at_once))
    assert ended(worker).kind is OutcomeKind.OVER_LIMIT


def test_what_outlives_a_good_end_is_gone_and_counted(worker: Peer, wait_until: WaitUntil) -> None:
    start(worker, "nohup sleep 600 & setsid sleep 600 & echo up", wait_until)
    outcome = ended(worker)
    assert (outcome.kind, outcome.leftovers) == (OutcomeKind.NORMAL, 2)


@pytest.mark.parametrize("worker", WAYS, ids=["file", "pipe"], indirect=True)
def test_who_holds_its_output_open_holds_up_nothing(worker: Peer, wait_until: WaitUntil) -> None:
    start(worker, "setsid sh -c 'while :; do echo on; sleep 0.05; done' & echo up", wait_until)
    assert ended(worker).kind is OutcomeKind.NORMAL


@pytest.mark.parametrize("worker", WAYS, ids=["file", "pipe"], indirect=True)
def test_who_writes_on_after_the_result_is_ended_and_the_result_kept(
    worker: Peer, wait_until: WaitUntil
) -> None:
    script = "trap '' TERM; echo up; echo RESULT; while :; do echo more; sleep 0.01; done"
    start(worker, script, wait_until, result="RESULT")
    outcome = ended(worker)
    assert outcome.kind is OutcomeKind.NORMAL
    assert "it did not exit for 0.3 s" in outcome.detail


def test_a_tool_that_lives_on_after_the_result_is_gone(worker: Peer, wait_until: WaitUntil) -> None:
    start(worker, TOOL + "echo up; echo RESULT; wait", wait_until, result="RESULT")
    outcome = ended(worker)
    assert (outcome.kind, outcome.leftovers > 0) == (OutcomeKind.NORMAL, True)
