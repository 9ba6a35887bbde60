"""Which agents share an account, and what bounds hold for them."""

from __future__ import annotations

from prd_supervise.policies.accounts.gate_rules import AgentBounds, GateRules

RULES = GateRules(
    use="claude",
    agents=(
        AgentBounds(name="claude", account="work", limit=4, rate=6),
        AgentBounds(name="quick", account="work", limit=2),
        AgentBounds(name="codex"),
    ),
)


def test_agents_of_one_account_share_the_least_of_their_bounds() -> None:
    assert RULES.sharing("work") == ("claude", "quick")
    assert RULES.limit("work") == 2
    assert RULES.limit("codex") == 0


def test_who_is_not_named_is_the_default_and_who_is_not_set_up_has_an_account_of_its_own() -> None:
    assert RULES.account("") == "work"
    assert RULES.account("codex") == "codex"
    assert RULES.account("gemini") == "gemini"
    assert RULES.has_rates
    assert not GateRules(use="claude").has_rates
