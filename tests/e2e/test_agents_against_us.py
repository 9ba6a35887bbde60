"""Agents that kill, stop or restart what supervises them, under a manager that starts it again."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.as_service import SERVICE, begin, end, manager, service
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import COMMAND, Tree
from tests.support.tree_run import Run

__all__ = ["manager", "service"]

UP = "up() { awk '/^PPid:/ { print $2 }' /proc/$1/status; }"
ROOT = "$(up $(up $(up $PPID)))"  # of the agent's shell: agent, worker, PRD supervisor, root
STARTS_MAX = 20


def shell(text: str) -> dict[str, object]:
    return {"run": ["sh", "-c", f"{UP}; {text}"]}


def supervised(tree: Tree, run: Run, settled: str) -> tuple[Run, int]:
    """Start it again whenever it ends, as its manager does, until this event; count the starts."""
    starts = 1
    while True:
        _wait_for_end(tree, run, settled)
        if tree.events(settled) and not run.is_over:
            return run, starts
        assert run.code in {75, -signal.SIGKILL, -signal.SIGTERM}, tree.told(run)
        tree.wait_gone()
        starts += 1
        assert starts < STARTS_MAX
        run = tree.begin(*SERVICE)


def _wait_for_end(tree: Tree, run: Run, settled: str) -> None:
    tree.wait(lambda: run.is_over or tree.events(settled), "an end", run)


@pytest.mark.parametrize("number", ["TERM", "KILL"])
def test_an_agent_that_ends_root_each_time_is_given_up_and_the_others_are_done(
    repo: Repo, service: Tree, number: str
) -> None:
    repo.configure(grace_s=2, restart={"max_attempts": 1})
    murder = shell(f"kill -{number} {ROOT}; sleep 60")
    repo.prd(story("US-1", write("half.txt", "half\n"), murder), story("US-2"))
    repo.commit()

    # A story may be given up in the middle of a stop: its PRD ends with the next start.
    run, starts = supervised(service, begin(service), "prd_failed")
    end(run)

    assert starts <= 8
    assert "in a row" in service.prd()["stories"]["US-1"]["reason"]
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-2"]
    assert repo.show("prd-supervise/ALPHA/US-1", "half.txt") == "half\n"


def test_an_agent_cannot_order_anything(repo: Repo, service: Tree) -> None:
    """Not stop the night, nor approve of itself, nor start another one."""
    orders = ("stop", "stop --now", "approve US-1", "hold ALPHA", "resume", "start", "retry US-1")
    asked = [f'{COMMAND} {words} >>$TMPDIR/../said 2>&1; echo "=$?"' for words in orders]
    repo.prd(story("US-1", shell("; ".join(asked)), {"say": "asked"}, write("US-1.txt", "x\n")))
    repo.commit()
    service.env["PRD_TEST_COMMAND"] = str(COMMAND)
    run = begin(service)
    service.wait_event("prd_completed")
    end(run)
    codes = [line for line in service.said("US-1").splitlines() if line.startswith("=")]
    assert len(codes) == len(orders)
    assert "=0" not in codes
    assert len(service.events("attempt_started")) == 1


@pytest.mark.parametrize("victim", ["$PPID", "0", "$(up $PPID)"])
def test_an_agent_that_kills_itself_or_its_worker_costs_its_own_story_only(
    repo: Repo, tree: Tree, victim: str
) -> None:
    repo.configure(restart={"max_attempts": 2})
    murder = shell(f"kill -9 {victim}; sleep 60")
    repo.prd(story("US-1", murder), story("US-2"))
    repo.commit()
    tree.begin().wait_exit(1)
    assert tree.prd()["stories"]["US-1"]["state"] == "failed"
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-2"]


def test_an_agent_that_restarts_its_service_is_ended_and_its_story_goes_on(
    repo: Repo, service: Tree, tmp_path: Path
) -> None:
    """`systemctl --user restart`: TERM to main, a wait for its end, a new start."""
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(
        f'#!/bin/sh\n{UP}\necho restart >"{tmp_path}/asked"\nkill -TERM {ROOT}\nsleep 60\n'
    )
    systemctl.chmod(0o755)
    repo.configure(grace_s=3)
    first = [write("half.txt", "half\n"), shell(f"{systemctl} --user restart x"), HOLD]
    repo.prd(story("US-1", replay=[first, [write("US-1.txt", "x\n")]]))
    repo.commit()
    run = begin(service)
    service.wait((tmp_path / "asked").exists, "the restart", run)
    run.signal(signal.SIGTERM)
    run.wait_exit(75)
    service.wait_gone()
    run = begin(service)
    service.wait_event("prd_completed")
    end(run)
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"
    assert not service.events("attempt_failed")
