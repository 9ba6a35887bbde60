"""PRDs whose documents change: while they run, between two runs, and into other PRDs."""

from __future__ import annotations

import json
import signal

import pytest

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

HELD = story("US-2", {"say": "at work"}, HOLD, write("US-2.txt", "x\n"))


def changed(story_id: str, **fields: object) -> dict[str, object]:
    """The story with other criteria, and an agent that does something about them."""
    again = write(f"{story_id}.txt", "again\n")
    return story(story_id, again, acceptanceCriteria=["it says `again`"], **fields)


def begin(repo: Repo, tree: Tree) -> Run:
    """Run US-1 to its end, and US-2 until its agent is at work; US-3 and US-4 wait for it."""
    later = [story(name, dependsOn=["US-2"]) for name in ("US-3", "US-4")]
    repo.prd(story("US-1"), HELD, *later)
    repo.commit()
    run = tree.begin()
    tree.wait_event("merged", story="US-1")
    tree.wait_said("US-2", "at work")
    return run


def test_what_changes_in_a_prd_that_runs_takes_effect(repo: Repo, tree: Tree) -> None:
    run = begin(repo, tree)
    repo.prd(changed("US-1"), HELD, story("US-4", title="other", dependsOn=["US-2"]), story("US-5"))
    repo.seal()

    run.signal(signal.SIGHUP)

    tree.wait_event("plan_changed")
    told = tree.events("plan_changed")[0]["text"]
    assert told == "new: US-5; gone: US-3; changed: US-1, US-4"
    tree.wait_event("merged", story="US-1", count=2)
    tree.wait_event("merged", story="US-5")
    assert "criteria or verify commands were changed" in tree.events("reopened")[0]["text"]
    tree.go()
    run.wait_exit(0)
    merged = repo.merged("feature/ALPHA")
    assert sorted(merged) == sorted(f"ALPHA/US-{n}" for n in (1, 1, 2, 4, 5))
    assert repo.show("feature/ALPHA", "US-1.txt") == "again\n"
    stories = tree.prd()["stories"]
    assert set(stories) == {"US-1", "US-2", "US-4", "US-5"}
    assert stories["US-4"]["title"] == "other"
    assert len(tree.events("attempt_started", story="US-2")) == 1


def test_a_file_that_no_longer_parses_or_has_a_cycle_changes_nothing(
    repo: Repo, tree: Tree
) -> None:
    run = begin(repo, tree)
    repo.put("prd.json", '{"userStories": [\n')
    repo.seal()
    run.signal(signal.SIGHUP)
    tree.wait_event("reload_failed")
    repo.prd(story("US-1", dependsOn=["US-9"]), HELD, story("US-9", dependsOn=["US-1"]))
    repo.seal()
    run.signal(signal.SIGHUP)
    tree.wait_event("reload_failed", count=2)

    tree.go()
    run.wait_exit(0)

    broken, cycle = (event["text"] for event in tree.events("reload_failed"))
    assert broken.startswith("prd.json:2:1: this is not JSON")
    assert "the stories wait for each other: US-1 -> US-9 -> US-1" in cycle
    assert not tree.events("plan_changed")
    assert len(repo.merged("feature/ALPHA")) == 4


def test_what_the_user_marks_done_before_it_began_is_not_run(repo: Repo, tree: Tree) -> None:
    run = begin(repo, tree)
    later = story("US-3", dependsOn=["US-2"], passes=True), story("US-4", dependsOn=["US-2"])
    repo.prd(story("US-1"), HELD, *later)
    repo.seal()
    run.signal(signal.SIGHUP)
    tree.wait_event("plan_changed")

    tree.go()
    run.wait_exit(0)

    assert "ALPHA/US-3" not in repo.merged("feature/ALPHA")
    assert tree.prd()["stories"]["US-3"]["evidence"] == "marked done in the PRD"


def test_criteria_that_change_between_two_runs_reopen_a_done_story_once(
    repo: Repo, tree: Tree
) -> None:
    run = begin(repo, tree)
    tree.run("stop", "--now", code=0)
    run.wait_exit(75)
    repo.prd(changed("US-1"), HELD)
    repo.seal()
    tree.go()

    tree.run("resume", code=0)

    assert len(tree.events("reopened", story="US-1")) == 1
    assert repo.merged("feature/ALPHA").count("ALPHA/US-1") == 2
    tree.run("start", "prd.json", code=0)
    assert len(tree.events("reopened")) == 1, "the merge of before does not count, the new one does"


def test_a_failed_story_is_tried_again_when_its_words_change(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1", {"exit": 3}), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    tree.run("start", code=1)
    repo.prd(story("US-1", description="Take care."), story("US-2", dependsOn=["US-1"]))
    repo.seal()

    tree.run("start", code=0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_restart_reads_the_plan_again_and_start_hands_a_changed_one_over(
    repo: Repo, tree: Tree
) -> None:
    run = begin(repo, tree)
    repo.prd(story("US-1"), HELD, story("US-5"))
    repo.seal()
    tree.run("restart", "ALPHA", code=0)
    tree.wait_event("merged", story="US-5")
    tree.wait_said("US-2", "at work", 2)
    repo.prd(story("US-1"), HELD, story("US-5"), story("US-6"))
    repo.seal()
    handed = tree.begin("start", "prd.json")
    tree.wait_event("merged", story="US-6")

    tree.go()

    handed.wait_exit(0)
    run.wait_exit(0)
    assert set(tree.prd()["stories"]) == {"US-1", "US-2", "US-5", "US-6"}


@pytest.mark.parametrize("victim", ["prd ALPHA", "root"])
def test_a_changed_plan_outlives_a_kill(repo: Repo, tree: Tree, victim: str) -> None:
    run = begin(repo, tree)
    repo.prd(changed("US-1"), HELD, story("US-5"))
    repo.seal()
    run.signal(signal.SIGHUP)
    tree.wait_event("plan_changed")

    kill(tree.pid_of(victim))
    tree.go()

    if victim == "root":
        run.wait_exit(None)
        tree.wait_gone()
        tree.run("resume", code=0)
    else:
        run.wait_exit(0)
    merged = repo.merged("feature/ALPHA")
    assert sorted(merged) == sorted(f"ALPHA/US-{n}" for n in (1, 1, 2, 5))


# --- one file, several PRDs in the course of time -------------------------------------------------


def feature(repo: Repo, branch: str, title: str, *steps: object) -> None:
    """What a user of Ralph writes into prd.json for each feature."""
    name = f"{title}.txt"
    work = [*steps, write(name, "x\n")]
    repo.prd(
        story("US-001", *work, title=title, acceptanceCriteria=[title], verify=[f"test -s {name}"]),
        branchName=branch,
    )


def test_two_features_one_after_the_other_in_one_prd_json_are_two_prds(
    repo: Repo, tree: Tree
) -> None:
    feature(repo, "ralph/one", "one")
    repo.commit()
    tree.run("start", code=0)
    feature(repo, "ralph/two", "two")
    repo.seal()

    tree.run("start", code=0)

    assert repo.merged("ralph/one") == ["ALPHA/US-001"]
    assert repo.merged("ralph/two") == ["ALPHA-2/US-001"]
    assert not repo.has("ralph/two", "one.txt")
    first, second = tree.status()["prds"]
    assert (first["id"], first["state"], first["replaced_by"]) == ("ALPHA", "completed", "ALPHA-2")
    assert first["note"] == "its file holds ALPHA-2 now"
    assert (second["id"], second["replaced_by"]) == ("ALPHA-2", None)


def test_the_next_feature_begins_beside_the_one_that_runs(repo: Repo, tree: Tree) -> None:
    feature(repo, "ralph/one", "one", {"say": "at work"}, HOLD)
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-001", "at work")
    feature(repo, "ralph/two", "two")
    repo.seal()

    run.signal(signal.SIGHUP)

    tree.wait_event("prd_completed", prd="ALPHA-2")
    tree.go()
    run.wait_exit(0)
    assert repo.merged("ralph/one") == ["ALPHA/US-001"]
    assert repo.merged("ralph/two") == ["ALPHA-2/US-001"]


def test_a_prd_whose_file_was_overwritten_is_not_resumed_as_the_other_one(
    repo: Repo, tree: Tree
) -> None:
    feature(repo, "ralph/one", "one", {"say": "at work"}, HOLD)
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-001", "at work")
    tree.run("stop", "--now", code=0)
    run.wait_exit(75)
    feature(repo, "ralph/two", "two")
    repo.seal()

    resumed = tree.run("resume", code=75)
    named = tree.run("resume", "ALPHA", code=2)

    for done in (resumed, named):
        assert "ALPHA: prd.json holds another PRD now (ALPHA-2)" in done.err
    assert repo.merged("ralph/one") == []


# --- several PRDs in one file, and PRDs in several languages --------------------------------------


def tags(repo: Repo, **lists: list[str]) -> None:
    """A file of task-master's, each tag with tasks of these titles."""
    document = {
        tag: {
            "tasks": [
                {
                    "id": number,
                    "title": title,
                    "status": "pending",
                    "replay": [write(f"{title}.txt", "x\n")],
                }
                for number, title in enumerate(titles, 1)
            ]
        }
        for tag, titles in lists.items()
    }
    repo.put(".taskmaster/tasks/tasks.json", json.dumps(document, indent=2) + "\n")


def test_each_tag_of_a_file_is_a_prd_that_is_started_by_its_name_or_with_all(
    repo: Repo, tree: Tree
) -> None:
    tags(repo, master=["one"], search=["two", "three"])
    repo.commit()
    tree.run("start", "search", code=0)
    assert [prd["id"] for prd in tree.status()["prds"]] == ["search"]
    tags(repo, master=["one"], search=["two", "three"], later=["four"])
    repo.seal()

    tree.run("start", ".taskmaster/tasks/tasks.json", code=0)

    assert {prd["id"]: prd["part"] for prd in tree.status()["prds"]} == {
        "search": "search",
        "master": "master",
        "later": "later",
    }
    assert sorted(repo.merged("feature/search")) == ["search/1", "search/2"]
    assert len(tree.events("attempt_started", prd="search")) == 2
    assert repo.merged("feature/later") == ["later/1"]


def test_ralphs_source_is_passed_over_and_runs_if_it_is_named(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-001"))
    repo.put(
        "tasks/prd-alpha.md",
        "# PRD: Alpha\n\n### US-001: make US-001.txt\n\n- [ ] US-001.txt is there\n",
    )
    repo.put("plans/notes.md", "# Notes\n\nNothing to do.\n")
    repo.put("plans/list.md", "# Later\n\n- [ ] buy milk\n- [ ] call home\n")
    repo.commit()

    done = tree.run("start", code=0)

    assert "note: tasks/prd-alpha.md: a source of Ralph's prd.json" in done.err
    assert "note: plans/notes.md: no list of stories; passed over" in done.err
    assert "note: plans/list.md: a plain list of checkboxes" in done.err
    assert [prd["id"] for prd in tree.status()["prds"]] == ["ALPHA"]


def test_a_file_that_is_moved_while_it_runs_takes_its_prd_along(repo: Repo, tree: Tree) -> None:
    old, new = "tasks/old.json", "tasks/new.json"
    path = repo.prd(story("US-1"), HELD, story("US-3", dependsOn=["US-2"]), name=old)
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-2", "at work")
    path.rename(repo.path / new)
    repo.seal()

    run.signal(signal.SIGHUP)

    tree.wait_event("reloaded")
    assert tree.events("plan_changed", prd="ALPHA")
    assert not tree.events("reload_failed"), "it is not gone"
    tree.run("stop", "--now", code=0)
    run.wait_exit(75)
    tree.go()
    tree.run("resume", code=0)
    assert sorted(repo.merged("feature/ALPHA")) == [f"ALPHA/US-{n}" for n in (1, 2, 3)]
    assert repo.flags("feature/ALPHA", new) == [True, True, True]
