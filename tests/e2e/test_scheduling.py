from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

# Agents note when they begin and end, by one short append each, which no other one can tear.
STAMP = {"run": ["sh", "-c", 'echo "+$PRD_SUPERVISE_PRD_ID" >> "$TMPDIR/stamps"']}
UNSTAMP = {"run": ["sh", "-c", 'echo "-$PRD_SUPERVISE_PRD_ID" >> "$TMPDIR/stamps"']}


def stamped(story_id: str, *, meeting: int) -> dict[str, object]:
    """A story that works on until so many have begun: those that may meet, do."""
    meet = f'until [ "$(grep -c + "$TMPDIR/stamps")" -ge {meeting} ]; do sleep 0.02; done'
    wait = {"run": ["sh", "-c", meet]}
    steps = (STAMP, wait, {"sleep_s": 0.15}, write(f"{story_id}.txt", "done\n"), UNSTAMP)
    return story(story_id, *steps)


def most_at_once(tree: Tree, prd_id: str = "") -> int:
    lines = Path(tree.env["TMPDIR"], "stamps").read_text().splitlines()
    now, most = 0, 0
    for line in lines:
        if line[1:].startswith(prd_id):
            now += 1 if line[0] == "+" else -1
            most = max(most, now)
    assert now == 0, lines
    return most


def test_with_one_place_prds_run_one_after_the_other_in_order(repo: Repo, tree: Tree) -> None:
    for name in ("a", "b", "c"):
        repo.prd(story("S"), name=f"tasks/{name}.json", project=name)
    repo.commit()

    tree.begin("start", "--max-prds", "1").wait_exit(0)

    order = [
        (event["prd"], event["event"])
        for event in tree.events()
        if event["event"] in {"attempt_started", "prd_completed"}
    ]
    assert order == [
        (prd, kind) for prd in ("a", "b", "c") for kind in ("attempt_started", "prd_completed")
    ]


def test_named_prds_run_in_the_order_in_which_they_were_named(repo: Repo, tree: Tree) -> None:
    for name in ("a", "b", "c"):
        repo.prd(story("S"), name=f"tasks/{name}.json", project=name)
    repo.commit()

    tree.begin("start", "c", "tasks/a.json", "--max-prds", "1").wait_exit(0)

    assert [event["prd"] for event in tree.events("prd_completed")] == ["c", "a"]
    assert "refs/heads/feature/b" not in repo.refs()


@pytest.mark.parametrize("asked", [1, 2])
def test_so_many_stories_of_a_prd_run_at_once(repo: Repo, tree: Tree, asked: int) -> None:
    repo.prd(*(stamped(f"US-{number}", meeting=asked) for number in range(4)))
    repo.commit()

    tree.begin("start", "--max-workers", str(asked)).wait_exit(0)

    assert most_at_once(tree) == asked


def test_without_a_bound_all_ready_stories_of_a_prd_run_at_once(repo: Repo, tree: Tree) -> None:
    # Each waits for all others: with fewer than five places nobody would come to an end.
    meet = 'touch "$TMPDIR/$1"; until [ "$(ls "$TMPDIR" | grep -c ^met)" = 5 ]; do sleep 0.02; done'
    repo.configure(agent={"timeout_s": 90})
    repo.prd(
        *(
            story(
                f"US-{n}", {"run": ["sh", "-c", meet, "sh", f"met{n}"]}, write(f"US-{n}.txt", "x")
            )
            for n in range(5)
        )
    )
    repo.commit()

    tree.begin("start", "--max-workers", "0").wait_exit(0)

    assert not tree.events("attempt_failed")


def test_the_api_limit_holds_over_all_prds(repo: Repo, tree: Tree) -> None:
    for name in ("a", "b"):
        stories = (stamped(f"US-{number}", meeting=2) for number in range(3))
        repo.prd(*stories, name=f"tasks/{name}.json", project=name)
    repo.commit()

    tree.begin("start", "--api-limit", "2").wait_exit(0)

    assert most_at_once(tree) == 2


def test_a_story_starts_when_all_that_it_needs_is_merged(repo: Repo, tree: Tree) -> None:
    look = {"run": ["sh", "-c", "cat A.txt B.txt > seen.txt"]}
    repo.prd(
        story("D", look, write("D.txt", "x"), dependsOn=["A", "b"], priority=1),
        story("C", dependsOn=["A"], priority=4),
        story("B", dependsOn=["A"], priority=3),
        story("A", priority=9),
    )
    repo.commit()

    tree.begin("start", "--max-workers", "1").wait_exit(0)

    assert repo.merged("feature/ALPHA") == [f"ALPHA/{name}" for name in ("A", "B", "D", "C")]
    assert repo.show("feature/ALPHA", "seen.txt") == "A\nB\n"


def test_fail_fast_ends_the_run_at_the_first_quarantine(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(
        story("bad", {"exit": 3}), story("late", dependsOn=["long"]), story("long", {"hang": True})
    )
    repo.commit()

    tree.begin("start", "--fail-fast", "--grace-s", "6").wait_exit(1)

    assert tree.prd()["stories"]["bad"]["state"] == "failed"
    assert not tree.events("attempt_started", story="late")
