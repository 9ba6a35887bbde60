"""What one viewer sees and does: looks, the page that is open, orders and their answers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from ....policies.values import replace
from ....workers.process.eventloop import EventLoop, Timer
from ...shell.status.document import StatusDocument
from ...shell.storage.eventlog import Event
from ...shell.storage.layout import Layout
from ..looking import Look, Looker
from ..looks.rows import Row, Size, Style
from .asking import ask_to_stop_all
from .chosen import Chosen, Question
from .keys import Press
from .ordering import Ordering
from .output_lines import OutputLines
from .paging import Paging
from .pressing import press
from .reading import wanted_of
from .screen import screen
from .seen import Answer, Seen
from .wishes import OpenPage, Order, Quit, Verb, Wish

EVENTS_MAX = 1000
ANSWER_SHOWN_S = 8.0

Stop = Callable[[], str]  # stops everything, sooner each time; says how


class Viewing:
    """A viewer of a tree. `tell` is called when there is something new to be shown."""

    def __init__(
        self,
        loop: EventLoop,
        layout: Layout,
        tell: Callable[[], None],
        *,
        stop: Stop | None = None,
    ) -> None:
        """With `stop` the run is the viewer's own: a ^C asks whether to stop it."""
        self._loop = loop
        self._tell = tell
        self._stop = stop
        self._is_stopping = False
        self._place = layout.repository.name
        self._looker = Looker(layout)
        self._ordering = Ordering(loop, lambda: layout.open_socket, self._on_answer)
        self._paging = Paging(loop, layout, tell)
        self._output_lines = OutputLines(layout)
        self._events: deque[Event] = deque(maxlen=EVENTS_MAX)
        self._look: Look | None = None
        self._last_lines: dict[tuple[str, str], str] = {}
        self._chosen = Chosen()
        self._answer: Answer | None = None
        self._answer_timer: Timer | None = None
        self.wants_to_quit = False

    def close(self) -> None:
        """Hang up, and read no more."""
        for part in (self._ordering, self._paging, self._looker):
            part.close()

    # --- what is seen -----------------------------------------------------------------------------

    @property
    def fileno(self) -> int:
        """What can be read when root has said something: look then."""
        return self._looker.fileno()

    @property
    def seen_last(self) -> Look | None:
        """The last look."""
        return self._look

    def look(self) -> None:
        """Take in what root has said."""
        self._look = self._looker.look()
        self._events.extend(self._look.events)
        self._tell()

    def look_around(self) -> None:
        """Look at all else, too: what is printed, and the page that is open."""
        self.look()
        if self._look is not None:
            self._last_lines = self._output_lines.of(self._look.document)
        self._want_page()

    def picture(self, size: Size, style: Style) -> tuple[Row, ...]:
        """The screen, as of now."""
        seen = self._seen()
        return () if seen is None else screen(seen, self._chosen, size, style)

    def _seen(self) -> Seen | None:
        look, now = self._look, time.time()
        if look is None:
            return None
        return Seen(
            document=look.document,
            now=now,
            is_live=look.is_live,
            problem=look.problem,
            events=tuple(self._events),
            last_lines=self._last_lines,
            rest_s=_rest_of(look.document),
            place=self._place,
            page=self._paging.page,
            answer=self._answer,
            zone_s=float(time.localtime(now).tm_gmtoff),
        )

    def _want_page(self) -> None:
        """Have the page that is open read again."""
        opened, look = self._chosen.opened, self._look
        if opened is None or look is None:
            self._paging.want(None)
            return
        self._paging.want(wanted_of(look.document, opened))

    # --- what is pressed --------------------------------------------------------------------------

    def press(self, key: Press, size: Size) -> None:
        """Do what the key means."""
        seen = self._seen()
        if seen is None:
            return
        before = self._chosen.opened
        self._chosen, wish = press(seen, self._chosen, key, size)
        if wish is not None:
            self._on_wish(wish)
        if self._chosen.opened != before:
            self._want_page()

    def paste(self, text: str, size: Size) -> None:
        """Text goes where text is typed; elsewhere its letters would be orders."""
        for char in text:
            question = self._chosen.question
            is_typing = question is not None and question.wants_reason
            if (is_typing or self._chosen.is_filtering) and char.isprintable():
                self.press(char, size)

    def interrupt(self) -> None:
        """^C leaves what only looks; where the run is the viewer's own, it asks to stop it."""
        question, seen = self._chosen.question, self._seen()
        if self._stop is None or seen is None:
            self.wants_to_quit = True
        elif self._is_stopping:
            self._stop_all()
        elif question is not None and _stops_all(question.order):
            self._chosen = replace(self._chosen, question=None)
            self._stop_all()
        else:
            asked = ask_to_stop_all(seen)
            if not isinstance(asked, Question):  # it does not answer, but it is ours to signal
                order = Order(verb=Verb.STOP)
                asked = Question(
                    text="Stop everything? Root does not answer just now.", order=order
                )
            self._chosen = replace(self._chosen, question=asked, is_filtering=False, help_top=None)

    def _on_wish(self, wish: Wish) -> None:
        match wish:
            case Quit():
                self.wants_to_quit = True
            case OpenPage():
                pass  # it is open now, and that is seen
            case Order() if _stops_all(wish) and self._stop is not None:
                self._stop_all()
            case Order():
                self._send(wish)

    # --- what is ordered --------------------------------------------------------------------------

    def _stop_all(self) -> None:
        self._is_stopping = True
        if self._stop is not None:
            self._on_answer(Answer(text=self._stop()))

    def _send(self, order: Order) -> None:
        if self._look is not None and not self._look.is_live:
            why = "no root answers; `prd-supervise status` says what is known"
            self._on_answer(Answer(text=f"{order.verb.value}: {why}", is_good=False))
            return
        self._ordering.send(order)

    def _on_answer(self, answer: Answer) -> None:
        self._answer = answer
        if self._answer_timer is not None:
            self._answer_timer.cancel()
        at_s = self._loop.now_s() + ANSWER_SHOWN_S
        self._answer_timer = self._loop.call_at(at_s, self._forget_answer)
        self._tell()

    def _forget_answer(self) -> None:
        self._answer = None
        self._tell()


def _stops_all(order: Order) -> bool:
    return order.verb is Verb.STOP and not order.prd


def _rest_of(document: StatusDocument) -> dict[str, float]:
    """What is left by PRD, and of all, as far as anybody can know it."""
    told = {"": document.rest_s, **{prd.id: prd.rest_s for prd in document.prds}}
    return {name: rest_s for name, rest_s in told.items() if rest_s is not None}
