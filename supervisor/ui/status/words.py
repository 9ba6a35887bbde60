"""What the status says of a root, an agent, a PRD and a story, in words."""

from __future__ import annotations

from datetime import datetime

from ....policies.costs.budget import Spent, spent_text
from ....policies.counting import counted
from ....policies.sizes import size_text
from ....policies.supervising.spec import Tally
from ...shell.lines import safe
from ...shell.status.document import (
    AgentStatus,
    PrdStatus,
    RootStatus,
    SpentStatus,
    StoryStatus,
    UsageStatus,
)
from ...shell.status.states import STOPPING
from ..looks.marks import mark_of
from ..looks.rows import Tone
from ..words.accounts import account_text


def tone_of(state: str) -> Tone:
    """How a state looks."""
    return mark_of(state).tone


def state_text(held: PrdStatus | StoryStatus) -> str:
    """The state of a PRD or story, and whether the operator holds it."""
    if isinstance(held, PrdStatus) and held.stopping:
        return STOPPING
    return f"{held.state} (held)" if held.held and held.state != "held" else held.state


def root_text(root: RootStatus) -> str:
    """Whether root runs, and how busy it is."""
    if root.pid is None and root.state == "not running":
        told = "root does not run; this is what the journals tell"
        return f"{told}; {safe(root.note)}" if root.note else told
    text = f"root: {root.state}, pid {'unknown' if root.pid is None else root.pid}"
    if root.started_at is not None:
        since = datetime.fromtimestamp(root.started_at).astimezone()
        text += f", since {since:%Y-%m-%d %H:%M:%S}"
    if root.leases is not None and root.api_limit:
        text += f"; {root.leases} of {counted(root.api_limit, 'agent')} at work"
        text += f", {counted(root.queue, 'story')} in the queue" if root.queue else ""
    return f"{text}; nothing new starts: {safe(root.note)}" if root.note else text


def agent_text(agent: AgentStatus, at: float) -> str:
    """Why an agent is not simply started when a story wants it."""
    return f"agent {safe(agent.agent)}: {account_text(agent, at, has_cure=True)}"


def places_text(prd: PrdStatus) -> str:
    """How many stories run at once, where that is worth a word."""
    if prd.auto_workers and prd.max_workers is not None:
        return f"{counted(prd.max_workers, 'story')} at once (auto)"
    return "one story at a time" if prd.max_workers == 1 and prd.progress.total > 1 else ""


def losses_text(losses: Tally) -> str:
    """The attempts that were lost, by what they were lost to."""
    known = {
        "to failures": losses.ordinary,
        "to memory": losses.memory,
        "to hangs": losses.hang,
    }
    return ", ".join(f"{count} {words}" for words, count in known.items() if count)


def usage_text(usage: UsageStatus) -> str:
    """What the story's processes use: `1.2 GiB, 85 % of a core, 12 processes`; perhaps none is."""
    if not usage.processes:
        return ""
    text = f"{size_text(usage.memory_bytes)}, {usage.cpu_percent:.0f} % of a core, "
    text += counted(usage.processes, "process")
    share = usage.cpu_share
    return text if share == 1 else f"{text}, throttled to {share:.0%} of the time"


def spent_of(spent: SpentStatus) -> Spent:
    """The figures, for those who reckon with them."""
    return Spent(usd=spent.usd, tokens=spent.tokens, unpriced=spent.unpriced_tokens)


def costs_text(spent: SpentStatus) -> str:
    """`1.2 M tokens, $0.42`, where anything is known of it."""
    return spent_text(spent_of(spent))


def agent_of(story: StoryStatus) -> str:
    """Who works on it, or did last: `claude opus`."""
    return safe(" ".join(filter(None, (story.agent, story.model))))
