"""What dead children leave behind: it comes to us, or is found by its lineage, and is killed.

A child's end is told only when nothing of it is left, so that no successor meets its remains: two
git commands of one PRD, or two agents of one story. What cannot be killed (it sleeps in the kernel,
state D) holds that up for a moment only; the story's lock then keeps successors out.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ....policies.supervising import liveness
from ....workers.process import descendants
from ....workers.process.eventloop import EventLoop

GONE_S = 0.4  # how long an end waits for what is being killed
LOOK_AGAIN_S = 0.1  # the quick look may miss one that was just then handed to us
HOLD_STILL_S = 0.05  # how long the loop may stand still for those that fork on and on
_NAP_S_MIN, _NAP_S_MAX = 0.001, 1.0


class _Burial(Struct, frozen=True, kw_only=True):
    until_s: float
    then: Callable[[], None]


class Strays:
    """Ends them. `kept` may live; `on_undead` is told of those that were killed and are there."""

    def __init__(
        self,
        loop: EventLoop,
        kept: Callable[[], frozenset[int]],
        on_undead: Callable[[tuple[int, ...]], None],
    ) -> None:
        self._loop = loop
        self._kept = kept
        self._on_undead = on_undead
        self._burials: list[_Burial] = []
        self._spared_until_s = 0.0
        self._began_s = 0.0  # when the killing began that is under way
        self._nap_s = _NAP_S_MIN
        self._is_sweeping = False
        self._told: frozenset[int] = frozenset()

    def bury(self, live_s: float, then: Callable[[], None]) -> None:
        """Call `then` when what a dead child left is gone; `live_s`: it may end by itself."""
        now_s = self._loop.now_s()
        if not self._is_any():
            self._loop.call_at(now_s + LOOK_AGAIN_S, self._look_again)
            then()
            return
        self._burials.append(_Burial(until_s=now_s + live_s + GONE_S, then=then))
        self._spared_until_s = max(self._spared_until_s, now_s + live_s)
        self._nap_s = _NAP_S_MIN
        self._begin()

    def _is_any(self) -> bool:
        return descendants.has_strays(self._kept())

    def _look_again(self) -> None:
        if self._is_any():
            self._begin()

    def _begin(self) -> None:
        if not self._is_sweeping:
            self._is_sweeping = True
            self._began_s = max(self._loop.now_s(), self._spared_until_s)
            self._sweep()

    def _sweep(self) -> None:
        now_s = self._loop.now_s()
        if self._is_over(now_s):
            self._is_sweeping = False
            self._told = frozenset()
            over, self._burials = self._burials, []
        else:
            over = [each for each in self._burials if each.until_s <= now_s]
            self._burials = [each for each in self._burials if each.until_s > now_s]
            self._tell_undead(now_s)
            self._nap_s = min(2 * self._nap_s, _NAP_S_MAX if not self._burials else 0.02)
            self._loop.call_at(now_s + self._nap_s, self._sweep)
        for each in over:
            each.then()

    def _is_over(self, now_s: float) -> bool:
        if not self._is_any():
            return True
        if now_s < self._spared_until_s:
            return False
        # One that forks faster than it is killed would never be caught up with.
        descendants.hold_still(now_s + HOLD_STILL_S, keep=self._kept())
        return not descendants.kill_descendants(self._kept())

    def _tell_undead(self, now_s: float) -> None:
        if now_s - self._began_s < liveness.UNDEAD_S:
            return
        found = frozenset(each.pid for each in descendants.strays(self._kept()))
        if found - self._told:
            self._on_undead(tuple(sorted(found - self._told)))
        self._told = found
