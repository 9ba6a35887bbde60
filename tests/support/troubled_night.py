"""A night in which everything goes wrong that docs/troubleshooting.md has a section about."""

from __future__ import annotations

from typing import Any

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

EATS = {
    "run": [
        "python3",
        "-c",
        "kept = b'x' * (200 << 20); import signal; print('eaten', flush=True); signal.pause()",
    ]
}
_CART = "if [ -e cart.txt ]; then echo 'FAILED test_total: 20 != 10'; exit 1; fi\n"
_REPLAY = {"kind": "replay"}


def troubled(repo: Repo) -> None:
    """Three PRDs, and an agent for each trouble."""
    repo.configure(
        max_workers=0,
        max_prds=2,
        grace_s=120,
        limits={"memory_high": "100MiB"},
        restart={"max_attempts": 3, "max_hangs": 1, "max_memory_kills": 1},
        **{
            "agents.claude": _REPLAY,
            "agents.codex": _REPLAY,
            "agents.gemini": _REPLAY | {"idle_timeout_s": 2},
            "agents.absent": {"kind": "command", "command": ["no-such-agent"]},
        },
    )
    repo.put("tests/cart.sh", _CART)
    repo.prd(*_shop(), id="shop", project="Shop")
    repo.prd(*_pay(), name="tasks/pay.json", id="pay", project="Pay")
    repo.prd(story("MAIL-1"), name="tasks/zmail.json", id="mail", project="Mail")
    repo.commit()


def _shop() -> list[dict[str, Any]]:
    return [
        story(
            "US-001", {"say": "All done."}, write("cart.txt", "x\n"), verify=["sh tests/cart.sh"]
        ),
        story("US-002", dependsOn=["US-001"]),
        *(_same_lines(f"US-00{number}", number) for number in (3, 4, 5)),
        story("US-006", verify=["sh tests/forgotten.sh"]),
        story("US-007", EATS),
        story("US-008", {"say": "Waiting for the server."}, {"hang": True}, agent="gemini"),
        story("US-009", {"say": "at work"}, {"ignore_term": True}, HOLD),
    ]


def _same_lines(story_id: str, number: int) -> dict[str, Any]:
    """All of these begin at once, and each writes the same lines in its own way."""
    text = "".join(f"{word} by {story_id}\n" for word in ("one", "two", "three"))
    steps = [{"sleep_s": 0.2 * number}, write("README", text), write(f"{story_id}.txt", "x\n")]
    return story(story_id, *steps)


def _pay() -> list[dict[str, Any]]:
    limit = {"limit": {"in_s": 9000, "message": "You've hit your session limit"}}
    refused = {"fail": {"kind": "auth", "message": "401: invalid API key", "status": 401}}
    spends = {"usage": {"input_tokens": 9000, "cost_usd": 1.5}}
    return [
        story("PAY-1", approve="merge"),
        story("PAY-2", replay=[[limit], [write("PAY-2.txt", "x\n")]], agent="claude"),
        story("PAY-3", replay=[[refused], [write("PAY-3.txt", "x\n")]], agent="codex"),
        story(
            "PAY-4",
            replay=[[spends, {"exit": 1}], [write("PAY-4.txt", "x\n")]],
            budgetUsd=1.0,
        ),
        story("PAY-5", dependsOn=["shop/US-009"]),
    ]


def begin(tree: Tree) -> Run:
    """Let it begin, and wait until all of it has gone wrong."""
    run = tree.begin()
    for story_id in ("US-001", "US-006", "US-007", "US-008"):
        tree.wait_event("story_failed", prd="shop", story=story_id)
    tree.wait_event("base_red", prd="shop", story="US-006")
    for story_id in ("US-003", "US-004", "US-005"):
        tree.wait_event("merged", prd="shop", story=story_id)
    tree.wait_event("approval_wanted", story="PAY-1")
    tree.wait_event("agent_parked")
    tree.wait_event("agent_closed")
    tree.wait_event("budget_used", story="PAY-4")
    tree.wait_said("US-009", "at work", prd="shop")
    return run
