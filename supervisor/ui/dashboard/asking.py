"""The question before an order: it names what will happen, or else why it cannot be."""

from __future__ import annotations

from ....policies.counting import counted
from ....policies.values import replace
from ...shell.status.document import PrdStatus, StoryStatus
from ...shell.status.states import ENDED, LOST, is_done
from ..looks.states import is_at_work
from ..words.accounts import why_of
from .chosen import Question
from .entries import Entry
from .seen import Seen
from .wishes import Order, Verb

NO_ROOT = "nothing can be ordered: no root answers; `prd-supervise resume` goes on"
_LOST = frozenset(["failed", "skipped"])


def ask(seen: Seen, entry: Entry | None, verb: Verb) -> Question | str:
    """The question, or why there is none."""
    if not seen.is_live:
        return NO_ROOT
    if entry is None:
        return f"{verb}: choose a PRD or a story first"
    return _decide(entry, verb) if verb in _DECISIONS else _ORDERS[verb](entry)


def ask_to_stop_all(seen: Seen) -> Question | str:
    """The question before everything is stopped."""
    if not seen.is_live:
        return NO_ROOT
    prds = [prd for prd in seen.document.prds if prd.state in {"active", "queued"}]
    text = f"Stop everything? {counted(len(prds), 'PRD')} with {_at_work(*prds)}"
    text += "; work in hand may finish within its grace, the rest is kept for `resume`."
    return Question(text=text, order=Order(verb=Verb.STOP))


def ask_to_release_agent(seen: Seen) -> Question | str:
    """The question before an agent is started again that waits for a person, or for its limit."""
    shut = [agent for agent in seen.document.agents if agent.state in {"closed", "parked", "trial"}]
    if not seen.is_live:
        return NO_ROOT
    if not shut:
        return "no agent is kept from being started"
    agent = min(shut, key=lambda each: each.state != "closed")
    text = f"Let {agent.agent} be started again at once? It was kept from it: {why_of(agent)}."
    return Question(text=text, order=Order(verb=Verb.RELEASE_AGENT, agent=agent.agent))


def _stop(entry: Entry) -> Question | str:
    prd = entry.prd
    if prd.state in ENDED:
        return f"{prd.id} does not run: it is {prd.state}"
    text = f"Stop {prd.id}, with {_at_work(prd)}? Work in hand may finish within its grace, "
    text += f"the rest is kept; `prd-supervise start {prd.id}` goes on."
    return Question(text=text, order=Order(verb=Verb.STOP, prd=prd.id))


def _hold(entry: Entry) -> Question | str:
    one = entry.about
    if one.held:
        return f"{entry.shown} is held already; u releases it"
    if _is_over(one):
        return f"{entry.shown} is {one.state}: there is nothing to hold"
    text = f"Hold {entry.shown}? Nothing more of it begins until it is released; "
    text += "what is at work goes on to its decision."
    return Question(text=text, order=_order(entry, Verb.HOLD))


def _release(entry: Entry) -> Question | str:
    one = entry.about
    if one.held:
        text = f"Release {entry.shown}? It goes on from where it was held."
        return Question(text=text, order=_order(entry, Verb.RELEASE))
    if one.budget_used:
        text = f"Let {entry.shown} spend its budget once more? It has used {one.budget_used}."
        return Question(text=text, order=_order(entry, Verb.RELEASE_BUDGET))
    if entry.story is not None and entry.prd.held:
        return f"{entry.shown} itself is not held, its PRD is: release {entry.prd.id}"
    return f"{entry.shown} is not held"


def _retry(entry: Entry) -> Question | str:
    stories = entry.prd.stories if entry.story is None else (entry.story,)
    lost = [story for story in stories if story.state in _LOST]
    if entry.story is not None and not lost:
        return f"{entry.shown} is {entry.story.state}: only what failed or was skipped is retried"
    if entry.story is None and not lost and entry.prd.state != "failed":
        return f"{entry.shown} has no story that failed or was skipped"
    if entry.story is not None:
        text = f"Retry {entry.shown}? It starts again with all its attempts, and what was "
        text += "skipped for it may go on."
    else:
        text = f"Retry {entry.shown}? {counted(len(lost), 'story')} that failed or "
        text += f"{'was' if len(lost) == 1 else 'were'} skipped "
        text += f"{'gets' if len(lost) == 1 else 'get'} a new start with all attempts."
    return Question(text=text, order=_order(entry, Verb.RETRY))


def _restart(entry: Entry) -> Question | str:
    prd = entry.prd
    if prd.state != "active":
        return f"{prd.id} is {prd.state}: there is no supervisor of it to restart"
    text = f"Restart the supervisor of {prd.id}, with {_at_work(prd)}? They end gracefully, "
    text += "their work is kept, and they start again."
    return Question(text=text, order=Order(verb=Verb.RESTART, prd=prd.id))


def _decide(entry: Entry, verb: Verb) -> Question | str:
    if not entry.about.awaits:
        waiting = sum(bool(story.awaits) for story in entry.prd.stories)
        if entry.story is None and waiting:
            return f"{entry.shown} itself does not wait for approval, its stories do: n shows which"
        return f"{entry.shown} does not wait for approval"
    order = _order(entry, verb)
    if entry.story is not None:  # while somebody thinks, the next attempt may ask
        order = replace(order, attempt=entry.story.attempt)
    what = _WHEN_APPROVED.get(entry.about.awaits, "it goes on")
    if verb is Verb.APPROVE:
        return Question(text=f"Approve {entry.shown}? Then {what}.", order=order)
    then = _WHEN_REJECTED.get(entry.about.awaits, "it does not go on")
    text = f"Reject {entry.shown}? Then {then}. Say why:"
    return Question(text=text, order=order, wants_reason=True)


_ORDERS = {
    Verb.STOP: _stop,
    Verb.HOLD: _hold,
    Verb.RELEASE: _release,
    Verb.RETRY: _retry,
    Verb.RESTART: _restart,
}
_DECISIONS = frozenset([Verb.APPROVE, Verb.REJECT])
_WHEN_APPROVED = {
    "story": "it begins when its turn comes",
    "merge": "its work goes on to be merged",
    "prd": "the PRD is complete, and lands where that is wanted",
}

_WHEN_REJECTED = {
    "story": "it is given up, and what needs it is skipped",
    "merge": "that attempt is lost, and the next one is told your reason",
    "prd": "the PRD has failed, and nothing of it lands",
}


def _order(entry: Entry, verb: Verb) -> Order:
    prd, story = entry.name
    return Order(verb=verb, prd=prd, story=story)


def _is_over(one: PrdStatus | StoryStatus) -> bool:
    if isinstance(one, StoryStatus):
        return is_done(one.state) or one.state in LOST
    return one.state in ENDED


def _at_work(*prds: PrdStatus) -> str:
    count = sum(is_at_work(story) for prd in prds for story in prd.stories)
    return f"{counted(count, 'story')} at work" if count else "nothing at work"
