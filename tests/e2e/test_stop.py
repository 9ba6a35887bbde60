from __future__ import annotations

import signal

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

AT_WORK = [write("half.txt", "half\n"), {"say": "at work"}]


def held(story_id: str, *rest: object, **fields: object) -> dict[str, object]:
    """A story whose first attempt works on until it is ended, or let go."""
    work = write(f"{story_id}.txt", "x\n")
    return story(story_id, replay=[[*AT_WORK, *rest, HOLD, work], [work]], **fields)


def begin_held(repo: Repo, tree: Tree, *words: str) -> Run:
    repo.prd(held("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    run = tree.begin("start", *words)
    tree.wait_said("US-1", "at work")
    return run


def assert_stopped(repo: Repo, tree: Tree) -> None:
    """All is saved: the state, and the partial work on the story's branch."""
    prd = tree.prd()
    assert prd["state"] == "stopped"
    assert prd["stories"]["US-1"]["state"] == "waiting"
    assert repo.show("prd-supervise/ALPHA/US-1", "half.txt") == "half\n"
    partial = "US-1: make US-1.txt (attempt 1, partial)"
    assert repo.subjects("prd-supervise/ALPHA/US-1")[0] == partial
    assert not repo.merged("feature/ALPHA")
    assert not tree.everybody()


def assert_resumes(repo: Repo, tree: Tree) -> None:
    tree.begin("resume").wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"
    # A stop is nobody's fault: it does not count as a failed attempt.
    assert not tree.events("attempt_failed")


def test_a_signal_stops_the_tree_within_its_grace_and_keeps_everything(
    repo: Repo, tree: Tree
) -> None:
    # Agents are asked after two thirds of it, and their work is kept before the rest is over.
    run = begin_held(repo, tree, "--grace-s", "20")

    run.signal(signal.SIGTERM)
    run.wait_exit(75)
    assert_stopped(repo, tree)

    assert_resumes(repo, tree)


def test_the_stop_command_waits_for_the_end(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "--grace-s", "3")

    stopped = tree.run("stop", code=0)

    assert "stopped" in stopped.out
    run.wait_exit(75)
    assert tree.prd()["state"] == "stopped"
    assert not tree.everybody()
    assert_resumes(repo, tree)


def test_an_agent_that_comes_to_its_end_within_the_grace_may_do_so(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "--grace-s", "60")

    run.signal(signal.SIGTERM)
    run.wait_line("stopping")
    tree.go()
    run.wait_exit(75)

    assert repo.show("prd-supervise/ALPHA/US-1", "US-1.txt") == "x\n"
    tree.begin("resume").wait_exit(0)
    # Its agent had ended: the resume went on at its evidence, without a second one.
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert len(tree.events("attempt_started", story="US-1")) == 1


def test_stop_now_leaves_no_time_and_loses_nothing(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree)

    tree.run("stop", "--now", code=0)
    run.wait_exit(75)
    assert not tree.everybody()

    assert_resumes(repo, tree)


def test_a_second_signal_hurries(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "--grace-s", "600")
    run.signal(signal.SIGINT)
    run.wait_line("everything ends within 600 s")

    run.signal(signal.SIGINT)

    run.wait_line("everything ends within 5 s")
    run.wait_exit(75)
    assert_resumes(repo, tree)


def test_a_third_signal_ends_everything_at_once(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree, "--grace-s", "600")
    for grace in ("600 s", "5 s"):
        run.signal(signal.SIGTERM)
        run.wait_line(f"everything ends within {grace}")

    run.signal(signal.SIGTERM)

    run.wait_exit(75)
    tree.wait_gone()
    assert_resumes(repo, tree)


def test_an_agent_that_ignores_the_stop_is_killed_in_time(repo: Repo, tree: Tree) -> None:
    deaf = {"run": ["sh", "-c", 'trap "" TERM; echo deaf; while :; do sleep 0.05; done']}
    first = [*AT_WORK, {"ignore_term": True}, deaf]
    repo.prd(
        story("US-1", replay=[first, [write("US-1.txt", "x\n")]]), story("US-2", dependsOn=["US-1"])
    )
    repo.commit()
    run = tree.begin("start", "--grace-s", "3")
    tree.wait_said("US-1", "deaf")

    run.signal(signal.SIGTERM)
    run.wait_exit(75)

    assert not tree.everybody()
    assert_resumes(repo, tree)


def test_the_service_manager_sees_an_operator_s_stop_as_an_end(repo: Repo, tree: Tree) -> None:
    tree.env["NOTIFY_SOCKET"] = str(repo.path.parent / "notify")
    run = begin_held(repo, tree, "--grace-s", "3")

    tree.run("stop", code=0)

    run.wait_exit(0)
    assert tree.prd()["state"] == "stopped"


def test_a_stop_before_the_first_story_is_a_stop(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    run = tree.begin()
    run.wait_line("root is pid")

    run.signal(signal.SIGTERM)

    run.wait_exit(75)
    tree.begin("resume").wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_a_stop_during_the_verify_commands_does_not_wait_for_them(repo: Repo, tree: Tree) -> None:
    wait = 'touch "$TMPDIR/reached"; until [ -e "$TMPDIR/go" ]; do sleep 0.02; done'
    repo.prd(story("US-1", verify=["test -s US-1.txt", wait]), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    run = tree.begin("start", "--grace-s", "600")
    tree.wait((repo.path.parent / "tmp" / "reached").exists, "the verify command", run)

    run.signal(signal.SIGTERM)

    run.wait_exit(75)
    tree.go()
    tree.begin("resume").wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert len(tree.events("attempt_started", story="US-1")) == 1


def test_there_is_nothing_to_stop_where_nothing_runs(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()

    assert "nothing to stop" in tree.run("stop", code=0).out
    assert not repo.state.exists()
