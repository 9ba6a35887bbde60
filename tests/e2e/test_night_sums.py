"""One night, told by status, report, metrics, events, logs and journals: it is the same night."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.night_sums import Sources, assert_agree
from tests.support.tree import Tree


def used(tokens: int, usd: float) -> dict[str, Any]:
    return {"usage": {"input_tokens": tokens, "cost_usd": usd}}


def work(name: str, text: str = "x\n") -> dict[str, Any]:
    return write(f"{name}.txt", text)


def edit(repo: Repo, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the stories of ALPHA."""
    path = repo.path / "prd.json"
    document = json.loads(path.read_text())
    change(document["userStories"])
    repo.put("prd.json", json.dumps(document, indent=2) + "\n")
    repo.commit("the second day")
    repo.seal()


def a_night(repo: Repo) -> None:
    """Stories that end in every way: at once, late, never, without a start, before."""
    touch = {"replace": {"path": "README", "old": "three", "new": "3 A"}}
    other = {"replace": {"path": "README", "old": "three", "new": "3 B"}}
    lies = {"replace": {"path": "prd.json", "old": "A-1.txt is there", "new": "anything"}}
    repo.prd(
        story("A-1", used(100, 0.1), work("A-1"), lies),
        story("A-2", replay=[[used(20, 0.02), work("A-2", "")], [used(30, 0.03), work("A-2")]]),
        story("A-3", used(7, 0.007), {"exit": 3}),
        story("A-4", dependsOn=["A-3"]),
        story("A-5", passes=True),
        story("A-6", work("A-6"), verify=None, title="日本語 e\u0301tage"),
        story("A-7", replay=[[{"fail": {"kind": "transient"}}], [work("A-7")]]),
    )
    repo.prd(
        # Whichever of the two is merged last meets the other's line, and goes again without one.
        story("B-1", replay=[[touch, work("B-1"), used(5, 0.5)], [work("B-1"), used(1, 0.25)]]),
        story("B-2", replay=[[other, work("B-2"), used(5, 0.5)], [work("B-2"), used(1, 0.25)]]),
        name="beta.json",
        project="BETA",
    )
    backoff = {"max_attempts": 2, "backoff_base_s": 0.05, "backoff_cap_s": 0.1}
    repo.configure(prds=["beta.json"], restart=backoff)
    repo.commit()


def test_all_that_tells_of_a_night_tells_the_same_also_after_a_crash_on_the_second_day(
    repo: Repo, tree: Tree
) -> None:
    a_night(repo)
    tree.begin().wait_exit(1)

    first = Sources(tree)
    assert_agree(first)
    states = {each["id"]: each["state"] for each in first.prds["ALPHA"]["stories"]}
    assert states == {
        "A-1": "done",
        "A-2": "done",
        "A-3": "failed",
        "A-4": "skipped",
        "A-5": "done",
        "A-6": "done (unverified)",
        "A-7": "done",
    }
    assert first.report["headline"].startswith("6 of 9 stories merged in ")
    assert first.report["headline"].endswith("; 1 done before, 1 failed, 1 skipped")
    assert first.prds["BETA"]["spent"]["usd"] in {1.0, 1.25}, "the conflict is a question of order"

    def second_day(stories: list[dict[str, Any]]) -> None:
        stories[0]["acceptanceCriteria"] = ["A-1.txt is there, and longer"]  # it is open again
        stories[0]["replay"] = [used(10, 0.01), work("A-1", "longer\n")]
        stories[2]["replay"] = [used(8, 0.008), HOLD, work("A-3")]
        stories.append(story("A-8", used(9, 0.009), work("A-8")))

    edit(repo, second_day)
    run = tree.begin("resume", "--retry")
    for name in ("A-1", "A-8"):
        tree.wait_event("merged", story=name, count=2 if name == "A-1" else 1)
    tree.wait(lambda: is_counted(tree), "all is counted, and A-3's agent has said its usage", run)
    kill(run.pid)
    run.wait_exit(None)
    tree.wait_gone()
    tree.go()
    tree.begin("resume").wait_exit(0)

    last = Sources(tree)
    assert_agree(last)
    assert {each["state"] for each in last.prds.values()} == {"completed"}
    assert last.counted("root_starts_total") == 3
    assert last.counted("attempts_lost_total", "tree_down") == 1
    assert last.report["headline"].startswith("9 of 10 stories merged in ")


def is_counted(tree: Tree) -> bool:
    """Say whether the metrics have what a killed root would take along."""
    found = json.loads(tree.run("metrics", "--json", code=0).out)["counters"]
    done = sum(each["value"] for each in found if "done" in each["labels"].values())
    tokens = sum(each["value"] for each in found if each["name"] == "tokens_total")
    spent = json.loads(tree.run("status", "--json", code=0).out)["prds"]
    is_all = tokens == sum(prd["spent"]["tokens"] for prd in spent)
    a3 = next(each for prd in spent for each in prd["stories"] if each["id"] == "A-3")
    return bool(done == 8 and is_all and a3["spent"]["tokens"] == 22)
