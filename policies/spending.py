"""What a story's agents have cost: each report counted once, however often and of whatever it is.

Some agents count a run, some a conversation from its beginning, claude its tokens one way and its
cost the other. So what was counted of a run and of each conversation is kept, and a report adds
the difference. A run that ended without a report is caught up by the next one of its conversation.
What cannot be told apart is counted too low rather than twice.
"""

from __future__ import annotations

import math

from msgspec import Struct

from .bounds import TOKENS_MAX
from .budget import NOTHING_SPENT, Spent
from .usage import Usage
from .values import replace

SESSIONS_MAX = 32  # conversations of one story: the last ones can be taken up again
NAME_MAX = 200
USD_MAX = 1_000_000.0


class Conversation(Struct, frozen=True, kw_only=True):
    """What has been counted of an agent's conversation, over all the runs that it had."""

    agent: str
    session: str
    spent: Spent = NOTHING_SPENT


class Spending(Struct, frozen=True, kw_only=True):
    """What a story has cost, and what is needed to count on."""

    spent: Spent = NOTHING_SPENT
    run: Spent = NOTHING_SPENT  # of it, by the last run
    unnamed: Spent = NOTHING_SPENT  # of that, before its conversation had a name
    resumed: str = ""  # the conversation that the last run was to go on with
    conversations: tuple[Conversation, ...] = ()  # the last one that was heard of stands last


NO_SPENDING = Spending()


def run_begun(spending: Spending, resumed: str) -> Spending:
    """A new run of an agent begins; `resumed` is the conversation that it goes on with."""
    return replace(spending, run=NOTHING_SPENT, unnamed=NOTHING_SPENT, resumed=resumed[:NAME_MAX])


def reported(spending: Spending, agent: str, session: str, usage: Usage) -> Spending:
    """The agent of the last run has reported; the same again adds nothing."""
    usage = _sane(usage)
    if not usage.tokens and not usage.cost_usd:
        return spending
    name = session[:NAME_MAX] or spending.resumed
    known = _known_of(spending, agent, name, usage).plus(spending.unnamed)
    new = _new(spending.run, known, usage)
    settled = _settled(spending.run, known, usage)  # whose cost was unknown, and now is not
    others = (c for c in spending.conversations if (c.agent, c.session) != (agent, name))
    of_name = Conversation(agent=agent, session=name, spent=_counted(known, new, settled))
    return Spending(
        spent=_counted(spending.spent, new, settled),
        run=_counted(spending.run, new, min(settled, spending.run.unpriced)),
        unnamed=NOTHING_SPENT if name else of_name.spent,
        resumed=spending.resumed,
        conversations=(*others, of_name)[-SESSIONS_MAX:] if name else spending.conversations,
    )


def _new(run: Spent, known: Spent, usage: Usage) -> Spent:
    """What the report has beyond what was counted of what it is about."""
    of_tokens = known if usage.tokens_are_of_session else run
    tokens = max(0, usage.tokens - of_tokens.tokens)
    if usage.cost_usd is None:
        return Spent(tokens=tokens, unpriced=tokens)
    of_cost = known if usage.cost_is_of_session else run
    return Spent(tokens=tokens, usd=max(0.0, usage.cost_usd - of_cost.usd))


def _settled(run: Spent, known: Spent, usage: Usage) -> int:
    if usage.cost_usd is None:
        return 0
    return known.unpriced if usage.cost_is_of_session else min(run.unpriced, known.unpriced)


def _counted(before: Spent, new: Spent, settled: int) -> Spent:
    return before.plus(new).since(Spent(unpriced=settled))


def _known_of(spending: Spending, agent: str, name: str, usage: Usage) -> Spent:
    """What was counted of a conversation before the run in question gave it that name.

    An agent may call the one that it goes on with by a new name, and count on.
    """
    found = {c.session: c.spent for c in spending.conversations if c.agent == agent}
    if name in found or not name:
        return found.get(name, NOTHING_SPENT)
    before = found.get(spending.resumed, NOTHING_SPENT)
    is_fresh = usage.tokens_are_of_session and usage.tokens < before.tokens
    cost = usage.cost_usd
    is_fresh |= usage.cost_is_of_session and cost is not None and cost < before.usd
    return NOTHING_SPENT if is_fresh else before


def _sane(usage: Usage) -> Usage:
    """The usage within bounds, whatever an agent says."""
    cost = usage.cost_usd
    if cost is not None:
        cost = min(max(0.0, cost), USD_MAX) if math.isfinite(cost) else None
    return replace(
        usage,
        input_tokens=_within(usage.input_tokens),
        cached_tokens=_within(usage.cached_tokens),
        output_tokens=_within(usage.output_tokens),
        cost_usd=cost,
    )


def _within(tokens: int) -> int:
    return min(max(0, tokens), TOKENS_MAX)
