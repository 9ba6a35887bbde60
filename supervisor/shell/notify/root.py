"""Root's events as notifications: those that are wanted, a burst as few, failures told once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from ....policies.counting import counted
from ....policies.notices import (
    Notice,
    Outbox,
    added,
    all_taken,
    due_s,
    notice_of,
    taken,
)
from ....policies.values import replace
from ....workers.messages.notices import NotifierBegin
from ..root.process import RootProcess
from ..storage.eventlog import Event
from ..storage.layout import Layout
from .notifier import CHILD_ID, Notifier

LAST_S = 10.0  # that root's end may be put off for its last messages
WORD_AFTER_S = 1.0  # people are told what is waited for
ENDED = "root_ended"
COMPLETED = "prd_completed"
_NEWS = "notify_failed", "notify_works"


class Notices:
    """Listens to root's events."""

    def __init__(
        self, root: RootProcess, layout: Layout, count: Callable[[str, str], None]
    ) -> None:
        """`count` hears of every delivery by its way, and what came of it."""
        self._root = root
        self._loop = root.loop
        self._layout = layout
        self._count = count
        self._outbox = Outbox()
        self._is_waiting = False
        self._lost: dict[str, int] = {}  # since a way failed
        host = root.host
        self._notifier = Notifier(
            root.loop, host.processes, str(layout.crash_log), self._begin, self._on_delivered
        )
        host.outsiders[CHILD_ID] = self._notifier

    def on_event(self, event: Event) -> None:
        """Hear an event; nothing waits for what becomes of it."""
        name, rules = str(event["event"]), self._root.settings.notices
        if name not in rules.on or not rules.ways:
            return
        notice = notice_of(
            name,
            str(event["text"]),
            prd=str(event["prd"] or ""),
            story=str(event["story"] or ""),
            at=time.time(),
        )
        if name == ENDED:
            notice = replace(notice, body=f"{self._summary()}{notice.body}")
        elif name == COMPLETED:
            notice = replace(notice, body=notice.body or self._harvest(notice.prd))
        self._outbox = added(self._outbox, notice, self._loop.now_s())
        self._send_when_due()

    def _harvest(self, prd_id: str) -> str:
        """What there is to be had of a PRD that is done."""
        row = self._root.board.rows[prd_id]
        told = f"{counted(row.progress()['completed'], 'story')} done"
        return f"{told}; `git merge {row.branch}` takes the work" if row.branch else told

    def _summary(self) -> str:
        """What has become of the PRDs of this run."""
        rows = self._root.board.rows
        ours = {prd_id: row for prd_id, row in rows.items() if self._root.knows(prd_id)}
        states = Counter(row.state.value for row in ours.values())
        lines = [", ".join(f"{count} {state}" for state, count in states.most_common())]
        lines += [
            f"{prd_id}: {row.state.value}, {row.progress()['completed']} of "
            f"{row.progress()['total']} stories done"
            for prd_id, row in list(ours.items())[:5]
        ]
        return "".join(f"{line}\n" for line in lines if line)

    def _send_when_due(self) -> None:
        at_s = due_s(self._outbox)
        if at_s is not None and not self._is_waiting:
            self._is_waiting = True
            self._loop.call_at(at_s, self._send)

    def _send(self) -> None:
        self._is_waiting = False
        self._outbox, notices = taken(self._outbox, self._loop.now_s())
        for each in notices:
            self._deliver(each)
        self._send_when_due()

    def _deliver(self, notice: Notice) -> None:
        if self._root.settings.notices.ways:  # they may have been taken away meanwhile
            self._notifier.deliver(notice)

    def _begin(self) -> NotifierBegin:
        settings = self._root.settings
        return NotifierBegin(
            rules=settings.notices,
            repository=str(self._layout.repository),
            secrets=settings.secret_sources(self._layout.repository),
        )

    def _on_delivered(self, way: str, problem: str) -> None:
        """The first failure is told, further ones are counted until it works again."""
        self._count(way, "failed" if problem else "delivered")
        failed, works = _NEWS
        if problem:
            if way not in self._lost:
                self._root.log.tell(failed, f"{problem}; `prd-supervise notify --test` tries it")
            self._lost[way] = self._lost.get(way, 0) + 1
        elif way in self._lost:
            lost = self._lost.pop(way)
            self._root.log.tell(works, f"{way}: works again; messages that were lost: {lost}")

    def finish(self) -> None:
        """Root ends: deliver what there is, but not for long; a stop cuts that short."""
        outbox, self._outbox = self._outbox, Outbox()
        last_s, was_stopping = self._loop.now_s() + LAST_S, self._root.state.deadline is not None

        def until_s() -> float:
            deadline = self._root.state.deadline
            if deadline is None:
                return last_s
            return min(last_s, deadline.at_s) if was_stopping else 0.0

        if until_s() > self._loop.now_s():
            for each in all_taken(outbox):
                self._deliver(each)
        word = self._loop.call_at(self._loop.now_s() + WORD_AFTER_S, self._say_it_waits)
        self._notifier.finish(until_s, self._root.turn)
        word.cancel()

    def _say_it_waits(self) -> None:
        left = counted(self._notifier.undelivered, "message")
        text = f"{left} on the way: the end waits for that up to {LAST_S:g} s; ^C or `stop` ends it"
        self._root.log.tell("notify_waits", text)


def notify(root: RootProcess, layout: Layout, count: Callable[[str, str], None]) -> None:
    """Notify people of what root tells, as its settings say, until it ends."""
    notices = Notices(root, layout, count)
    root.log.listeners.append(notices.on_event)
    root.on_ending.append(notices.finish)
