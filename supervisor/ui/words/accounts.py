"""Why an agent is not simply started when a story wants it."""

from __future__ import annotations

from ....policies.accounts.words import because, standing_text, strain_text
from ...shell.lines import safe
from ...shell.status.document import AgentStatus
from .times import elapsed, moment


def account_text(
    agent: AgentStatus, now: float, *, zone_s: float | None = None, has_cure: bool = False
) -> str:
    """How its account stands; `has_cure`: with the command that opens it again."""
    if agent.state == "strained":
        return strain_text(agent.utilization)
    until = "" if agent.until is None else moment(agent.until, now, zone_s)
    if until and agent.until is not None and agent.until > now:
        until += f" (in {elapsed(agent.until - now)})"
    cured = safe(agent.agent) if has_cure else ""
    return standing_text(agent.state, why_of(agent), until=until, agent=cured)


def why_of(agent: AgentStatus) -> str:
    """What is wrong with it."""
    return because(safe(agent.why or agent.kind or agent.state), safe(agent.reason or ""))
