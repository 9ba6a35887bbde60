"""Looking at a tree again and again: its status and its events, whether a root answers or not."""

from __future__ import annotations

import contextlib
import selectors
import time
from collections.abc import Mapping
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from ..shell.control.client import NoRootError
from ..shell.control.watching import Watching
from ..shell.status.changes import changed, with_runtimes
from ..shell.status.document import NOT_ANSWERING, StatusDocument
from ..shell.status.reading import change_from, document_from, newer_version
from ..shell.storage.eventlog import Event
from ..shell.storage.layout import Layout
from .foresight import Foresight
from .journals import Journals
from .recent_events import RecentEvents
from .taken import Taken
from .words.times import elapsed

ANSWER_S = 1.5  # for root; that it does not is said within two seconds of the command
SILENT_S = 2.0  # of a root that beats every second, until it is said that it does not
AGAIN_S = 0.5  # between two tries to reach a root
POLLS_S = 1.0  # a root of a version that nobody can watch is asked that often
WATCH, STATUS = "watch", "status"


class Look(Struct, frozen=True, kw_only=True):
    """What one look has found; `events` are those since the look before, the latest last.

    `taken_at` is when root said what the document has, or of when the journals' last word is.
    """

    document: StatusDocument
    taken_at: float
    is_live: bool
    problem: str = ""
    events: tuple[Event, ...] = ()
    is_answered: bool = True  # False: a root runs, and does not answer

    @property
    def rest_s(self) -> dict[str, float]:
        """The estimated rest by PRD, and of all under ""; nothing where nobody can know."""
        known = {"": self.document.rest_s} | {prd.id: prd.rest_s for prd in self.document.prds}
        return {name: rest for name, rest in known.items() if rest is not None}


def note_of(look: Look) -> str:
    """What has to be known of a look that is not what was hoped for; mostly nothing."""
    if look.is_live or look.is_answered:
        return look.problem if look.is_live else ""
    age = elapsed(max(0.0, time.time() - look.taken_at))
    return f"{look.problem}; this is what was known {age} ago"


class Looker:
    """Watches root, and reads the journals where none answers within two seconds.

    Root pushes: `fileno` can be read as soon as there is something new. It stays the same over
    the ends and beginnings of roots. Only the first look waits, for at most those two seconds.
    """

    def __init__(self, layout: Layout, *, is_once: bool = False) -> None:
        """Begin to look; who looks `is_once` only asks."""
        self._layout = layout
        self._verb = STATUS if is_once else WATCH
        self._polls = False
        self._selector = selectors.DefaultSelector()
        self._root: Watching | None = None
        self._document: StatusDocument | None = None  # as root told it
        self._asked_s = self._heard_s = 0.0
        self._next_s = 0.0  # before which no root is looked for
        self._heard_at = 0.0
        self._refusal = ""  # why root does not let us look
        self._journals = Journals(layout)
        self._events = RecentEvents(layout.events)
        self._foresight = Foresight(layout)
        self._taken = Taken(layout.repository)
        self._is_first = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """What can be read as soon as there is something new."""
        fileno = getattr(self._selector, "fileno", None)  # epoll and kqueue have one
        return int(fileno()) if fileno is not None else -1

    def look(self) -> Look:
        """Look once more."""
        self._hear()
        until_s = time.monotonic() + ANSWER_S
        while self._is_first and not self._is_settled() and time.monotonic() < until_s:
            self._selector.select(min(0.02 if self._root is None else ANSWER_S, ANSWER_S))
            self._hear()
        self._is_first = False
        return self._found()

    def wait(self, timeout_s: float) -> None:
        """Wait until there is something new, but not longer than this."""
        self._selector.select(timeout_s)

    def close(self) -> None:
        """Hang up."""
        self._hang_up()
        self._selector.close()

    # --- root -----------------------------------------------------------------------------------

    def _hear(self) -> None:
        """Take in what root has said."""
        if self._root is None:
            self._connect()
        if self._root is None:
            return
        try:
            for told in self._root.said():
                self._take(told)
        except NoRootError:
            self._hang_up()
            self._events.read()  # its last words

    def _connect(self) -> None:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + (0.0 if self._is_first else AGAIN_S)
        with contextlib.suppress(NoRootError):
            self._root = Watching(self._layout.open_socket)
            self._selector.register(self._root, selectors.EVENT_READ)
            self._ask()

    def _hang_up(self) -> None:
        if self._root is not None:
            self._selector.unregister(self._root)
            self._root.close()
        self._root, self._document = None, None

    def _take(self, told: Mapping[str, object]) -> None:
        """Take one line: the answer, or what came after it."""
        self._heard_s, self._heard_at = time.monotonic(), time.time()
        if "status" in told:
            self._document, self._refusal = document_from(told["status"]), ""
            self._events.read()  # what was told before we were
        elif "event" in told:
            self._events.add(told["event"])
        elif told.get("full"):
            self._refusal = str(told.get("error"))
        elif "ok" in told:
            self._on_refusal()
        elif self._document is not None:
            self._document = changed(self._document, change_from(told))

    def _on_refusal(self) -> None:
        """Ask again and again: this root is of a version that nobody can watch."""
        if self._verb == WATCH:
            self._verb, self._polls = STATUS, True
            self._ask()

    def _ask(self) -> None:
        if self._root is not None:
            self._asked_s = time.monotonic()
            self._root.ask(self._verb)

    # --- what is shown --------------------------------------------------------------------------

    def _is_settled(self) -> bool:
        return bool(self._document or self._refusal) or (
            self._root is None and self._journals.holder() is None
        )

    def _found(self) -> Look:
        if self._document is None:
            return self._from_journals()
        silent_s = time.monotonic() - self._heard_s
        if self._polls and time.monotonic() - self._asked_s > POLLS_S:
            with contextlib.suppress(NoRootError):  # the next look meets the end
                self._ask()
        if silent_s <= SILENT_S:
            told = with_runtimes(self._document, time.time())
            return Look(
                document=self._told(told, is_live=True),
                taken_at=self._heard_at,
                is_live=True,
                problem=newer_version(self._document),
                events=self._events.take(),
            )
        about = replace(self._document.root, state=NOT_ANSWERING)
        silent = replace(self._document, root=about)
        return Look(
            document=self._told(silent, is_live=False),
            taken_at=self._heard_at,
            is_live=False,
            problem=f"root (pid {about.pid}) has said nothing for {silent_s:.0f} s",
            events=self._events.take(),
            is_answered=False,
        )

    def _from_journals(self) -> Look:
        holder = self._journals.holder()
        is_asked = self._root is not None and time.monotonic() - self._asked_s <= ANSWER_S
        problem = "root does not run"
        if holder is not None:
            problem = f"root (pid {holder.pid}) "
            if self._refusal:
                problem += f"shows nothing more: {self._refusal}"
            else:
                problem += "is asked" if is_asked else "does not answer"
        document, taken_at = self._journals.look(holder)
        self._events.read()
        return Look(
            document=self._told(document, is_live=False),
            taken_at=taken_at,
            is_live=False,
            problem=problem,
            events=self._events.take(),
            is_answered=holder is None,
        )

    def _told(self, document: StatusDocument, *, is_live: bool) -> StatusDocument:
        """The document with what root cannot know."""
        return self._taken.told(self._foresight.told(document, is_live=is_live))
