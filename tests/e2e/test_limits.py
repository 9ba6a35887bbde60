"""An account's limit that one run meets: all starts wait for it, in every PRD, and pay nothing."""

from __future__ import annotations

import re
import signal
from typing import Any

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run


def limited(story_id: str, *, in_s: float) -> dict[str, Any]:
    """A story whose first run meets the limit of its account."""
    work = write(f"{story_id}.txt", "x\n")
    return story(story_id, replay=[[{"limit": {"in_s": in_s}}], [work]])


def fails_once(story_id: str, kind: str, message: str) -> dict[str, Any]:
    step = {"fail": {"kind": kind, "message": message}}
    return story(story_id, replay=[[step], [write(f"{story_id}.txt", "x\n")]])


def two_prds(repo: Repo, *steps: dict[str, Any], in_s: float) -> None:
    """ALPHA has one place: US-2 begins after US-1 has met the limit, and BETA is handed in then."""
    second = story("US-2", *steps)
    repo.prd(limited("US-1", in_s=in_s), second, name="alpha.json", project="ALPHA")
    repo.prd(story("US-3"), name="beta.json", project="BETA")
    repo.configure(max_workers=1)
    repo.commit()


def agents_of(tree: Tree) -> list[dict[str, Any]]:
    found = tree.status()["agents"]
    assert isinstance(found, list)
    return found


def reasons(tree: Tree) -> dict[str, str]:
    prds = tree.status()["prds"]
    return {each["id"]: each["reason"] for prd in prds for each in prd["stories"]}


def begin_parked(repo: Repo, tree: Tree) -> Run:
    two_prds(repo, in_s=3600.0)
    run = tree.begin("start", "alpha.json")
    tree.wait_event("agent_parked")
    tree.run("start", "beta.json", "--detach", code=0)
    tree.wait(lambda: len(reasons(tree)) == 3, "BETA is known", run)
    tree.wait(lambda: all(reasons(tree).values()), "all wait", run)
    return run


def test_a_limit_that_one_run_meets_lets_nothing_start_in_any_prd_until_it_is_lifted(
    repo: Repo, tree: Tree
) -> None:
    run = begin_parked(repo, tree)

    (agent,) = agents_of(tree)
    assert (agent["agent"], agent["state"], agent["kind"]) == ("replay", "parked", "rate_limited")
    assert 3500 < agent["until"] - agent["since"] < 3640
    assert all(
        re.fullmatch(r"waits for replay until .*, its limit", why) for why in reasons(tree).values()
    ), reasons(tree)
    assert re.search(
        r"^agent replay: no start until .*: its limit", tree.run("status").out, re.MULTILINE
    )
    assert [each["story"] for each in tree.events("attempt_started")] == ["US-1"]
    assert not tree.events("agent_strained"), "what is used up is near no limit"
    assert not [name for name in tree.processes() if "story" in name], "nobody waits with a worker"

    again = tree.run("release", "--agent", "replay", code=0)

    assert again.out == "released: replay; one start shows whether it can go on\n"
    run.wait_exit(0)
    assert len(tree.events("merged")) == 3
    assert not tree.events("attempt_failed")
    order = [event["event"] for event in tree.events() if event["event"].startswith("agent_p")]
    assert order == ["agent_parked"]
    assert tree.events("agent_trial")
    assert tree.events("agent_opened")
    assert tree.run("release", "--agent", "replay", code=1).err == (
        "replay: no start of it is held back; held back: none\n"
    )


def test_a_limit_is_lifted_by_the_clock_and_one_start_goes_before_the_others(
    repo: Repo, tree: Tree
) -> None:
    two_prds(repo, HOLD, write("US-2.txt", "x\n"), in_s=8.0)
    run = tree.begin("start", "alpha.json")
    tree.wait_event("agent_parked")
    tree.run("start", "beta.json", "--detach", code=0)
    tree.go()  # before this ALPHA could not end, and root with it, however late BETA came

    run.wait_exit(0)

    told = [event["event"] for event in tree.events()]
    parked, trial, opened = map(told.index, ("agent_parked", "agent_trial", "agent_opened"))
    assert parked < trial < opened
    between = [
        event["story"]
        for event in tree.events()[parked:opened]
        if event["event"] == "attempt_started"
    ]
    assert len(between) == 1, "the one on trial"
    assert len(tree.events("merged")) == 3
    losses = [each["losses"] for prd in tree.status()["prds"] for each in prd["stories"]]
    assert all(not any(lost.values()) for lost in losses)
    report = tree.run("report", code=0).out
    assert re.search(r"agent replay: not started for \d.*s \(1 time\)", report), report


def test_a_root_that_is_killed_while_a_limit_holds_goes_on_waiting_until_the_same_moment(
    repo: Repo, tree: Tree
) -> None:
    run = begin_parked(repo, tree)
    (before,) = agents_of(tree)
    run.signal(signal.SIGKILL)
    run.wait_exit(-signal.SIGKILL)
    tree.wait_gone()
    assert agents_of(tree)[0]["until"] == before["until"], "without a root as well"

    again = tree.begin("resume")
    tree.wait(lambda: len(tree.events("root_started")) == 2, "root", again)
    tree.wait(
        lambda: all(why.startswith("waits for replay") for why in map(str, reasons(tree).values())),
        "all wait",
        again,
    )

    assert agents_of(tree)[0]["until"] == before["until"]
    assert len(tree.events("attempt_started")) == 1
    tree.run("release", "--agent", "replay", code=0)
    again.wait_exit(0)
    assert len(tree.events("merged")) == 3


def test_a_limit_that_is_released_while_no_root_runs_is_tried_by_the_next_one(
    repo: Repo, tree: Tree
) -> None:
    run = begin_parked(repo, tree)
    run.signal(signal.SIGKILL)
    run.wait_exit(-signal.SIGKILL)
    tree.wait_gone()

    released = tree.run("release", "--agent", "replay", code=0)

    assert released.out == "released: replay; `prd-supervise resume` tries it\n"
    tree.begin("resume").wait_exit(0)
    assert len(tree.events("merged")) == 3
    assert tree.events("agent_trial")


def test_an_agent_without_a_login_is_closed_until_somebody_says_that_it_is_mended(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(fails_once("US-1", "auth", "Not logged in"), story("US-2", dependsOn=["US-1"]))
    repo.configure()
    repo.commit()

    run = tree.begin()
    tree.wait_event("agent_closed")
    tree.wait(lambda: "release --agent replay" in str(reasons(tree)["US-1"]), "it says so", run)

    (agent,) = agents_of(tree)
    assert (agent["state"], agent["until"], agent["reason"]) == ("closed", None, "Not logged in")
    assert not run.is_over
    tree.run("release", "--agent", "replay", code=0)
    run.wait_exit(0)
    assert not tree.events("attempt_failed")
    assert tree.run("release", code=2).err.startswith("release: nothing is named")


def test_a_resume_that_a_person_types_tries_an_agent_that_waited_for_one(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(fails_once("US-1", "auth", "Not logged in"))
    repo.configure()
    repo.commit()
    run = tree.begin()
    tree.wait_event("agent_closed")
    run.signal(signal.SIGKILL)
    run.wait_exit(-signal.SIGKILL)
    tree.wait_gone()
    assert agents_of(tree)[0]["state"] == "closed"

    tree.begin("resume").wait_exit(0)

    assert len(tree.events("merged")) == 1


def test_what_meets_a_limit_goes_on_with_the_next_agent_of_its_chain(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(limited("US-1", in_s=3600.0), story("US-2", dependsOn=["US-1"]))
    repo.configure(agent={"fallback": ["other"]}, **{"agents.other": {"kind": "replay"}})
    repo.commit()

    tree.begin().wait_exit(0)

    assert len(tree.events("merged")) == 2
    assert not tree.events("attempt_failed")
    assert tree.status()["agents"][0]["agent"] == "replay"


def test_a_prd_with_another_agent_takes_the_place_of_one_that_waits_for_its_own(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(fails_once("US-1", "auth", "Not logged in"), name="alpha.json", project="ALPHA")
    repo.prd(story("US-2"), name="beta.json", project="BETA", agent="other")
    repo.configure(max_prds=1, **{"agents.other": {"kind": "replay"}})
    repo.commit()

    run = tree.begin("start", "alpha.json", "beta.json")
    tree.wait_event("prd_completed", prd="BETA")

    assert not tree.events("agent_trial")
    (lost,) = tree.events("attempt_stopped")
    assert lost["failure"]["type"] == "auth"
    mend, then = lost["failure"]["recovery_hints"]
    assert mend.endswith("then `prd-supervise release --agent replay`")
    assert then.startswith("it goes again by itself as soon as an agent that it may have can be")
    tree.run("release", "--agent", "replay", code=0)
    run.wait_exit(0)


def test_a_fallback_that_is_set_while_a_limit_holds_goes_on_with_what_waits(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(limited("US-1", in_s=3600.0), story("US-2", dependsOn=["US-1"]))
    repo.configure()
    repo.commit()
    run = tree.begin()
    tree.wait_event("attempt_stopped")
    tree.wait(lambda: str(reasons(tree)["US-2"]).startswith("waits for replay"), "all wait", run)

    repo.configure(agent={"fallback": ["other"]}, **{"agents.other": {"kind": "replay"}})
    repo.seal()
    run.signal(signal.SIGHUP)

    run.wait_exit(0)
    assert len(tree.events("merged")) == 2
    assert not tree.events("agent_trial")
    assert not tree.events("attempt_failed")
