"""PRDs whose stories need stories of each other."""

from __future__ import annotations

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


def crosswise(repo: Repo) -> None:
    repo.prd(
        story("A1"),
        story("A2", dependsOn=["BETA/B1"]),
        name="tasks/alpha.json",
        project="ALPHA",
    )
    repo.prd(
        story("B1", dependsOn=["ALPHA/A1"]),
        story("B2", dependsOn=["ALPHA/A2"]),
        name="tasks/beta.json",
        project="BETA",
    )
    repo.commit()


def merged(tree: Tree) -> list[str]:
    return [event["story"] for event in tree.events("merged")]


def test_prds_that_need_each_other_crosswise_get_through_one_at_a_time(
    repo: Repo, tree: Tree
) -> None:
    crosswise(repo)

    tree.begin("start", "--max-prds", "1").wait_exit(0)

    assert merged(tree) == ["A1", "B1", "A2", "B2"]
    assert [event["prd"] for event in tree.events("prd_completed")] == ["ALPHA", "BETA"]


def test_a_prd_whose_need_is_not_run_says_what_to_start_and_goes_on_when_it_has_come(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("B1"), name="later/beta.json", project="BETA")
    repo.prd(
        story("A1", dependsOn=["BETA/B1"]),
        story("A2", dependsOn=["A1"]),
        story("A3"),
        name="prd.json",
        project="ALPHA",
    )
    repo.configure(prds=["later/*.json"])
    repo.commit()

    tree.begin("start", "prd.json").wait_exit(1)

    assert merged(tree) == ["A3"]
    alpha = tree.prd("ALPHA")
    assert alpha["state"] == "failed"
    assert alpha["reasons"] == [
        "A1: needs BETA/B1, and BETA is not being run: start it too",
        "A2: needs A1, which is not done",
    ]
    assert "start it too" in tree.run("status").out

    tree.begin("start", "BETA").wait_exit(0)
    tree.begin("resume").wait_exit(0)

    assert merged(tree) == ["A3", "B1", "A1", "A2"]


def test_a_failed_need_skips_and_a_retry_of_both_goes_on(repo: Repo, tree: Tree) -> None:
    fails_once = 'test -e "$TMPDIR/again" || { touch "$TMPDIR/again"; exit 1; }'
    repo.prd(
        story("B1", {"run": ["sh", "-c", fails_once]}, write("B1.txt", "x")),
        name="tasks/beta.json",
        project="BETA",
    )
    repo.prd(story("A1", dependsOn=["BETA/B1"]), name="tasks/alpha.json", project="ALPHA")
    repo.configure(restart={"max_attempts": 1})
    repo.commit()

    tree.begin("start").wait_exit(1)
    assert tree.prd("ALPHA")["reasons"] == ["A1: needs BETA/B1, which failed"]
    assert merged(tree) == []

    tree.begin("resume", "--retry").wait_exit(0)
    assert merged(tree) == ["B1", "A1"]


def test_a_prd_that_waits_says_for_what(repo: Repo, tree: Tree) -> None:
    repo.prd(story("B1", HOLD, write("B1.txt", "x")), name="tasks/beta.json", project="BETA")
    repo.prd(story("A1", dependsOn=["BETA/B1"]), name="tasks/alpha.json", project="ALPHA")
    repo.commit()

    run = tree.begin("start", "--max-prds", "1")
    tree.wait_event("attempt_started", prd="BETA")
    tree.wait(lambda: tree.prd("ALPHA")["note"] == "waits for BETA/B1", "ALPHA waits")
    assert tree.prd("ALPHA")["stories"]["A1"]["reason"] == "waits for BETA/B1"
    assert tree.prd("BETA")["state"] == "active"

    tree.go()
    run.wait_exit(0)
    assert merged(tree) == ["B1", "A1"]


def test_a_stopped_night_with_prds_that_wait_is_finished_by_a_resume(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("B1", HOLD, write("B1.txt", "x")), name="tasks/beta.json", project="BETA")
    repo.prd(story("A1", dependsOn=["BETA/B1"]), name="tasks/alpha.json", project="ALPHA")
    repo.commit()
    run = tree.begin("start", "--grace-s", "2")
    tree.wait_event("attempt_started", prd="BETA")
    tree.wait(lambda: tree.prd("ALPHA")["note"] == "waits for BETA/B1", "ALPHA waits")

    tree.run("stop", code=0)
    run.wait_exit(75)
    tree.go()
    tree.begin("resume").wait_exit(0)

    assert merged(tree) == ["B1", "A1"]


def test_what_another_prd_s_file_marks_as_done_is_no_reason_to_wait(repo: Repo, tree: Tree) -> None:
    repo.prd(story("B1", passes=True), story("B2"), name="later/beta.json", project="BETA")
    repo.prd(story("A1", dependsOn=["BETA/B1"]), name="prd.json", project="ALPHA")
    repo.configure(prds=["later/*.json"])
    repo.commit()

    tree.begin("start", "prd.json").wait_exit(0)

    assert merged(tree) == ["A1"]
