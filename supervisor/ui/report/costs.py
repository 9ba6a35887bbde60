"""What the journals tell of costs: on whom it was spent, and how much of it in vain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from ....policies.costs.budget import NOTHING_SPENT, Spent, dollars_text, spent_text
from ....workers.messages.agents import Choice
from ...core.prd.memory import Memory
from ...core.prd.records import AttemptBegun, AttemptLost, StoryRecord
from ...core.prd.remembering import remember


class Costs(Struct, frozen=True, kw_only=True):
    """What a story, a PRD or all of them cost; `lost` of it on attempts that came to nothing."""

    spent: Spent = NOTHING_SPENT
    lost: Spent = NOTHING_SPENT
    by: Mapping[Choice, Spent] = {}  # by agent and model


NO_COSTS = Costs()


def story_costs(records: Sequence[tuple[object, float]], since: float = 0.0) -> dict[str, Costs]:
    """What each story has cost since then that the journal tells of, also one that left the plan.

    What an agent tells at its end is of then, whenever it was spent.
    """
    books: dict[str, _Book] = {}
    for record, at in records:
        if isinstance(record, StoryRecord):
            books.setdefault(record.story_id, _Book()).hear(record, counts=at >= since)
    return {story_id: book.costs() for story_id, book in books.items()}


def costs_added(costs: Iterable[Costs]) -> Costs:
    """The sum."""
    total, lost, by = NOTHING_SPENT, NOTHING_SPENT, dict[Choice, Spent]()
    for each in costs:
        total, lost = total.plus(each.spent), lost.plus(each.lost)
        for choice, spent in each.by.items():
            by[choice] = by.get(choice, NOTHING_SPENT).plus(spent)
    return Costs(spent=total, lost=lost, by=by)


def sentence(costs: Costs) -> str:
    """`1.2 M tokens, $0.42 ($0.10 of it on attempts that were lost)`; empty without any."""
    text = spent_text(costs.spent)
    if text and costs.lost.usd:
        text += f" ({dollars_text(costs.lost.usd)} of it on attempts that were lost)"
    return text


def agent_lines(costs: Costs) -> list[str]:
    """A line for each agent and model, the most expensive first; one agent alone needs none."""
    known = [(choice, spent) for choice, spent in costs.by.items() if spent != NOTHING_SPENT]
    known.sort(key=lambda pair: (-pair[1].usd, -pair[1].tokens, pair[0].agent, pair[0].model))
    return [f"{name_of(choice)}: {spent_text(spent)}" for choice, spent in known]


def name_of(choice: Choice) -> str:
    """An agent, with its model where one was asked for."""
    name = choice.agent or "agent"
    return f"{name} ({choice.model})" if choice.model else name


class _Book:
    """A story while its records are gone through."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._attempt = self._lost = NOTHING_SPENT
        self._spent = NOTHING_SPENT
        self._by: dict[Choice, Spent] = {}

    def hear(self, record: StoryRecord, *, counts: bool) -> None:
        before = self._memory
        was_claimed = before.is_claimed
        self._memory = remember(before, record)
        now, then = self._memory.spending.spent, before.spending.spent
        if now != then and counts:
            # A cost that was unknown may have become known since: that part is less than nothing.
            new = Spent(
                usd=now.usd - then.usd,
                tokens=now.tokens - then.tokens,
                unpriced=now.unpriced - then.unpriced,
            )
            choice = self._memory.choice
            self._by[choice] = self._by.get(choice, NOTHING_SPENT).plus(new)
            self._attempt = self._attempt.plus(new)
            self._spent = self._spent.plus(new)
        if isinstance(record, AttemptBegun):
            self._attempt = NOTHING_SPENT
        elif isinstance(record, AttemptLost) and not (was_claimed and record.keeps_claim):
            self._lost = self._lost.plus(self._attempt)
            self._attempt = NOTHING_SPENT

    def costs(self) -> Costs:
        return Costs(spent=self._spent, lost=self._lost, by=self._by)
