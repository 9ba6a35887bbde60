from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.usage import Usage
from prd_supervise.workers.agents import replay
from prd_supervise.workers.agents.base import (
    Activity,
    AgentRun,
    Ended,
    Event,
    LimitSeen,
    Retrying,
    Said,
    Session,
    Terminal,
    Used,
    Verdict,
)
from prd_supervise.workers.agents.start import prepare
from prd_supervise.workers.messages.agents import AgentSpec


def heard(folder: Path, *script: object) -> tuple[list[Event], Verdict]:
    """What a listener makes of a script that is really played."""
    spec = AgentSpec(name="replay", script=json.dumps(script))
    run = AgentRun(worktree=str(folder), attempt_dir=str(folder), prompt_file="")
    done = subprocess.run(
        prepare(replay, spec, run), cwd=folder, capture_output=True, text=True, check=False
    )
    listener = replay.listener(spec, run)
    events = [event for line in done.stdout.splitlines() for event in listener.feed(line)]
    return events, listener.finish(Ended(exit_code=done.returncode))


def test_a_good_run_is_heard_in_all_its_words(tmp_path: Path) -> None:
    usage = {"input_tokens": 5, "output_tokens": 2, "cost_usd": 0.25, "requests": 1}
    events, verdict = heard(
        tmp_path,
        {"session": "s-1"},
        {"activity": "reads"},
        {"say": "a tool speaks"},
        {"retry": {"delay_s": 2, "status": 529, "reason": "overloaded"}},
        {"limit": {"warning": 0.92, "message": "92 %"}},
        {"usage": usage},
        {"answer": "all is well"},
    )
    used = Usage(input_tokens=5, output_tokens=2, cost_usd=0.25, requests=1)
    assert events == [
        Session(session="s-1"),
        Activity(what="reads", is_turn=True),
        Retrying(delay_s=2, status=529, reason="overloaded"),
        LimitSeen(is_rejected=False, utilization=0.92, text="92 %"),
        Used(usage=used),
        Terminal(is_ok=True, text="all is well"),
    ]
    assert verdict == Verdict(
        kind=OutcomeKind.NORMAL, session="s-1", usage=used, answer="all is well"
    )


def test_a_limit_is_heard_with_its_time(tmp_path: Path) -> None:
    before_s = time.time()
    events, verdict = heard(tmp_path, {"limit": {"in_s": 60}})
    (limit,) = events
    assert isinstance(limit, LimitSeen)
    assert limit.is_rejected
    assert limit.until_s is not None
    assert before_s + 60 <= limit.until_s <= time.time() + 60
    assert (verdict.kind, verdict.until_s) == (OutcomeKind.RATE_LIMITED, limit.until_s)
    assert verdict.reason == "You've hit your limit"


def test_a_failure_is_what_it_says_whatever_its_exit_code(tmp_path: Path) -> None:
    step = {"fail": {"kind": "auth", "message": "no login", "status": 401, "exit": 0}}
    events, verdict = heard(tmp_path, step)
    assert events == [Terminal(is_ok=False, text="no login", kind=OutcomeKind.AUTH, status=401)]
    assert (verdict.kind, verdict.reason) == (OutcomeKind.AUTH, "no login")
    assert verdict.status == 401


def test_a_failure_that_stays_is_said_and_forgotten_when_it_goes_on(tmp_path: Path) -> None:
    step = {"fail": {"kind": "billing", "message": "no credit", "stays": True}}
    events, verdict = heard(tmp_path, step)
    assert events == [Said(text="no credit", kind=OutcomeKind.BILLING)]
    assert verdict.kind is OutcomeKind.BILLING
    assert heard(tmp_path, step, {"activity": "goes on"})[1].kind is OutcomeKind.NORMAL


def test_where_it_says_nothing_its_exit_code_speaks(tmp_path: Path) -> None:
    assert heard(tmp_path, {"exit": 3}) == ([], Verdict(kind=OutcomeKind.FAILED))
    assert heard(tmp_path, {"crash": "SIGSEGV"})[1].kind is OutcomeKind.CRASHED


def test_what_we_ended_it_for_goes_first() -> None:
    run = AgentRun(worktree="", attempt_dir="", prompt_file="")
    listener = replay.listener(AgentSpec(name="replay"), run)
    listener.feed('replay: {"fail": {"kind": "auth"}}')
    ended = Ended(exit_code=-9, killed_because=OutcomeKind.STALLED)
    assert listener.finish(ended).kind is OutcomeKind.STALLED


@pytest.mark.parametrize(
    "line",
    [
        "replay: {",
        'replay: {"limit": 1}',
        'replay: {"session": 1}',
        'replay: {"fail": {"kind": "bored"}}',
        "replay: {}",
        'replay: {"session": "\udce4"}',
        f"replay: {'[' * 100_000}",
        "replay: " + '{"a":' * 100_000,
        'say replay: {"session": "s"}',
    ],
)
def test_what_is_no_word_says_nothing(line: str) -> None:
    run = AgentRun(worktree="", attempt_dir="", prompt_file="")
    assert replay.listener(AgentSpec(name="replay"), run).feed(line) == ()
