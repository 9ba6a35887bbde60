"""Costs and budgets as a user sees them: sums, stories and PRDs that wait, and their release."""

from __future__ import annotations

import json
import signal
from typing import Any

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


def costs(usd: float, tokens: int = 1000, **more: object) -> dict[str, Any]:
    """The agent tells what it has used."""
    return {"usage": {"input_tokens": tokens, "cost_usd": usd, **more}}


def spent(document: dict[str, Any]) -> tuple[float, int]:
    return document["spent"]["usd"], document["spent"]["tokens"]


def work(story_id: str) -> dict[str, Any]:
    return write(f"{story_id}.txt", "x\n")


def two_prds(repo: Repo) -> None:
    repo.prd(story("US-1", costs(0.25), work("US-1")), story("US-2", costs(0.5), work("US-2")))
    repo.prd(
        story("US-1", costs(2.0, 7000), work("US-1")),
        name="tasks/prd-beta.json",
        project="BETA",
    )


def test_what_was_spent_is_added_up_over_stories_and_prds(repo: Repo, tree: Tree) -> None:
    repo.configure()
    two_prds(repo)
    repo.commit()

    done = tree.run("start", code=0)

    assert spent(tree.prd()) == (0.75, 2000)
    assert spent(tree.prd("BETA")) == (2.0, 7000)
    assert spent(tree.prd()["stories"]["US-2"]) == (0.5, 1000)
    assert "$2.00" in done.out
    text = tree.run("status", code=0).out
    assert "7 k tokens, $2.00" in text
    report = json.loads(tree.run("report", "--json", code=0).out)
    assert report["in_all"]["costs"]["spent"]["usd"] == 2.75
    assert "$2.75" in tree.run("report", code=0).out


def test_a_story_over_its_budget_waits_and_is_released_while_others_run(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(**{"budget.story": {"budget_usd": 1.0}})
    attempts = [[costs(1.5), {"exit": 1}], [costs(0.5), work("US-1")]]
    repo.prd(
        story("US-1", *attempts),
        story("US-2", {"say": "at work"}, HOLD, work("US-2")),
    )
    repo.commit()
    run = tree.begin()
    tree.wait_event("budget_used", story="US-1")
    tree.wait_said("US-2", "at work")

    view = tree.prd()["stories"]["US-1"]
    assert view["reason"] == "waits: $1.50 of $1.00 spent"
    assert view["failure"]["type"] == "budget"
    assert "release --budget" in view["failure"]["recovery_hints"][0]
    assert "release --budget ALPHA/US-1" in tree.run("status", code=0).out
    refused = tree.run("release", "--budget", "US-2", code=1)
    assert "waits for no budget" in refused.err
    released = tree.run("release", "--budget", "US-1", code=0)
    assert released.out == "may spend as much again: ALPHA/US-1\n"
    tree.wait_event("merged", story="US-1")
    tree.go()
    run.wait_exit(0)
    assert spent(tree.prd()["stories"]["US-1"]) == (2.0, 2000)


def test_a_prd_over_its_budget_lets_others_go_on_and_the_night_ends_with_what_is_left(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(max_workers=1, **{"budget.prd": {"budget_tokens": 1000}})
    two_prds(repo)
    repo.commit()

    ended = tree.run("start", code=75)

    assert tree.prd("BETA")["state"] == "completed"
    alpha = tree.prd()
    assert alpha["state"] == "stopped"
    assert alpha["reasons"] == ["waits: the PRD's budget: 1 k tokens of 1 k tokens spent"]
    assert "release --budget ALPHA" in ended.out
    assert len(tree.events("budget_used", prd="ALPHA")) == 1
    again = tree.run("resume", code=75)  # it still waits, and says so
    assert "waits: the PRD's budget" in again.out
    assert len(tree.events("budget_used", prd="ALPHA")) == 1

    released = tree.run("release", "--budget", "ALPHA", code=0)

    assert released.out == "may spend as much again: ALPHA; `prd-supervise resume` goes on\n"
    tree.run("resume", code=0)
    assert spent(tree.prd()) == (0.75, 2000)


def test_a_run_that_has_spent_its_budget_ends_and_a_resume_does_not_make_it_rich(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(max_workers=1, max_prds=1, budget={"budget_usd": 0.2})
    two_prds(repo)
    repo.commit()

    tree.run("start", code=75)

    assert [event["prd"] for event in tree.events("merged")] == ["ALPHA"]
    tree.run("resume", code=75)
    assert len(tree.events("merged")) == 1
    assert tree.run("release", "--budget", code=0).out.startswith(
        "may spend as much again: the run"
    )
    tree.run("resume", code=75)
    assert len(tree.events("merged")) > 1


def test_the_sums_survive_a_kill_and_a_resumed_conversation_is_counted_once(
    repo: Repo, tree: Tree
) -> None:
    cumulative = {"tokens_are_of_session": True, "cost_is_of_session": True}
    first = [{"session": "s-1"}, costs(0.3, 400, **cumulative), {"say": "at work"}, HOLD]
    second = [{"session": "s-1"}, costs(0.5, 600, **cumulative), work("US-1")]
    repo.configure()
    repo.prd(story("US-1", first, second))
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    tree.wait(lambda: spent(tree.prd()) == (0.3, 400), "it is known while the agent works", run)

    run.signal(signal.SIGKILL)
    run.wait_exit(None)
    tree.wait_gone()

    assert spent(tree.prd()) == (0.3, 400)
    tree.run("resume", code=0)
    assert spent(tree.prd()) == (0.5, 600)


def test_an_agent_that_says_no_cost_is_priced_or_its_cost_is_said_to_be_unknown(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(**{"agents.replay.prices": {}})
    repo.prd(story("US-1", {"usage": {"input_tokens": 2_000_000}}, work("US-1")))
    repo.commit()
    tree.run("start", code=0)
    assert "2 M tokens, cost unknown" in tree.run("status", code=0).out

    settings = repo.path / "prd-supervise.toml"
    priced = '\n[agents.replay.prices]\n"*" = { input = 3.0 }\n'
    settings.write_text(settings.read_text().replace("\n[agents.replay.prices]\n", priced))
    repo.prd(
        story("US-1", {"usage": {"input_tokens": 2_000_000}}, work("US-1")),
        name="tasks/prd-beta.json",
        project="BETA",
    )
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "more")
    repo.seal()
    tree.run("start", "tasks/prd-beta.json", code=0)
    assert spent(tree.prd("BETA")) == (6.0, 2_000_000)
