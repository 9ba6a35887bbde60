"""What root and PRD supervisors say to each other of agents that cannot be started just now."""

from __future__ import annotations

from msgspec import Struct

from ...policies.outcomes.outcome import OutcomeKind


class AgentRefused(Struct, frozen=True, kw_only=True):
    """An agent's run met its account's limit, or has no login, no credit, no such model.

    `kind` says which; `until_s` is when a limit is lifted (epoch), None where nobody says.
    """

    agent: str
    kind: OutcomeKind
    reason: str
    story_id: str = ""
    until_s: float | None = None


class AgentStrained(Struct, frozen=True, kw_only=True):
    """An agent's account comes near its limit: `utilization` of it is used (0 to 1)."""

    agent: str
    utilization: float
    until_s: float | None = None


class AgentAnswered(Struct, frozen=True, kw_only=True):
    """An agent's model has answered: no limit stands in its way."""

    agent: str


class Closed(Struct, frozen=True, kw_only=True):
    """An agent that root lets nobody start; `why` goes on from "waits for", with the time."""

    agent: str
    why: str
    is_on_trial: bool = False  # one start is let through, and it is under way
    is_default: bool = False  # it is the one that works where none is named


class AgentsClosed(Struct, frozen=True, kw_only=True):
    """The agents that are closed now, all of them; told when it changes, and at the beginning."""

    closed: tuple[Closed, ...] = ()
