"""What the PRD's supervisor is told of an agent at work: the newest, and not too often."""

from __future__ import annotations

from collections.abc import Callable

from ...policies.usage import NO_USAGE, Usage
from ...policies.values import replace
from ..agents.base import LimitSeen
from ..agents.meaning.wording import one_line
from ..messages.story import AgentNews

NEWS_S = 1.0  # between two of them
ACTIVITY_CHARS_MAX = 120


class Bulletin:
    """Gathers news of one run; `tell` sends them."""

    def __init__(
        self, attempt: int, tell: Callable[[AgentNews], None], now_s: Callable[[], float]
    ) -> None:
        self._nothing = AgentNews(attempt=attempt)
        self._news = self._nothing
        self._tell = tell
        self._now_s = now_s
        self._told_at_s = -NEWS_S
        self._told_session = ""
        self._told_usage = NO_USAGE
        self._has_answered = False
        self._activity = ""

    def session(self, session: str) -> None:
        """Its conversation has a name: the next attempt needs it, so it is told at once."""
        if session and session != self._told_session:
            self._told_session = session
            self._news = replace(self._news, session=session)
            self._send()

    def usage(self, usage: Usage) -> None:
        """It has used so much."""
        if usage != self._told_usage:
            self._told_usage = usage
            self._news = replace(self._news, usage=usage)

    def answered(self) -> None:
        """Its model has answered: told once."""
        if not self._has_answered:
            self._has_answered = True
            self._news = replace(self._news, is_answered=True)

    def limit(self, limit: LimitSeen) -> None:
        """Its account's limit is reached, or near."""
        full = 1.0 if limit.is_rejected else limit.utilization
        if full is not None:
            self._news = replace(self._news, warned=full, warned_until_s=limit.until_s)

    def activity(self, what: str) -> None:
        """It does this now: told with what else is new, for alone nobody would go by it."""
        line = one_line(what, chars=ACTIVITY_CHARS_MAX)
        if line and line != self._activity:
            self._activity = line
            self._news = replace(self._news, activity=line)

    def tell(self) -> None:
        """Send what is new, if it is time."""
        is_small = replace(self._news, activity="") == self._nothing
        if not is_small and self._now_s() - self._told_at_s >= NEWS_S:
            self._send()

    def _send(self) -> None:
        news, self._news = self._news, self._nothing
        self._told_at_s = self._now_s()
        self._tell(news)
