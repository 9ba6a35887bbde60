"""OTP's rules once more, as short as can be: a model to compare the supervisor with.

It knows nothing of time between events, of processes or of order within a stop: between two
events everything has come to rest. Rule numbers are those of the reference (S, R, G).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass
class Kid:
    """A child: what it is, and whether it is up."""

    restart: str
    significant: bool
    is_dynamic: bool
    is_up: bool = False
    is_held: bool = False
    is_due: bool = False  # only the hold keeps it down

    @property
    def is_forgotten(self) -> bool:
        """Say whether nothing of it is kept once it is down."""
        return self.is_dynamic or self.restart == "temporary"


@dataclass
class Model:
    """A supervisor at rest."""

    strategy: str
    auto_shutdown: str
    intensity: int
    period_s: float
    now_s: float = 0.0
    kids: dict[str, Kid] = field(default_factory=dict)  # in start order
    scripts: dict[str, deque[str]] = field(default_factory=dict)  # what the next starts come to
    restarts: list[float] = field(default_factory=list)
    end: str = ""  # burnt_out, shutdown

    def start_child(self, name: str, kid: Kid) -> str:
        """S4: what is there is refused; a start that fails leaves nothing."""
        if name in self.kids:
            return "already_started" if self.kids[name].is_up else "already_present"
        self.kids[name] = kid
        if self._start(name) == "fail":
            del self.kids[name]
            return "start_failed"
        return "ok"

    def terminate_child(self, name: str) -> str:
        """It goes down and stays down; that is never a reason to end (R6)."""
        if name not in self.kids:
            return "not_found"
        self.kids[name].is_due = False
        self._down(name)
        return "ok"

    def restart_child(self, name: str) -> str:
        """Only one that is down; a failure leaves it so."""
        refusal = self._refusal(name)
        if refusal or self.kids[name].is_held:
            return refusal or "held"
        return "start_failed" if self._start(name) == "fail" else "ok"

    def delete_child(self, name: str) -> str:
        """Only one that is down."""
        refusal = self._refusal(name)
        if not refusal:
            del self.kids[name]
        return refusal or "ok"

    def hold(self, name: str) -> None:
        """D2."""
        self.kids[name].is_held = True

    def release(self, name: str) -> None:
        """It starts if only the hold kept it down; if that fails, it has died."""
        kid = self.kids[name]
        kid.is_held, due, kid.is_due = False, kid.is_due, False
        if due and self._start(name) == "fail":
            self._restart(name)

    def exits(self, name: str, reason: str) -> None:
        """R2 to R6."""
        kid = self.kids[name]
        kid.is_up = False
        if kid.restart == "permanent" or (kid.restart == "transient" and reason == "abnormal"):
            if kid.is_held:
                kid.is_due = True
            else:
                self._restart(name)
            return
        self._down(name)
        others = any(k.significant and (k.is_up or k.is_due) for k in self.kids.values())
        if kid.significant and (
            self.auto_shutdown == "any_significant"
            or (self.auto_shutdown == "all_significant" and not others)
        ):
            self._end("shutdown")

    def _restart(self, name: str) -> None:
        failing: str | None = name
        while failing is not None and not self.end:
            self.restarts = [at for at in self.restarts if at >= self.now_s - self.period_s]
            self.restarts.append(self.now_s)
            if len(self.restarts) > self.intensity:
                self._end("burnt_out")
                return
            failing = self._start_group(failing)

    def _start_group(self, name: str) -> str | None:
        """G1, G2, G4: the others go down, all of the group come up; or say whose start failed."""
        order = list(self.kids)
        group = {
            "one_for_one": [name],
            "one_for_all": order,
            "rest_for_one": order[order.index(name) :],
        }[self.strategy]
        for each in reversed([each for each in group if each != name]):
            kid = self.kids[each]
            kid.is_due = kid.is_due or (kid.is_up and kid.is_held and kid.restart != "temporary")
            kid.is_up = False
            if kid.restart == "temporary":
                del self.kids[each]
        for each in [each for each in group if each in self.kids]:
            if not self.kids[each].is_held and self._start(each) == "fail":
                return each
        return None

    def _start(self, name: str) -> str:
        script = self.scripts.get(name)
        what = script.popleft() if script else "ready"
        if what == "ready":
            self.kids[name].is_up = True
        elif what == "ignore":
            self._down(name)
        return what

    def _down(self, name: str) -> None:
        self.kids[name].is_up = False
        if self.kids[name].is_forgotten:
            del self.kids[name]

    def _refusal(self, name: str) -> str:
        if name not in self.kids:
            return "not_found"
        return "running" if self.kids[name].is_up else ""

    def _end(self, why: str) -> None:
        self.end = why
        for kid in self.kids.values():
            kid.is_up = False
