"""Whether an agent runs away: more requests, turns, output or cost than one run may take."""

from __future__ import annotations

from collections.abc import Callable

from ...policies.costs.budget import dollars_text
from ...policies.usage import NO_USAGE, Usage
from ..messages.agents import RunBounds

_BLIND_FACTOR = 5  # where nobody can see whether files change


class Tally:
    """Counts what one run takes. `files` gives a number that changes with any file, or None."""

    def __init__(
        self, bounds: RunBounds, files: Callable[[], int | None], *, is_resumed: bool = False
    ) -> None:
        self._bounds = bounds
        self._files = files
        self._fingerprint: int | None = None
        self._is_marked = False  # the files were looked at since they had changed last
        self._idle_from = 0  # requests that there were when they had changed last
        self._is_resumed = is_resumed
        self._earlier: Usage | None = None  # what a resumed conversation had used before
        self._usage = NO_USAGE
        self._retries = 0
        self.turns = 0
        self.written_bytes = 0

    def count_turn(self) -> None:
        """Its model has answered."""
        self.turns += 1

    def count_retry(self) -> None:
        """It asked, and got no answer."""
        self._retries += 1

    def take(self, usage: Usage) -> None:
        """Know what it says of itself."""
        if self._earlier is None and self._is_resumed:
            self._earlier = usage
        self._usage = usage

    @property
    def requests(self) -> int:
        """As far as they are known: what it says, or what was seen."""
        return max(self._usage.requests, self.turns + self._retries)

    @property
    def _cost_usd(self) -> float:
        cost_usd = self._usage.cost_usd or 0.0
        if self._earlier is not None and self._usage.cost_is_of_session:
            return cost_usd - (self._earlier.cost_usd or 0.0)
        return cost_usd

    def excess(self) -> str:
        """The first bound that is exceeded, with the figure; empty if none is."""
        bounds = self._bounds
        for figure, bound, what in (
            (self.requests, bounds.requests, "requests to its model"),
            (self.turns, bounds.turns, "turns"),
            (self.written_bytes, bounds.output_bytes, "bytes of output"),
        ):
            if bound and figure > bound:
                return f"{figure} {what}; one run may take {bound}"
        if bounds.cost_usd and self._cost_usd > bounds.cost_usd:
            spent, allowed = dollars_text(self._cost_usd), dollars_text(bounds.cost_usd)
            return f"{spent}; one run may take {allowed}"
        return self._idle_excess()

    def _idle_excess(self) -> str:
        """Many requests and not one file that changed: it goes round in circles."""
        bound, idle = self._bounds.idle_requests, self.requests - self._idle_from
        if bound and not self._is_marked and idle > bound // 2:  # most runs never come so far
            self._fingerprint, self._is_marked = self._files(), True
        if not bound or idle <= bound:
            return ""
        if self._fingerprint is None and idle <= bound * _BLIND_FACTOR:
            return ""  # too many files to look at
        fingerprint = self._files()
        if fingerprint != self._fingerprint:
            self._fingerprint, self._is_marked, self._idle_from = fingerprint, True, self.requests
            return ""
        allowed = f"{bound} may pass without one"
        return f"{idle} requests to its model without a changed file; {allowed}"
