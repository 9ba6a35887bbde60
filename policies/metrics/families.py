"""Every family of figures that there is: its name, what it means, and its labels.

Labels are bounded: a PRD, an agent of the configuration, a word of a closed list. Never a story,
a title, or anything that an agent says.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

PREFIX = "prd_supervise_"


class Kind(Enum):
    """What can be done with a family, in Prometheus' words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Family(Struct, frozen=True):
    """One family; without the prefix that all of them have outside."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


def _counter(name: str, text: str, *labels: str) -> Family:
    return Family(name, Kind.COUNTER, text, labels)


def _times(name: str, text: str, *labels: str) -> Family:
    return Family(name, Kind.HISTOGRAM, text, labels)


def _gauge(name: str, text: str, *labels: str) -> Family:
    return Family(name, Kind.GAUGE, text, labels)


STORIES = _counter("stories_total", "Stories decided, by result.", "prd", "result")
PRDS = _counter("prds_total", "PRDs that came to an end, by result.", "result")
ATTEMPTS = _counter("attempts_total", "Attempts of stories that began.", "prd")
LOST = _counter("attempts_lost_total", "Attempts that came to nothing.", "prd", "reason")
RESTARTS = _counter("restarts_total", "Processes started again.", "child", "reason")
GIVEN_UP = _counter("escalations_total", "Children that used up their restarts.", "child")
MEMORY_KILLS = _counter("memory_kills_total", "Attempts ended for a memory ceiling.")
HANGS = _counter("hangs_total", "Attempts ended because they did nothing any more.")
CONFLICTS = _counter("conflicts_total", "Conflicts between stories, by what came of them.", "end")
TOKENS = _counter("tokens_total", "Tokens that agents have used.", "agent")
COST = _counter("cost_usd_total", "What agents have cost, as far as it is known.", "agent")
LIMITS = _counter("limits_total", "Starts of an agent refused for all.", "agent", "kind")
PARKED_S = _counter("parked_seconds_total", "Time in which an agent could not start.", "agent")
ROOT_STARTS = _counter("root_starts_total", "Starts of root.")
NOTICES = _counter("notifications_total", "Notifications, by way and result.", "way", "result")

STORY_S = _times("story_seconds", "From a story's first attempt to its end.", "result")
AGENT_S = _times("agent_seconds", "Runs of agents.", "agent", "result")
VERIFY_S = _times("verify_seconds", "Runs of verify commands.", "stage", "result")
GIT_S = _times("git_seconds", "Requests to the integrator.", "request")
GIT_WAIT_S = _times("git_wait_seconds", "Requests waiting for the integrator.")
LEASE_S = _times("lease_wait_seconds", "Stories waiting for the right to run an agent.")
LAG_S = _times("loop_lag_seconds", "How late a loop served what was due.", "process")

UP = _gauge("up", "1 while root runs.")
STARTED = _gauge("root_start_time_seconds", "When root began (epoch).")
LEASES = _gauge("api_leases", "Agents that run.")
LEASES_MAX = _gauge("api_leases_limit", "Agents that may run at once.")
WAITING = _gauge("lease_queue_length", "Stories that wait for the right to run an agent.")
PRDS_NOW = _gauge("prds", "PRDs that are known, by state.", "state")
PARKED = _gauge("agents_parked", "Accounts of which nothing starts now.")

FAMILIES = {family.name: family for family in tuple(vars().values()) if isinstance(family, Family)}
