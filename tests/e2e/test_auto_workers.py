"""max_workers = "auto" on the installed command: every change with its reason in the events."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

QUICK = {"pace_s": 0.2, "busy_percent": 100, "compare_s": 0}


def numbers(tree: Tree) -> list[int]:
    """The numbers of places, one after the other."""
    texts = [event["text"] for event in tree.events("workers_changed")]
    return [int(text.partition(":")[0].rpartition(" ")[2]) for text in texts]


def test_calm_lets_more_stories_run_and_conflicts_fewer(repo: Repo, tree: Tree) -> None:
    """Stories that all rewrite one line conflict with what was merged before them."""

    def rewrite(name: str) -> dict[str, Any]:
        held = {"run": ["sh", "-c", 'until [ -e "$TMPDIR/merge" ]; do sleep 0.02; done']}
        return story(name, write("app.py", f"value = '{name}'\n"), held, verify=["true"])

    repo.put("app.py", "value = None\n")
    repo.configure(max_workers="auto", parallel=QUICK)
    repo.prd(*(rewrite(f"S{at}") for at in range(6)))
    repo.commit()
    run = tree.begin("start")
    tree.wait(lambda: len(numbers(tree)) >= 3, "two changes upwards")
    grown = numbers(tree)
    assert grown == sorted(set(grown))
    status = tree.prd()
    assert status["auto_workers"] is True
    assert status["max_workers"] >= grown[2]
    assert "at once (auto)" in tree.run("status", code=0).out

    (repo.path.parent / "tmp" / "merge").touch()
    tree.wait(lambda: _falls(numbers(tree)), "a change downwards")

    texts = [event["text"] for event in tree.events("workers_changed")]
    assert any("went again for a conflict" in text for text in texts), texts
    assert "can run" in texts[1]
    run.wait_exit(None)


def _falls(found: list[int]) -> bool:
    return any(later < earlier for earlier, later in pairwise(found))


def test_a_number_on_the_command_line_goes_before_auto_in_the_prd(repo: Repo, tree: Tree) -> None:
    repo.prd(
        *(story(f"S{at}", HOLD, write(f"S{at}.txt", "x\n")) for at in range(4)),
        parallel={"maxWorkers": "auto"},
    )
    repo.commit()
    assert "as many at once as go well (auto)" in tree.run("plan", code=0).out
    run = tree.begin("start", "--max-workers", "4")
    tree.wait_event("attempt_started", count=4)
    assert not tree.events("workers_changed")
    tree.go()
    run.wait_exit(0)


def test_auto_in_a_prd_goes_before_the_configuration_and_outlives_its_supervisor(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(max_workers=1, parallel=QUICK)
    repo.prd(
        *(story(f"S{at}", HOLD, write(f"S{at}.txt", "x\n")) for at in range(6)),
        parallel={"maxWorkers": "auto"},
    )
    repo.commit()
    run = tree.begin("start")
    tree.wait(lambda: len(numbers(tree)) >= 2, "a change upwards")

    kill(tree.pid_of("prd ALPHA"))

    tree.wait_event("prd_restarting")
    reached = numbers(tree)[-1]
    tree.wait(lambda: tree.prd()["max_workers"] >= reached, "the number of before")
    tree.go()
    run.wait_exit(None)
