"""The supervisor against a model of OTP's rules: after each event both stand the same."""

from __future__ import annotations

import os
from collections import deque

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from prd_supervise.policies.supervising.spec import AutoShutdown, Restart, Strategy
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.commands import Answered
from prd_supervise.supervisor.core.otp.events import ChildHoldRequested, ChildReleaseRequested
from tests.support.otp_model import Kid, Model
from tests.support.otp_sup import Sup
from tests.support.otp_words import ABNORMAL, NORMAL, a_spec, flags

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
PERIOD_S = 10.0
NAMES = st.sampled_from("abcd")
SCRIPTS = st.lists(st.sampled_from(["ready", "fail", "ignore"]), max_size=3)
REASONS = {"normal": NORMAL, "abnormal": ABNORMAL}

small = settings(derandomize=True, max_examples=200, stateful_step_count=40, database=None)
large = settings(max_examples=EXAMPLES or 1, stateful_step_count=80, database=None)
chosen = settings(
    large if EXAMPLES else small,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


class Supervision(RuleBasedStateMachine):
    """Does the same to both."""

    sup: Sup
    model: Model

    @initialize(
        strategy=st.sampled_from(Strategy),
        auto=st.sampled_from(AutoShutdown),
        intensity=st.integers(0, 4),
    )
    def begin(self, strategy: Strategy, auto: AutoShutdown, intensity: int) -> None:
        """Start both."""
        self.sup = Sup(flags(strategy, intensity, PERIOD_S, auto_shutdown=auto)).start()
        self.model = Model(strategy.value, auto.value, intensity, PERIOD_S)

    @precondition(lambda self: not self.runs())
    @rule(strategy=st.sampled_from(Strategy), intensity=st.integers(1, 4))
    def begin_again(self, strategy: Strategy, intensity: int) -> None:
        """Start both anew, once they have ended."""
        self.begin(strategy, AutoShutdown.ALL_SIGNIFICANT, intensity)

    def runs(self) -> bool:
        """Say whether they have not ended."""
        return not self.model.end

    @precondition(runs)
    @rule(
        name=NAMES,
        restart=st.sampled_from(Restart),
        significant=st.booleans(),
        dynamic=st.booleans(),
    )
    def start_child(
        self,
        name: str,
        restart: Restart,
        significant: bool,  # noqa: FBT001  Hypothesis names them all
        dynamic: bool,  # noqa: FBT001  the same
    ) -> None:
        """Start one of any kind."""
        may = restart is not Restart.PERMANENT and self.model.auto_shutdown != "never"
        # Under group strategies dynamic children are an extension that the model does not know.
        is_dynamic = dynamic and self.model.strategy == "one_for_one"
        spec = a_spec(name, restart, significant=significant and may)
        answer = self.sup.start_child(replace(spec, dynamic=is_dynamic))
        kid = Kid(restart.value, spec.significant, is_dynamic)
        self._same(answer, self.model.start_child(name, kid))

    @precondition(runs)
    @rule(name=NAMES)
    def terminate_child(self, name: str) -> None:
        """Stop one."""
        self._same(self.sup.terminate_child(name), self.model.terminate_child(name))

    @precondition(runs)
    @rule(name=NAMES)
    def restart_child(self, name: str) -> None:
        """Start one again."""
        self._same(self.sup.restart_child(name), self.model.restart_child(name))

    @precondition(runs)
    @rule(name=NAMES)
    def delete_child(self, name: str) -> None:
        """Forget one."""
        self._same(self.sup.delete_child(name), self.model.delete_child(name))

    @precondition(runs)
    @rule(name=NAMES, script=SCRIPTS)
    def next_starts(self, name: str, script: list[str]) -> None:
        """Decide what its next starts come to."""
        self.sup.manner(name).script(*script)
        self.model.scripts[name] = deque(script)

    @precondition(lambda self: self.runs() and any(k.is_up for k in self.model.kids.values()))
    @rule(data=st.data(), reason=st.sampled_from(["normal", "abnormal", "abnormal"]))
    def exits(self, data: st.DataObject, reason: str) -> None:
        """Let one end by itself."""
        up = [name for name, kid in self.model.kids.items() if kid.is_up]
        name = data.draw(st.sampled_from(up))
        self.sup.exits(name, REASONS[reason])
        self.model.exits(name, reason)

    @precondition(lambda self: self.runs() and bool(self.model.kids))
    @rule(data=st.data(), is_release=st.booleans())
    def holds(self, data: st.DataObject, is_release: bool) -> None:  # noqa: FBT001  as above
        """Hold one, or release it."""
        name = data.draw(st.sampled_from(list(self.model.kids)))
        if is_release:
            self.sup.hear(ChildReleaseRequested(child_id=name))
            self.model.release(name)
        else:
            self.sup.hear(ChildHoldRequested(child_id=name))
            self.model.hold(name)

    @precondition(runs)
    @rule(seconds=st.sampled_from([1.0, 4.0, PERIOD_S, PERIOD_S + 1.0]))
    def time_passes(self, seconds: float) -> None:
        """Let time pass."""
        self.sup.world.wait(seconds)
        self.model.now_s += seconds

    @invariant()
    def they_stand_the_same(self) -> None:
        """The same are up, in the same order, after the same number of restarts."""
        self.sup.world.wait()
        ended = self.sup.ended
        found = "" if ended is None else "burnt_out" if ended.burnt_out else "shutdown"
        assert found == self.model.end
        up = {name for name, kid in self.model.kids.items() if kid.is_up}
        assert set(self.sup.lives) == up
        if ended is None:
            order = [name for name, _ in reversed(self.sup.which())]
            assert order == list(self.model.kids)
            assert len(self.sup.state.restarted_at_s) == len(self.model.restarts)

    def _same(self, answer: Answered, expected: str) -> None:
        self.sup.world.wait()
        assert ("ok" if answer.refusal is None else answer.refusal.value) == expected


def test_the_supervisor_and_otps_rules_stand_the_same_after_every_event() -> None:
    run_state_machine_as_test(Supervision, settings=chosen)
