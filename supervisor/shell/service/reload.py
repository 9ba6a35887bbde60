"""What came of the last reload that somebody asked for, as far as it was refused."""

from __future__ import annotations

from collections.abc import Callable

from ..storage.eventlog import Event

SHOWN_S = 60.0  # people look at once, and root goes on to have other news
_REFUSED = "reload_failed"


class Reload:
    """Hears what is told while everything is read again."""

    def __init__(self) -> None:
        self.refusal = ""  # the first of the last reload
        self.shown_until_s = 0.0
        self._is_running = False

    def run(self, reread: Callable[[], None], now_s: Callable[[], float]) -> None:
        """Read everything again, and keep what is refused."""
        self.refusal, self._is_running = "", True
        try:
            reread()
        finally:
            self._is_running = False
            self.shown_until_s = now_s() + SHOWN_S

    def on_event(self, event: Event) -> None:
        """Hear an event."""
        if self._is_running and not self.refusal and event["event"] == _REFUSED:
            self.refusal = str(event["text"])

    def before(self, text: str, now_s: float) -> str:
        """The text, behind what was refused a moment ago."""
        if not self.refusal or now_s >= self.shown_until_s:
            return text
        return f"reload failed: {self.refusal}; {text}"
