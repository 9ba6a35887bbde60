"""What root tells its service manager: from the loop alone, so that a hung root says nothing."""

from __future__ import annotations

from collections.abc import Callable

from ...core.root.state import Root
from ..root.process import RootProcess
from ..storage.eventlog import Event
from .figures import figures_of
from .manager import Manager
from .reload import Reload
from .teller import Teller
from .telling import (
    PING,
    READY,
    STOPPING,
    drain_extension,
    reloading,
    status,
    status_text,
)
from .watchdog import Watchdog

STATUS_EVERY_S = 1.0
CLOSING_S = 20.0  # after the tree is down: last notifications, strays, last words


class ManagerTold:
    """Listens to root, and changes nothing."""

    def __init__(self, root: RootProcess, teller: Teller) -> None:
        self._root = root
        self._loop = root.loop
        self._teller = teller
        self._state: Root | None = None  # of which was told, or is about to be
        self._text = ""
        self._told_s = 0.0
        self._is_due = False
        self._is_stopping = False
        self._reload = Reload()

    def begin(self) -> None:
        """Everything is taken up: root serves."""
        self._state = self._root.state
        self._teller.tell({**READY, **self._status()})

    def on_turn(self) -> None:
        """See whether there is anything to tell, now or soon."""
        if self._root.state is self._state:
            return
        self._state = self._root.state
        if self._root.is_stopping and not self._is_stopping:
            self._is_stopping = True
            self._teller.tell(STOPPING)
            self._drain()
        elif self._state.has_ended:
            self._tell_drain()  # no timer comes any more
        else:
            self._tell_soon()

    def on_event(self, event: Event) -> None:
        """Hear what a reload cannot take."""
        self._reload.on_event(event)

    def reloading(self, reread: Callable[[], None]) -> Callable[[], None]:
        """Tell of what SIGHUP asks for: that it begins, that it is over, and what came of it."""

        def reload() -> None:
            if self._is_stopping:  # what the manager is told then is that
                reread()
                return
            self._teller.tell(reloading(self._loop.now_s()))
            self._reload.run(reread, self._loop.now_s)
            self._teller.tell({**READY, **self._status()})
            if self._reload.refusal:
                self._loop.call_at(self._reload.shown_until_s, self._tell_soon)

        return reload

    def _drain(self) -> None:
        """Tell every second how far the stop has come; it ends with the loop, or with root."""
        self._tell_drain()
        self._loop.call_at(self._loop.now_s() + STATUS_EVERY_S, self._drain)

    def _tell_drain(self) -> None:
        deadline = self._root.state.deadline
        left_s = 0.0 if deadline is None else deadline.at_s - self._loop.now_s()
        self._teller.tell({**self._status(), **drain_extension(left_s, CLOSING_S)})

    def _tell_soon(self) -> None:
        """Tell what has changed, but not more often than people can see."""
        if self._is_due or self._is_stopping:
            return
        if self._loop.now_s() >= self._told_s + STATUS_EVERY_S:
            self._tell_change()
            return
        self._is_due = True
        self._loop.call_at(self._told_s + STATUS_EVERY_S, self._on_time)

    def _on_time(self) -> None:
        self._is_due = False
        if not self._is_stopping:
            self._tell_change()

    def _tell_change(self) -> None:
        before = self._text
        told = self._status()
        if self._text != before:
            self._teller.tell(told)

    def _status(self) -> dict[str, str]:
        self._told_s = self._loop.now_s()
        text = status_text(figures_of(self._root.state, self._root.board, self._told_s))
        self._text = self._root.hide(self._reload.before(text, self._told_s))
        return status(self._text)


def tell_manager(root: RootProcess, manager: Manager, teller: Teller) -> ManagerTold:
    """Tell the manager of root from now on, until it ends; nothing where none listens."""
    told = ManagerTold(root, teller)
    teller.serve(root.loop, lambda text: root.log.tell("manager_not_told", text))
    if not teller.is_heard:
        return told
    root.on_begun.append(told.begin)
    root.on_turn.append(told.on_turn)
    root.log.listeners.append(told.on_event)
    root.on_close.append(teller.close)
    if manager.watchdog_s is not None:
        watchdog = Watchdog(
            root.loop,
            root.host.heartbeats,
            manager.watchdog_s,
            ping=lambda: teller.tell(PING),
            tell=lambda text: root.log.tell("watchdog_withheld", text),
        )
        root.on_begun.append(watchdog.begin)
        root.before_long = watchdog.renew
    return told
