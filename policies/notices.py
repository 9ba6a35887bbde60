"""What people are notified of, and how much at once: a burst becomes few notices, then a digest.

A person reads three messages, not two hundred. So what comes within a moment is told together, a
line each; and of what would be too many messages in a minute only one is made, which counts them.
"""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from .counting import counted
from .values import replace

COLLECT_S = 1.0  # what happens together is told together
BURST, PERIOD_S = 10, 60.0  # so many notices in such a time
WAITING_MAX = 30
LINES_MAX = 5
LINE_CHARS_MAX = 300
DIGEST = "digest"

# The events that can be chosen, and what each is called at the top of a message.
TITLES = {
    "prd_completed": "{prd} is done",
    "prd_failed": "{prd} has failed",
    "prd_stopped": "{prd} is stopped",
    "story_failed": "{prd}: a story was given up",
    "approval_wanted": "{prd} waits for your approval",
    "agent_parked": "An agent's limit is met",
    "agent_closed": "An agent waits for you",
    "agent_opened": "An agent goes on",
    "prd_restarting": "{prd}: its supervisor died",
    "prd_failing": "{prd}: its supervisor gives up",
    "storage_full": "The disk is full",
    "root_ended": "The run has ended",
}
EVENTS = tuple(TITLES)


class Notice(Struct, frozen=True, kw_only=True):
    """One message; `count` is how many events it tells of, `at` is when the last one was."""

    event: str
    title: str
    body: str
    prd: str = ""
    story: str = ""
    at: float = 0.0
    count: int = 1


class Outbox(Struct, frozen=True, kw_only=True):
    """What waits to be sent, and when the last messages were."""

    waiting: tuple[Notice, ...] = ()
    since_s: float = 0.0  # when the first of them came
    sent_s: tuple[float, ...] = ()


def notice_of(event: str, text: str, *, prd: str = "", story: str = "", at: float = 0.0) -> Notice:
    """A message about one event."""
    where = f"{prd}/{story}: " if story else ""
    return Notice(
        event=event,
        title=TITLES[event].format(prd=prd or "The run"),
        body=(where + text)[:LINE_CHARS_MAX],
        prd=prd,
        story=story,
        at=at,
    )


def added(outbox: Outbox, notice: Notice, now_s: float) -> Outbox:
    """Put one in; it joins one of the same kind about the same PRD, or any of its kind if many."""
    since_s = outbox.since_s if outbox.waiting else now_s
    is_crowded = len(outbox.waiting) >= WAITING_MAX
    for at, other in enumerate(outbox.waiting):
        if other.event == notice.event and (other.prd == notice.prd or is_crowded):
            waiting = (*outbox.waiting[:at], together(other, notice), *outbox.waiting[at + 1 :])
            return replace(outbox, waiting=waiting)
    waiting = (*outbox.waiting, notice)
    if len(waiting) > WAITING_MAX:
        waiting = (digest(waiting),)
    return replace(outbox, waiting=waiting, since_s=since_s)


def together(one: Notice, other: Notice) -> Notice:
    """Two messages of one kind as one; lines beyond a few are only counted."""
    count = one.count + other.count
    lines = [line for line in one.body.split("\n") if not _is_rest(line)]
    if one.count <= len(lines) < LINES_MAX:
        lines.append(other.body.split("\n")[0])
    lines = lines[:LINES_MAX]
    if count > len(lines):
        lines.append(_rest(count - len(lines)))
    prd = one.prd if one.prd == other.prd else ""
    title = one.title if prd == one.prd else TITLES[one.event].format(prd="Several PRDs")
    return replace(
        one,
        title=title,
        body="\n".join(lines),
        prd=prd,
        story=one.story if one.story == other.story else "",
        at=max(one.at, other.at),
        count=count,
    )


def digest(notices: tuple[Notice, ...]) -> Notice:
    """All of them in one message: how many of each kind."""
    counts: Counter[str] = Counter()
    for each in notices:
        for line in each.body.split("\n") if each.event == DIGEST else ():
            number, _, kind = line.partition(" ")
            counts[kind] += int(number)
        if each.event != DIGEST:
            counts[each.event.replace("_", " ")] += each.count
    total = sum(counts.values())
    return Notice(
        event=DIGEST,
        title=f"{counted(total, 'thing')} happened",
        body="\n".join(f"{number} {kind}" for kind, number in counts.most_common()),
        at=max(each.at for each in notices),
        count=total,
    )


def due_s(outbox: Outbox) -> float | None:
    """When something may be sent; None if nothing waits."""
    if not outbox.waiting:
        return None
    collected_s = outbox.since_s + COLLECT_S
    if len(outbox.sent_s) < BURST:
        return collected_s
    return max(collected_s, outbox.sent_s[-BURST] + PERIOD_S)


def taken(outbox: Outbox, now_s: float) -> tuple[Outbox, tuple[Notice, ...]]:
    """Take out what may be sent now; the last message of a minute is a digest of what is left."""
    due = due_s(outbox)
    if due is None or now_s < due:
        return outbox, ()
    free = BURST - sum(sent > now_s - PERIOD_S for sent in outbox.sent_s)
    waiting = outbox.waiting
    if len(waiting) > free:
        kept = max(0, free - 1)
        waiting = (*waiting[:kept], digest(waiting[kept:]))
    sent = (*outbox.sent_s, *(now_s for _ in waiting))[-BURST:]
    return Outbox(sent_s=sent), waiting


def all_taken(outbox: Outbox) -> tuple[Notice, ...]:
    """What is sent at the end, however much there was before."""
    waiting = outbox.waiting
    last = tuple(each for each in waiting if each.event == "root_ended")
    rest = tuple(each for each in waiting if each.event != "root_ended")
    return (*((digest(rest),) if len(rest) > LINES_MAX else rest), *last)


def _is_rest(line: str) -> bool:
    return line.startswith("and ") and line.endswith(" more")


def _rest(count: int) -> str:
    return f"and {count} more"
