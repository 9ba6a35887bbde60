"""What a story's agents have cost: each report counted once, however often and of whatever it is.

Some agents count a run, some a conversation from its beginning, claude its tokens one way and its
cost the other. So what was counted of a run and of each conversation is kept, and a report adds
the difference. A run that ended without a report is caught up by the next one of its conversation.
What cannot be told apart is counted too low rather than twice.
"""

from __future__ import annotations

import math

from msgspec import Struct

from ..bounds import TOKENS_MAX
from ..usage import Usage
from ..values import replace
from .budget import NOTHING_SPENT, Spent

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
    session: str = ""  # the conversation of the last run, as far as it is known
    unnamed: Spent = NOTHING_SPENT  # by that run, before its conversation had a name
    conversations: tuple[Conversation, ...] = ()  # the last one that was heard of stands last

    def known(self, agent: str, session: str) -> Spent:
        """What was counted of a conversation."""
        mine = (
            each for each in self.conversations if (each.agent, each.session) == (agent, session)
        )
        return next((each.spent for each in mine), NOTHING_SPENT)


NO_SPENDING = Spending()


def run_begun(spending: Spending, resumed: str) -> Spending:
    """A new run of an agent begins; `resumed` is the conversation that it goes on with."""
    session = resumed[:NAME_MAX]
    return replace(spending, run=NOTHING_SPENT, unnamed=NOTHING_SPENT, session=session)


def run_named(spending: Spending, agent: str, session: str) -> Spending:
    """The last run has told the name of its conversation.

    It may call one that it was to go on with by a new name: then it counts on where that was.
    """
    session = session[:NAME_MAX]
    if session in {"", spending.session}:
        return spending
    before = spending.known(agent, spending.session) if spending.session else NOTHING_SPENT
    known = spending.known(agent, session)
    known = known if known.tokens or known.usd else before
    named = replace(spending, session=session, unnamed=NOTHING_SPENT)
    return _with(named, agent, known.plus(spending.unnamed))


def reported(spending: Spending, agent: str, session: str, usage: Usage) -> Spending:
    """The agent of the last run has reported; the same again adds nothing."""
    usage = _sane(usage)
    if not usage.tokens and not usage.cost_usd:
        return spending
    spending = run_named(spending, agent, session)
    is_named = bool(spending.session)
    known = spending.known(agent, spending.session) if is_named else spending.unnamed
    new = _new(spending.run, known, usage)
    settled = _settled(spending.run, known, usage)  # tokens whose cost was unknown, and now is not
    spending = replace(
        spending,
        spent=_counted(spending.spent, new, settled),
        run=_counted(spending.run, new, min(settled, spending.run.unpriced)),
    )
    known = _counted(known, new, settled)
    return _with(spending, agent, known) if is_named else replace(spending, unnamed=known)


def _with(spending: Spending, agent: str, known: Spent) -> Spending:
    """Know so much of the last run's conversation, which goes to the end."""
    key = (agent, spending.session)
    others = (each for each in spending.conversations if (each.agent, each.session) != key)
    now = Conversation(agent=agent, session=spending.session, spent=known)
    return replace(spending, conversations=(*others, now)[-SESSIONS_MAX:])


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
