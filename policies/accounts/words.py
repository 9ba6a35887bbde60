"""How an account stands, as people are told it: in events, in what waits for it, to who looks."""

from __future__ import annotations

ONE_IS_TRIED = "one start is tried, the others follow when its model answers"


def because(why: str, reason: str = "") -> str:
    """What is wrong, with what the agent itself said of it."""
    return f"{why} ({reason})" if reason else why


def standing_text(standing: str, why: str, *, until: str = "", agent: str = "") -> str:
    """Of what is parked, closed or on trial: why nothing of it starts; with the agent, the cure."""
    match standing:
        case "parked":
            when = f"until {until}" if until else "(nobody says until when)"
            return f"no start {when}: {why}"
        case "trial":
            return f"{ONE_IS_TRIED}: {why}" if why else ONE_IS_TRIED
        case _:
            return f"no start: {why}; {cure(agent)}" if agent else f"no start: {why}"


def cure(agent: str) -> str:
    """What a person has to do for an agent that is closed."""
    return f"mend that, then `prd-supervise release --agent {agent}`"


def strain_text(utilization: float | None, at_once: str = "fewer run at once") -> str:
    """Of what comes near its limit."""
    used = "most" if utilization is None else f"{utilization:.0%}"
    return f"{used} of its limit is used, {at_once}"
