from __future__ import annotations

import json
import os
import re
import signal

from msgspec import to_builtins

from prd_supervise.supervisor.shell.status.document import PrdStatus, RootStatus, StoryStatus
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

ROOT_KEYS = set(RootStatus.__struct_fields__)
PRD_KEYS = set(PrdStatus.__struct_fields__)
STORY_KEYS = set(StoryStatus.__struct_fields__)


def held(story_id: str, **fields: object) -> dict[str, object]:
    steps = ({"say": "at work"}, HOLD, write(f"{story_id}.txt", "x\n"))
    return story(story_id, *steps, **fields)


def begin_held(repo: Repo, tree: Tree, *words: str) -> Run:
    repo.prd(held("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.prd(story("B-1"), name="tasks/b.json", project="BETA")
    repo.commit()
    run = tree.begin("start", *words)
    tree.wait_said("US-1", "at work")
    return run


def test_a_second_start_says_who_runs_and_disturbs_nobody(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "ALPHA")

    refused = tree.run("start", code=1)

    assert re.match(
        rf"root already runs here: pid {run.pid} since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d; ",
        refused.err,
    )
    tree.go()
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert not tree.events("attempt_failed")


def test_of_starts_at_the_same_moment_one_wins(repo: Repo, tree: Tree) -> None:
    repo.prd(held("US-1"))
    repo.commit()

    runs = [tree.begin() for _ in range(4)]
    tree.wait(lambda: sum(run.is_over for run in runs) == 3, "the end of three")

    (winner,) = (run for run in runs if not run.is_over)
    for run in runs:
        if run is not winner:
            assert f"root already runs here: pid {winner.pid} " in run.wait_exit(1)
    tree.go()
    winner.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert len(tree.events("attempt_started")) == 1


def test_a_prd_can_be_handed_to_a_running_root(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "ALPHA")

    handed = tree.begin("start", "tasks/b.json")
    handed.wait_exit(0)

    assert "BETA" in handed.output
    assert "US-1" not in handed.output
    assert repo.merged("feature/BETA") == ["BETA/B-1"]
    assert not run.is_over
    tree.go()
    run.wait_exit(0)
    assert {event["text"] for event in tree.events("root_started")} == {f"root is pid {run.pid}"}


def test_a_prd_that_runs_and_was_edited_is_handed_over_as_it_reads_now(
    repo: Repo, tree: Tree
) -> None:
    run = begin_held(repo, tree, "ALPHA")
    repo.prd(held("US-1"), story("US-2", dependsOn=["US-1"]), story("US-3"))
    repo.seal()

    handed = tree.begin("start", "prd.json")

    tree.wait_event("merged", story="US-3")
    tree.go()
    handed.wait_exit(0)
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA")[0] == "ALPHA/US-3"


def test_a_detached_start_hands_its_prd_over_and_returns(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "ALPHA")

    handed = tree.run("start", "tasks/b.json", "--detach", "--max-workers", "1", code=0)

    assert "handed to the root that runs" in handed.out
    assert "with its own max_workers" in handed.err
    tree.wait_event("prd_completed", prd="BETA")
    tree.go()
    run.wait_exit(0)


def test_a_prd_that_is_handed_over_and_fails_is_the_asker_s_failure_too(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart={"max_attempts": 1})
    run = begin_held(repo, tree, "ALPHA")
    repo.prd(story("C-1", {"exit": 1}), name="tasks/c.json", project="CETI")
    repo.seal()

    tree.begin("start", "CETI").wait_exit(1)

    tree.go()
    run.wait_exit(1)


def test_a_defective_prd_is_refused_by_the_running_root(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "ALPHA")
    repo.put("tasks/bad.json", '{"userStories": [{"id": "no-title"}]}')
    repo.seal()

    refused = tree.run("start", "tasks/bad.json", code=78)

    assert "bad.json:1:18: the story has no title" in refused.err
    tree.go()
    run.wait_exit(0)


def test_status_tells_the_same_with_a_root_and_without(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree)
    tree.wait_event("prd_completed", prd="BETA")

    live = tree.status()
    text = tree.run("status", code=0).out

    assert live["schema_version"] == 1
    assert live["root"]["pid"] == run.pid
    assert live["root"]["state"] == "running"
    assert tree.prd()["stories"]["US-1"]["state"] == "running"
    assert tree.prd()["stories"]["US-2"]["state"] == "waiting"
    assert os.path.isdir(tree.prd()["stories"]["US-1"]["worktree"])  # noqa: PTH112
    assert f"root: running, pid {run.pid}, since" in text
    assert re.search(r"ALPHA +active +\S+ +0/2", text)
    tree.go()
    run.wait_exit(0)

    dead = tree.status()
    assert dead["root"] == to_builtins(RootStatus())
    assert "root does not run" in tree.run("status", code=0).out
    for document in (live, dead):
        assert document["root"].keys() == ROOT_KEYS
        assert [prd["id"] for prd in document["prds"]] == ["ALPHA", "BETA"]
        for prd in document["prds"]:
            assert prd.keys() == PRD_KEYS
            assert all(each.keys() == STORY_KEYS for each in prd["stories"])


def test_status_of_one_prd_shows_that_one_only(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree)
    tree.go()
    run.wait_exit(0)

    assert [prd["id"] for prd in tree.status("BETA")["prds"]] == ["BETA"]
    assert "ALPHA" not in tree.run("status", "BETA", code=0).out
    refused = tree.run("status", "NOPE", code=2)
    assert refused.err.startswith("NOPE: no such PRD or story here; the PRDs are: ALPHA, BETA")


def test_status_before_the_first_start_says_so_and_makes_nothing(repo: Repo, tree: Tree) -> None:
    repo.commit()

    assert "no PRD has been run here yet" in tree.run("status", code=0).out
    assert not repo.state.exists()


def test_a_root_that_does_not_answer_is_reported_as_such(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "ALPHA")
    run.signal(signal.SIGSTOP)  # as ^Z does

    for refused in [tree.begin(*words) for words in (("stop",), ("start", "BETA"))]:
        note, line = refused.wait_exit(1).splitlines()
        assert note.startswith(f"note: root (pid {run.pid}) has not answered for 2 s")
        assert f"root (pid {run.pid}) runs, but does not answer" in line
    known = tree.run("status", code=0)
    note = rf"note: root \(pid {run.pid}\) does not answer; this is what was known \d+s ago\n"
    assert re.fullmatch(note, known.err)
    assert f"root: not answering, pid {run.pid}" in known.out
    assert re.search(r"US-1 +running", known.out)
    assert tree.status()["root"]["state"] == "not answering"
    assert "does not answer" in tree.run("hold", "ALPHA", code=1).err

    run.signal(signal.SIGCONT)
    assert not tree.status()["prds"][0]["held"], "what was given up is not done later"
    tree.go()
    run.wait_exit(0)


def test_status_is_answered_at_every_moment_of_a_root_s_life(repo: Repo, tree: Tree) -> None:
    repo.prd(*(story(f"US-{number}") for number in range(4)))
    repo.commit()

    run = tree.begin()
    states = []
    while not run.is_over:
        states.append(tree.status()["root"]["state"])

    run.wait_exit(0)
    assert set(states) <= {"running", "not running"}


def test_the_registry_names_what_runs_and_what_has_run(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree)
    tree.wait_event("prd_completed", prd="BETA")
    path = repo.state / "registry.json"
    tree.wait(lambda: "BETA" in json.loads(path.read_text())["completed_prds"], "the registry", run)

    registry = json.loads(path.read_text())

    assert registry["active_prds"].keys() == {"ALPHA"}
    active = registry["active_prds"]["ALPHA"]
    assert active["progress"] == {"completed": 0, "total": 2}
    assert active["pid"] == tree.pid_of("prd ALPHA")
    assert os.path.isdir(active["worktree"])  # noqa: PTH112
    tree.go()
    run.wait_exit(0)
    registry = json.loads(path.read_text())
    assert sorted(registry["completed_prds"]) == ["ALPHA", "BETA"]
    assert registry["active_prds"] == {}
