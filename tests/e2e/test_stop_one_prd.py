from __future__ import annotations

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

AT_WORK = [write("half.txt", "half\n"), {"say": "at work"}]


def held(story_id: str, *rest: object, **fields: object) -> dict[str, object]:
    """A story whose first attempt works on until it is ended, or let go."""
    work = write(f"{story_id}.txt", "x\n")
    return story(story_id, replay=[[*AT_WORK, *rest, HOLD, work], [work]], **fields)


def test_one_prd_is_stopped_alone_and_goes_on_only_when_asked(repo: Repo, tree: Tree) -> None:
    repo.prd(held("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.prd(held("B-1"), name="tasks/b.json", project="BETA")
    repo.commit()
    run = tree.begin("start", "--grace-s", "12")
    tree.wait_said("US-1", "at work")
    tree.wait_said("B-1", "at work", prd="BETA")

    tree.run("stop", "ALPHA", code=0)
    states = {prd["id"]: prd["state"] for prd in tree.status()["prds"]}
    assert states == {"ALPHA": "stopped", "BETA": "active"}
    assert repo.show("prd-supervise/ALPHA/US-1", "half.txt") == "half\n"

    handed = tree.begin("resume", "ALPHA")
    handed.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert not run.is_over
    tree.go()
    run.wait_exit(0)
    assert not tree.events("prd_restarting")


def test_a_prd_that_was_stopped_keeps_the_run_from_being_complete(repo: Repo, tree: Tree) -> None:
    repo.prd(held("US-1"))
    repo.prd(held("B-1"), name="tasks/b.json", project="BETA")
    repo.commit()
    run = tree.begin("start", "--grace-s", "12")
    tree.wait_said("US-1", "at work")
    tree.wait_said("B-1", "at work", prd="BETA")

    tree.run("stop", "ALPHA", code=0)
    tree.go()

    run.wait_exit(75)
    assert len(tree.events("attempt_started", prd="ALPHA")) == 1
    for words in ("start", "resume"):
        assert "stopped by its name; `prd-supervise resume ALPHA` goes on" in tree.run(words).err
    assert not repo.merged("feature/ALPHA")
    tree.begin("resume", "ALPHA").wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_a_queued_prd_can_be_stopped_before_its_turn(repo: Repo, tree: Tree) -> None:
    repo.prd(held("US-1"))
    repo.prd(story("B-1"), name="tasks/b.json", project="BETA")
    repo.commit()
    run = tree.begin("start", "--max-prds", "1")
    tree.wait_said("US-1", "at work")

    tree.run("stop", "BETA", code=0)
    tree.go()

    run.wait_exit(75)
    assert not tree.events("attempt_started", prd="BETA")
