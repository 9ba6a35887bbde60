"""Listening to an agent that says a JSON object a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import ClassVar

from ...policies.values import replace
from .base import Ended, Event, Said, Verdict
from .jsonline import Json, json_object
from .meaning.heard import Heard, hear
from .meaning.judging import judge
from .meaning.wording import one_line
from .meaning.zones import local_zone

Clock = Callable[[], float]

_SIGNAL_CODES = range(129, 193)  # 128 and the number of the signal


class StructuredListener:
    """Keeps what is heard of one run, and judges its end.

    An adapter says in `understand` what an object means, and, where a line that is none is not
    simply the program's own word, in `overhear` what that means.
    """

    tells_signals_by_code: ClassVar[bool] = False  # as shells do: 143 is SIGTERM

    def __init__(self, *, clock: Clock | None = None, zone: tzinfo | None = None) -> None:
        self._clock = clock or time.time
        self._zone = zone
        self.heard = Heard()

    def understand(self, said: Json) -> Iterable[Event]:
        """Say what this object means."""
        raise NotImplementedError

    def overhear(self, line: str) -> Iterable[Event]:
        """Say what another line means."""
        text = one_line(line)
        return (Said(text=text, is_final=False),) if text else ()

    def feed(self, line: str) -> tuple[Event, ...]:
        """Understand a line."""
        said = json_object(line)
        if said is None:
            return self.take(self.overhear(line))
        events = tuple(self.understand(said))
        # What is no error for sure explains no end.
        self.take(each for each in events if not isinstance(each, Said) or each.is_final)
        return events

    def take(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Keep what was heard, for the end."""
        taken = tuple(events)
        for event in taken:
            self.heard = hear(self.heard, event)
        return taken

    def now_s(self) -> float:
        """Say what time it is (epoch): some programs tell how long, not until when."""
        return self._clock()

    def finish(self, ended: Ended) -> Verdict:
        """Judge the end."""
        if self.tells_signals_by_code and ended.exit_code in _SIGNAL_CODES:
            ended = replace(ended, exit_code=128 - ended.exit_code)
        zone = self._zone or local_zone()
        return judge(self.heard, ended, now_s=self._clock(), zone=zone)
