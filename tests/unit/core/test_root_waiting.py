"""PRDs that wait for agents alone: they take no place, and go on when there is one."""

from __future__ import annotations

from prd_supervise.policies.accounts.gate_rules import GateRules
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.supervising.spec import ExitClass
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.elsewhere import WAITING_MAX
from prd_supervise.supervisor.core.root.words import (
    AgentReleaseAsked,
    Announce,
    BoundsChanged,
    ClockSeen,
    PassOn,
)
from prd_supervise.workers.messages.gate import AgentAnswered, AgentRefused, AgentsClosed
from prd_supervise.workers.messages.prd import LeaseReturned, LeaseWanted, PrdReport, Waiting
from tests.support.root_tree import RootTree, a_tree

NOON_S = 1_795_262_400.0


def a_full_tree(*queue: str) -> RootTree:
    """P and Q have the two places and wait for claude, whose login is refused."""
    tree = a_tree(max_prds=2)
    tree.submit("P", "Q", *queue)
    rules = GateRules(use="claude")
    tree.hear(BoundsChanged(max_prds=2, api_limit=9, grace_s=60.0, fail_fast=False, gates=rules))
    tree.hear(ClockSeen(at_s=NOON_S))
    tree.ready("P", "Q")
    tree.says("P", AgentRefused(agent="", kind=OutcomeKind.AUTH, reason="no login", story_id="S"))
    waits(tree, "P", "claude")
    waits(tree, "Q", "")
    return tree


def waits(tree: RootTree, prd_id: str, *agents: str) -> None:
    report = PrdReport(branch="b", base="c", stories=(), waiting=Waiting(agents=agents))
    tree.says(prd_id, report)


def told(tree: RootTree) -> dict[str, tuple[str, ...]]:
    """Why agents are closed, by PRD, as the last step told them."""
    return {
        each.prd_id: tuple(closed.why for closed in each.order.closed)
        for each in tree.last
        if isinstance(each, PassOn) and isinstance(each.order, AgentsClosed)
    }


def test_who_waits_for_agents_alone_leaves_its_place_to_the_next() -> None:
    tree = a_full_tree("R", "S", "T")
    tree.ready("R", "S")
    assert tree.root.supervisor.child("T") is None, "two others are at work"


def test_when_the_agent_is_open_again_they_go_on_one_by_one_and_before_who_has_not_begun() -> None:
    tree = a_full_tree("R", "S", "T")
    tree.ready("R", "S")

    tree.hear(AgentReleaseAsked(agent="claude"))

    no_place = ("a place: claude could be started, but enough PRDs are at work (`max_prds`)",)
    assert (told(tree)["P"], told(tree)["Q"], told(tree)["R"]) == (no_place, no_place, ())
    tree.ends("R", "completed")
    assert told(tree) == {"P": ()}
    assert tree.root.supervisor.child("T") is None
    tree.says("P", LeaseWanted(lease="S#2", agents=("claude",)))
    assert told(tree)["Q"][0].startswith("claude: one start is tried")
    tree.says("P", AgentAnswered(agent="claude"))
    assert told(tree)["Q"] == no_place
    tree.says("P", LeaseReturned(lease="S#2"))
    assert told(tree) == {}, "what is known is not told twice"
    tree.ends("S", "completed")
    assert told(tree) == {"Q": ()}
    tree.ends("P", "completed")
    assert tree.root.supervisor.child("T") is not None


def test_another_agent_that_is_opened_lets_nobody_go_on_who_does_not_want_it() -> None:
    tree = a_full_tree("R")
    waits(tree, "P", "codex")
    assert tree.root.needs.agents == {"P": ("codex",), "Q": ("",)}
    tree.says("R", AgentRefused(agent="codex", kind=OutcomeKind.AUTH, reason="x", story_id="T"))
    tree.hear(AgentReleaseAsked(agent="codex"))
    assert tree.root.needs.agents == {"Q": ("",)}


def test_no_more_than_a_few_wait_without_a_place() -> None:
    names = [f"R{number}" for number in range(WAITING_MAX + 2)]
    tree = a_full_tree(*names)
    for name in names:
        if tree.root.supervisor.child(name) is not None:
            tree.ready(name)
            waits(tree, name, "claude")
    begun = {child.child_id for child in tree.root.supervisor.children}
    assert len(begun) == WAITING_MAX + 2
    assert names[-1] not in begun


def test_who_waits_for_agents_alone_begins_anew_with_other_settings_of_agents() -> None:
    tree = a_full_tree("R")
    tree.ready("R")
    bounds = BoundsChanged(
        max_prds=2,
        api_limit=9,
        grace_s=60.0,
        fail_fast=False,
        gates=GateRules(use="claude", mark="set"),
    )
    tree.hear(bounds)
    assert not restarted(tree), "nothing was known before"
    tree.hear(bounds)
    assert not restarted(tree), "nothing has changed"
    tree.hear(replace(bounds, gates=GateRules(use="claude", mark="other")))
    assert restarted(tree) == ["P", "Q"], "R is at work"


def restarted(tree: RootTree) -> list[str]:
    told = (each for each in tree.last if isinstance(each, Announce))
    return [each.prd_id for each in told if each.event == "prd_restart_asked"]


def test_a_supervisor_that_comes_back_takes_its_place_until_it_says_that_it_waits() -> None:
    tree = a_full_tree("R")
    assert tree.root.supervisor.child("R") is not None
    tree.exits("P", ExitClass.ABNORMAL)
    assert tree.root.needs.agents.keys() == {"Q"}
    tree.comes_back("P")
    assert told(tree)["P"], "it is told anew what is closed"
