"""Runs of agents that speak: what is told while they work, how they are ended, what is theirs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.usage import Usage
from prd_supervise.workers.messages.agents import AgentSpec, Home, RunBounds
from prd_supervise.workers.messages.common import Ready
from prd_supervise.workers.messages.story import (
    AgentEnded,
    AgentNews,
    AgentStarted,
    Assign,
    Finish,
    RunAgent,
    RunVerify,
    Verified,
)
from tests.unit.workers.peer import WITHIN_S, Peer

pytestmark = pytest.mark.slow

WaitUntil = Callable[[Callable[[], bool], float], None]
KEY = "value-of-a-key-0123456789"


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "user"
    home.mkdir()
    temporary = tmp_path / "t"
    temporary.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("OTHER_KEY", KEY)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


@pytest.fixture
def worker(tmp_path: Path, user: Path) -> Iterator[Peer]:
    assert user.is_dir()
    (tmp_path / "worktree").mkdir()
    with Peer("impatient", tmp_path) as peer:
        begin(peer)
        yield peer


def begin(peer: Peer) -> None:
    peer.next(Ready)
    peer.send(
        Assign(
            prd_id="P",
            story_id="S",
            title="a title",
            attempt=1,
            base="base",
            worktree=str(peer.folder / "worktree"),
            attempt_dir=str(peer.folder / "attempt"),
            marker=f"{os.getpid():08x}",
        )
    )


def play(worker: Peer, *steps: object, is_review: bool = False, **more: object) -> None:
    """Let the replay agent play, and wait until it has begun."""
    spec = AgentSpec(name="replay", script=json.dumps(steps), **more)  # type: ignore[arg-type]
    worker.send(RunAgent(prompt="do it", agent=spec, is_review=is_review))
    worker.next(AgentStarted)


def run(worker: Peer, script: str, **more: object) -> None:
    spec = AgentSpec(name="mine", kind="command", command=("sh", "-c", script), **more)  # type: ignore[arg-type]
    worker.send(RunAgent(prompt="do it", agent=spec, home=str(worker.folder / "homes/mine")))
    worker.next(AgentStarted)


def end(worker: Peer) -> tuple[Outcome, list[AgentNews]]:
    """Wait for the end, and give the news before it as well."""
    told: list[AgentNews] = []
    deadline_s = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline_s:
        message = worker.any()
        if isinstance(message, AgentEnded):
            return message.outcome, told
        assert isinstance(message, AgentNews), message
        told.append(message)
    raise AssertionError("it does not end")


# --- what it says -------------------------------------------------------------------------------


def test_what_an_agent_says_is_told_while_it_works_and_at_its_end(worker: Peer) -> None:
    used = {"input_tokens": 5, "cost_usd": 0.5, "requests": 2}
    flag = worker.folder / "flag"
    play(
        worker,
        {"session": "s-1"},
        {"activity": "reads"},
        {"usage": used},
        {"limit": {"warning": 0.92}},
        {"until": {"exists": str(flag)}},
        {"answer": "done"},
    )
    told: list[AgentNews] = []
    while not any(news.warned for news in told):
        told.append(worker.next(AgentNews))
    flag.touch()
    outcome, later = end(worker)
    told += later
    assert [news.session for news in told if news.session] == ["s-1"]
    assert any(news.is_answered for news in told)
    assert [news.warned for news in told if news.warned] == [0.92]
    usage = Usage(input_tokens=5, cost_usd=0.5, requests=2)
    assert [news.usage for news in told if news.usage != Usage()] == [usage]
    assert (outcome.kind, outcome.session, outcome.usage) == (OutcomeKind.NORMAL, "s-1", usage)


def test_only_the_answer_of_a_review_is_told_and_of_others_what_they_may_claim(
    worker: Peer,
) -> None:
    play(worker, {"answer": "x" * 100_000 + "ACCEPT"}, is_review=True)
    answer = worker.next(AgentEnded).answer
    assert len(answer) == 64 << 10
    assert answer.endswith("ACCEPT"), "what it comes to stands at the end"
    play(worker, {"answer": "secret plans"})
    assert worker.next(AgentEnded).answer == ""
    play(worker, {"answer": "secret plans\n\nNO CHANGE NEEDED: it is there"})
    assert worker.next(AgentEnded).answer == "NO CHANGE NEEDED: it is there"


def test_the_end_of_what_it_printed_is_told_where_it_failed(worker: Peer) -> None:
    play(worker, {"say": "E: first"}, {"say": "E: second"}, {"exit": 3})
    assert worker.next(AgentEnded).printed.endswith("E: first\nE: second\n")
    play(worker, {"say": "NO CHANGE NEEDED: I looked"})
    ended = worker.next(AgentEnded)
    assert (ended.printed, ended.answer) == ("", "NO CHANGE NEEDED: I looked")


@pytest.mark.parametrize("how", [{}, {"stays": True}])
def test_a_limit_ends_the_run_with_its_time_whether_it_exits_or_not(
    worker: Peer, how: dict[str, object]
) -> None:
    before_s = time.time()
    play(worker, {"limit": {"in_s": 3600, "message": "no more today", **how}}, {"hang": True})
    outcome, told = end(worker)
    assert (outcome.kind, outcome.detail) == (OutcomeKind.RATE_LIMITED, "no more today")
    assert outcome.until_s is not None
    assert before_s + 3600 <= outcome.until_s <= time.time() + 3600
    assert all(news.warned == 1.0 for news in told)


@pytest.mark.parametrize("kind", ["auth", "billing", "context"])
def test_what_no_further_try_mends_is_not_tried_for_minutes(worker: Peer, kind: str) -> None:
    fail = {"kind": kind, "message": "in its own words", "status": 401, "stays": True}
    play(worker, {"ignore_term": True}, {"fail": fail}, {"hang": True})
    outcome, _ = end(worker)
    assert (outcome.kind.value, outcome.detail) == (kind, "in its own words")
    assert outcome.status == 401


def test_a_failure_is_kept_where_the_agent_does_not_exit_after_it(worker: Peer) -> None:
    """Its last word says that it failed: that we had to kill it makes it no success."""
    line = json.dumps({"fail": {"kind": "permanent", "text": "no such model"}})
    play(worker, {"say": f"replay: {line}"}, {"hang": True})
    outcome, _ = end(worker)
    assert (outcome.kind, outcome.detail) == (OutcomeKind.PERMANENT, "no such model")


def test_an_agent_that_runs_away_is_ended_with_the_figure(worker: Peer) -> None:
    turns = [{"activity": f"turn {number}"} for number in range(5)]
    play(worker, {"ignore_term": True}, *turns, {"hang": True}, bounds=RunBounds(turns=4))
    outcome, _ = end(worker)
    assert outcome.kind is OutcomeKind.RUNAWAY
    assert outcome.detail == "5 turns; one run may take 4"


# --- what is its own ----------------------------------------------------------------------------


def seen(worker: Peer) -> dict[str, str]:
    lines = (worker.folder / "worktree/env").read_text().splitlines()
    return dict(line.partition("=")[::2] for line in lines)


def test_a_home_of_its_own_persists_and_verify_commands_have_the_user_s(
    worker: Peer, user: Path
) -> None:
    (user / ".mine").mkdir()
    (user / ".mine/login").write_text('{"token": "old"}')
    script = 'env > env; cat ~/.mine/login; touch ~/kept; echo \'{"token": "new"}\' > ~/new'
    script += "; touch -d 2100-01-01 ~/new; mv ~/new ~/.mine/login; touch $TMPDIR/x"
    run(worker, script, home=Home.OWN, links=(".mine/login",))
    assert end(worker)[0].kind is OutcomeKind.NORMAL
    home, env = worker.folder / "homes/mine", seen(worker)
    assert env["HOME"] == str(home)
    assert env["XDG_CONFIG_HOME"] == str(home / ".config")
    assert env["XDG_RUNTIME_DIR"] == env["TMPDIR"]
    assert not Path(env["TMPDIR"]).exists()
    assert (user / ".mine/login").read_text() == '{"token": "new"}\n'
    assert (home / ".mine/login").is_symlink()
    run(worker, "test -e ~/kept", home=Home.OWN)
    assert end(worker)[0].kind is OutcomeKind.NORMAL
    worktree = str(worker.folder / "worktree")
    command = f'test "$HOME" = {user}'
    worker.send(
        RunVerify(stage="story", commit="c", cwd=worktree, commands=(command,), timeout_s=60)
    )
    assert worker.next(Verified).run.is_green
    worker.send(Finish(result="{}", homes=str(worker.folder / "homes")))
    assert worker.exit_code() == 0
    assert not (worker.folder / "homes").exists()


def test_what_it_logs_in_by_and_its_keys_are_hidden(worker: Peer, user: Path) -> None:
    token = "sk-Abcdefghijk0123456789"  # noqa: S105  made up
    (user / "login.json").write_text(f'{{"kind": "oauth-login",\n "token": "{token}"}}\n')
    script = "cat ~/login.json; echo failed with $(cut -d'\"' -f4 ~/login.json | tail -1); exit 3"
    run(worker, script, home=Home.OWN, links=("login.json",))
    outcome, _ = end(worker)
    assert outcome.detail == "exited with 3: failed with [redacted:token]"
    log = (worker.folder / "attempt/agent.log").read_text()
    assert token not in log
    assert "oauth-login" in log


def test_a_command_line_that_would_show_a_key_is_not_run(worker: Peer, user: Path) -> None:
    token = "sk-Abcdefghijk0123456789"  # noqa: S105  made up
    (user / "login.json").write_text(f'{{"kind": "oauth-login",\n "token": "{token}"}}\n')
    command = ("sh", "-c", f"echo {token}")
    spec = AgentSpec(
        name="mine", kind="command", command=command, home=Home.OWN, links=("login.json",)
    )
    worker.send(RunAgent(prompt="", agent=spec))
    outcome = worker.next(AgentEnded).outcome
    assert outcome.kind is OutcomeKind.MISSING
    assert "its command line would show the value of token" in outcome.detail


def test_it_sees_no_more_than_it_may(worker: Peer) -> None:
    run(worker, "env > env")
    end(worker)
    assert KEY not in seen(worker).values()
    run(worker, "env > env", env=("OTHER_KEY",))
    end(worker)
    assert seen(worker)["OTHER_KEY"] == KEY


def test_its_input_is_the_prompt_as_a_file_that_ends(worker: Peer) -> None:
    run(worker, 'readlink /proc/self/fd/0; cat; cat "$PRD_SUPERVISE_PROMPT_FILE"')
    end(worker)
    prompt = worker.folder / "attempt/prompt.md"
    assert (worker.folder / "attempt/agent.log").read_text() == f"{prompt}\ndo itdo it"


def test_what_a_killed_worker_left_of_its_tmpdir_goes_with_the_next_run(
    worker: Peer, wait_until: WaitUntil
) -> None:
    run(worker, 'echo "$TMPDIR"; exec sleep 600')
    log = worker.folder / "attempt/agent.log"
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"), WITHIN_S)
    left = Path(log.read_text().strip())
    worker.process.kill()
    worker.process.wait()
    assert left.is_dir()
    with Peer("impatient", worker.folder) as second:
        begin(second)
        run(second, 'echo "$TMPDIR"')
        end(second)
    assert not left.exists()


# --- adapters of anybody ------------------------------------------------------------------------


def test_an_agent_without_a_program_is_told_of_and_the_worker_lives(worker: Peer) -> None:
    spec = AgentSpec(name="mine", kind="command", command=("no-such-program",))
    worker.send(RunAgent(prompt="", agent=spec))
    assert worker.next(AgentEnded).outcome.kind is OutcomeKind.MISSING
    play(worker, {"say": "lives"})
    assert end(worker)[0].kind is OutcomeKind.NORMAL


def test_a_worker_that_is_told_to_end_leaves_no_tmpdir(worker: Peer, wait_until: WaitUntil) -> None:
    run(worker, 'echo "$TMPDIR"; touch "$TMPDIR/x"; echo up; exec sleep 600')
    log = worker.folder / "attempt/agent.log"
    wait_until(lambda: log.exists() and log.read_text().endswith("up\n"), WITHIN_S)
    folder = Path(log.read_text().split("\n")[0])
    assert folder.is_dir()
    worker.channel.close()
    worker.process.wait(WITHIN_S)
    assert not folder.exists()
