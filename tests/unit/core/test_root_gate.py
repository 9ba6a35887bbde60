"""The gate of accounts at root: who is let through, who hears of it, what is journalled."""

from __future__ import annotations

import pytest

from prd_supervise.policies.accounts.gate_rules import AgentBounds, GateRules
from prd_supervise.policies.accounts.parking import Standing, looked_at
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.records import AccountOpened, AccountShut
from prd_supervise.supervisor.core.root.words import (
    AgentReleaseAsked,
    Announce,
    BoundsChanged,
    ClockSeen,
    GrantLease,
    PassOn,
    WatchClock,
    WriteRoot,
)
from prd_supervise.workers.messages.gate import (
    AgentAnswered,
    AgentRefused,
    AgentsClosed,
    AgentStrained,
)
from prd_supervise.workers.messages.prd import LeaseReturned, LeaseWanted
from tests.support.root_tree import RootTree, a_tree

NOON_S = 1_795_262_400.0
HOUR_S = 3600.0
RULES = GateRules(
    use="claude",
    agents=(
        AgentBounds(name="claude", account="work"),
        AgentBounds(name="quick", account="work"),
        AgentBounds(name="codex"),
    ),
)


def a_gated_tree(rules: GateRules = RULES, *, api_limit: int = 10) -> RootTree:
    tree = a_tree(api_limit=api_limit)
    tree.submit("P", "Q")
    tree.ready("P", "Q")
    bounds(tree, rules, api_limit)
    clock(tree, NOON_S)
    return tree


def bounds(tree: RootTree, rules: GateRules, api_limit: int = 10) -> None:
    event = BoundsChanged(
        max_prds=3, api_limit=api_limit, grace_s=60.0, fail_fast=False, gates=rules
    )
    tree.hear(event)


def clock(tree: RootTree, at_s: float) -> None:
    """Let the wall clock show this; the monotonic one goes with it."""
    tree.now_s = max(tree.now_s, at_s - NOON_S)
    tree.hear(ClockSeen(at_s=at_s))


def wants(tree: RootTree, lease: str, *agents: str, prd: str = "P") -> dict[str, str]:
    tree.says(prd, LeaseWanted(lease=lease, agents=agents))
    return granted(tree)


def granted(tree: RootTree) -> dict[str, str]:
    grants = (each for each in tree.last if isinstance(each, GrantLease))
    return {f"{each.prd_id}/{each.lease}": each.agent for each in grants}


def back(tree: RootTree, lease: str, *, prd: str = "P") -> dict[str, str]:
    tree.says(prd, LeaseReturned(lease=lease))
    return granted(tree)


def meets_limit(tree: RootTree, agent: str = "claude", until_s: float | None = None) -> None:
    word = AgentRefused(
        agent=agent, kind=OutcomeKind.RATE_LIMITED, reason="limit", story_id="S", until_s=until_s
    )
    tree.says("P", word)


def refused(tree: RootTree, kind: OutcomeKind, story: str = "S", prd: str = "P") -> None:
    tree.says(prd, AgentRefused(agent="claude", kind=kind, reason=kind.value, story_id=story))


def told(tree: RootTree) -> dict[str, tuple[str, ...]]:
    """Which agents are closed, by PRD, as the last step told them."""
    orders = [each for each in tree.last if isinstance(each, PassOn)]
    return {
        each.prd_id: tuple(closed.agent for closed in each.order.closed)
        for each in orders
        if isinstance(each.order, AgentsClosed)
    }


def announced(tree: RootTree) -> list[str]:
    return [each.event for each in tree.last if isinstance(each, Announce)]


def records(tree: RootTree) -> list[object]:
    return [each.record for each in tree.last if isinstance(each, WriteRoot)]


def looks(tree: RootTree) -> list[float]:
    return [each.until_s for each in tree.last if isinstance(each, WatchClock)]


def test_a_limit_parks_all_agents_of_its_account_in_every_prd_at_once() -> None:
    tree = a_gated_tree()
    assert wants(tree, "S#1", "claude") == {"P/S#1": "claude"}

    meets_limit(tree, until_s=NOON_S + HOUR_S)

    assert told(tree) == {"P": ("claude", "quick"), "Q": ("claude", "quick")}
    assert announced(tree) == ["agent_parked"]
    (shut,) = records(tree)
    assert isinstance(shut, AccountShut)
    assert shut.gate.until_s >= NOON_S + HOUR_S
    assert looks(tree) == [shut.gate.until_s]
    assert back(tree, "S#1") == {}
    assert wants(tree, "T#1", "quick", prd="Q") == {}
    assert wants(tree, "U#1", "codex", prd="Q") == {"Q/U#1": "codex"}, "other accounts go on"


def test_a_story_takes_the_first_agent_of_its_chain_that_is_not_closed() -> None:
    tree = a_gated_tree()
    meets_limit(tree, until_s=NOON_S + HOUR_S)
    assert wants(tree, "S#1", "claude", "quick", "codex") == {"P/S#1": "codex"}
    assert wants(tree, "T#1") == {}, "the default one is claude"


def test_after_its_moment_one_start_is_tried_and_an_answer_lets_the_others_follow() -> None:
    tree = a_gated_tree()
    meets_limit(tree, until_s=NOON_S + HOUR_S)
    until_s = looks(tree)[0]
    clock(tree, until_s - 1)
    assert announced(tree) == []

    clock(tree, until_s)

    assert announced(tree) == ["agent_trial"]
    assert told(tree) == {"P": (), "Q": ()}
    assert wants(tree, "S#2", "claude") == {"P/S#2": "claude"}
    assert wants(tree, "T#1", "claude", prd="Q") == {}, "it waits for the trial"
    assert wants(tree, "U#1", "claude", "codex") == {"P/U#1": "codex"}
    tree.says("P", AgentAnswered(agent="claude"))
    assert granted(tree) == {"Q/T#1": "claude"}
    assert announced(tree) == ["agent_opened"]
    assert [type(each) for each in records(tree)] == [AccountOpened]


def test_while_one_start_is_tried_the_agent_is_closed_for_all_others() -> None:
    tree = a_gated_tree()
    meets_limit(tree, until_s=NOON_S + HOUR_S)
    clock(tree, looks(tree)[0])
    wants(tree, "S#2", "claude")
    assert told(tree) == {"P": ("claude", "quick"), "Q": ("claude", "quick")}
    assert all(each.is_on_trial for each in tree.root.gates.told.closed)
    back(tree, "S#2")  # it says nothing of its account: the next one is tried
    assert told(tree) == {"P": (), "Q": ()}
    wants(tree, "T#1", "claude", prd="Q")
    tree.says("Q", AgentAnswered(agent="claude"))
    assert told(tree) == {"P": (), "Q": ()}


def test_a_limit_that_is_still_there_parks_again_and_longer() -> None:
    tree = a_gated_tree()
    meets_limit(tree, until_s=NOON_S + HOUR_S)
    clock(tree, looks(tree)[0])
    wants(tree, "S#2", "claude")
    wants(tree, "T#1", "claude", prd="Q")
    before_s = NOON_S + tree.now_s

    meets_limit(tree)

    assert announced(tree) == ["agent_parked"]
    assert looks(tree)[0] > before_s + 119
    assert back(tree, "S#2") == {}


def test_a_trial_that_ends_without_a_word_of_its_account_lets_the_next_one_try() -> None:
    tree = a_gated_tree()
    meets_limit(tree, until_s=NOON_S + HOUR_S)
    clock(tree, looks(tree)[0])
    wants(tree, "S#2", "claude")
    wants(tree, "T#1", "claude", prd="Q")
    assert wants(tree, "U#1", "claude", prd="Q") == {}
    assert back(tree, "S#2") == {"Q/T#1": "claude"}
    tree.exits("Q")
    tree.ready("P")
    assert wants(tree, "V#1", "claude") == {"P/V#1": "claude"}, "who died with the trial gave it up"


def test_a_limit_outlives_root_and_is_due_by_the_wall_clock() -> None:
    tree = a_gated_tree()
    meets_limit(tree, until_s=NOON_S + HOUR_S)
    (shut,) = records(tree)
    assert isinstance(shut, AccountShut)

    later = a_tree()
    gates = replace(later.root.gates, rules=RULES, accounts={"work": shut.gate})
    later.root, later.shut = replace(later.root, gates=gates), {"work": shut.gate}
    later.submit("P")
    later.hear(ClockSeen(at_s=NOON_S + 60))
    assert looks(later) == [shut.gate.until_s]
    later.ready("P")
    assert told(later) == {"P": ("claude", "quick")}
    assert wants(later, "S#2", "claude") == {}
    later.hear(ClockSeen(at_s=shut.gate.until_s + 5 * HOUR_S))  # the machine slept
    assert granted(later) == {"P/S#2": "claude"}


@pytest.mark.parametrize("agent", ["claude", "quick", ""])
def test_what_people_have_to_mend_stays_closed_until_they_release_it(agent: str) -> None:
    tree = a_gated_tree()
    refused(tree, OutcomeKind.AUTH)
    assert announced(tree) == ["agent_closed"]
    assert looks(tree) == [], "no clock opens it"
    assert wants(tree, "S#2", "claude") == {}

    tree.hear(AgentReleaseAsked(agent=agent))

    assert announced(tree) == ["agent_trial"]
    assert granted(tree) == {"P/S#2": "claude"}


@pytest.mark.parametrize("kind", [OutcomeKind.AUTH, OutcomeKind.RATE_LIMITED])
def test_a_release_outlives_root_though_its_trial_has_not_ended(kind: OutcomeKind) -> None:
    tree = a_gated_tree()
    refused(tree, kind)
    tree.hear(AgentReleaseAsked(agent="claude"))

    assert announced(tree) == ["agent_trial"]
    assert looked_at(tree.shut["work"], NOON_S).standing is Standing.TRIAL
    tree.hear(AgentReleaseAsked(agent="claude"))
    assert records(tree) == [], "it is on trial already"


def test_a_person_who_resumes_releases_what_waits_for_people_and_no_limit() -> None:
    tree = a_gated_tree()
    meets_limit(tree, "codex", until_s=NOON_S + HOUR_S)
    refused(tree, OutcomeKind.BILLING)
    tree.hear(AgentReleaseAsked())
    assert tree.root.gates.gate("claude").standing is Standing.TRIAL
    assert tree.root.gates.gate("codex").standing is Standing.PARKED


def test_an_agent_that_is_set_up_otherwise_is_tried_again() -> None:
    tree = a_gated_tree()
    refused(tree, OutcomeKind.AUTH)
    bounds(tree, RULES)
    assert tree.root.gates.gate("claude").standing is Standing.CLOSED
    mended = (replace(RULES.agents[0], mark="other"), *RULES.agents[1:])
    bounds(tree, replace(RULES, agents=mended))
    assert tree.root.gates.gate("claude").standing is Standing.TRIAL


def test_overloads_of_several_stories_make_all_of_them_slow_for_a_while() -> None:
    tree = a_gated_tree()
    for number in range(3):
        refused(tree, OutcomeKind.TRANSIENT, story=f"S{number}")
    assert announced(tree) == ["agent_parked"]
    assert looks(tree)[0] < NOON_S + 10
    clock(tree, looks(tree)[0])
    assert wants(tree, "S1#2", "claude") == {"P/S1#2": "claude"}
    assert wants(tree, "S2#2", "claude") == {}


def test_an_account_near_its_limit_runs_half_as_many_and_the_next_agent_takes_the_rest() -> None:
    tree = a_gated_tree(api_limit=4)
    tree.says("P", AgentStrained(agent="claude", utilization=0.9, until_s=NOON_S + HOUR_S))
    assert announced(tree) == ["agent_strained"]
    assert wants(tree, "A#1", "claude") == {"P/A#1": "claude"}
    assert wants(tree, "B#1", "quick") == {"P/B#1": "quick"}
    assert wants(tree, "C#1", "claude") == {}
    assert wants(tree, "D#1", "claude", "codex") == {"P/D#1": "codex"}
    clock(tree, NOON_S + HOUR_S)
    assert granted(tree) == {"P/C#1": "claude"}


def test_an_account_that_is_full_is_waited_for() -> None:
    full = (replace(RULES.agents[0], limit=1), *RULES.agents[1:])
    tree = a_gated_tree(replace(RULES, agents=full))
    assert wants(tree, "A#1", "claude") == {"P/A#1": "claude"}
    assert wants(tree, "B#1", "quick", "codex") == {}
    assert wants(tree, "C#1", "codex") == {"P/C#1": "codex"}
    assert back(tree, "A#1") == {"P/B#1": "quick"}


def test_so_many_start_in_a_minute_in_all_and_of_one_agent() -> None:
    rates = (replace(RULES.agents[0], rate=1), *RULES.agents[1:])
    tree = a_gated_tree(replace(RULES, rate=2, agents=rates))
    assert wants(tree, "A#1", "claude") == {"P/A#1": "claude"}
    assert wants(tree, "B#1", "claude") == {}
    assert looks(tree) == [NOON_S + 60]
    assert wants(tree, "C#1", "codex") == {"P/C#1": "codex"}
    assert wants(tree, "D#1", "codex") == {}
    clock(tree, NOON_S + 59)
    assert granted(tree) == {}
    clock(tree, NOON_S + 60)
    assert granted(tree) == {"P/B#1": "claude", "P/D#1": "codex"}


def test_a_story_whose_agent_is_over_is_kept_apart_from_others_and_asks_for_no_agent() -> None:
    tree = a_gated_tree(replace(RULES, rate=1))
    wants(tree, "A#1", "claude")
    meets_limit(tree, until_s=NOON_S + HOUR_S)
    tree.says("P", LeaseWanted(lease="B#1", needs_agent=False))
    assert granted(tree) == {"P/B#1": ""}


def test_nothing_is_kept_of_leases_that_are_gone_nor_looked_at_without_a_reason() -> None:
    tree = a_gated_tree()
    wants(tree, "A#1", "claude")
    back(tree, "A#1")
    gates = tree.root.gates
    assert [gates.wanted, gates.runs, gates.trials, gates.accounts] == [{}, {}, {}, {}]
    assert gates.starts == ()
    assert gates.watched_s is None
