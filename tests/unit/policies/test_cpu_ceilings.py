from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.ceilings.cpu import NICED_S, Ceiling, allotted
from prd_supervise.policies.ceilings.verdicts import End, LimitShare, Verdict
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.values import replace
from tests.support.ceilings_night import NONE, Night, attempt, sample

ONE_CORE = replace(NONE, cpu_percent=100.0)


class Worker:
    """A story that wants so many cores, and uses what it is given."""

    def __init__(self, night: Night, *names: str) -> None:
        self.night = night
        self.wants = dict.fromkeys(names, 0.0)
        self.cpu_s = dict.fromkeys(names, 0.0)
        self.shares = dict.fromkeys(names, 1.0)
        self.verdicts: list[tuple[float, Verdict]] = []

    def run(self, seconds: int) -> None:
        """Let them work, a pass each second."""
        for _ in range(seconds):
            for name, cores in self.wants.items():
                self.cpu_s[name] += cores * self.shares[name]
            samples = [sample(name, cpu_s=cpu_s) for name, cpu_s in self.cpu_s.items()]
            for verdict in self.night.see(*samples):
                self.verdicts.append((self.night.now_s, verdict))
                if isinstance(verdict, LimitShare):
                    name = verdict.attempt.prd_id + verdict.attempt.story_id
                    self.shares[name] = verdict.share

    @property
    def events(self) -> list[str]:
        """What people are told."""
        found = (each for _, each in self.verdicts)
        return [each.event for each in found if isinstance(each, LimitShare) and each.event]


def test_a_short_burst_is_no_offence() -> None:
    worker = Worker(Night(run=ONE_CORE), "A1")
    worker.wants["A1"] = 4.0
    worker.run(8)
    worker.wants["A1"] = 0.5
    worker.run(60)
    assert worker.verdicts == []


def test_at_the_ceiling_is_within_it() -> None:
    worker = Worker(Night(run=ONE_CORE), "A1")
    worker.wants["A1"] = 1.0
    worker.run(300)
    assert worker.verdicts == []


def test_the_mean_over_the_ceiling_makes_it_nice_first_and_throttles_it_if_that_does_not_help() -> (
    None
):
    worker = Worker(Night(run=ONE_CORE), "A1")
    worker.wants["A1"] = 4.0
    worker.run(60)
    (niced_at, nice), (limited_at, limited), *_ = worker.verdicts
    assert isinstance(nice, LimitShare)
    assert (nice.event, nice.share, nice.nice) == ("cpu_niced", 1.0, 10)
    assert isinstance(limited, LimitShare)
    assert (limited.event, limited.nice) == ("cpu_limited", 10)
    assert limited_at - niced_at == NICED_S
    assert 0.25 <= limited.share <= 0.4
    assert f"over cpu_percent (100 %): it gets {limited.share:.0%} of the time" in limited.text


def test_a_throttled_story_uses_its_ceiling_and_no_more() -> None:
    worker = Worker(Night(run=ONE_CORE), "A1")
    worker.wants["A1"] = 4.0
    worker.run(240)
    before = worker.cpu_s["A1"]
    worker.run(100)
    assert 85 <= worker.cpu_s["A1"] - before <= 112
    assert worker.events == ["cpu_niced", "cpu_limited"], "adjustments are no news"


def test_when_the_demand_falls_it_has_all_of_the_time_again() -> None:
    worker = Worker(Night(run=ONE_CORE), "A1")
    worker.wants["A1"] = 4.0
    worker.run(120)
    worker.wants["A1"] = 0.2
    worker.run(120)
    assert worker.shares["A1"] == 1.0
    assert worker.events == ["cpu_niced", "cpu_limited", "cpu_eased"]


def test_nobody_is_throttled_and_eased_in_turns() -> None:
    worker = Worker(Night(run=ONE_CORE), "A1")
    worker.wants["A1"] = 1.05
    worker.run(1000)
    assert worker.events == ["cpu_niced", "cpu_limited"]


def test_it_is_killed_only_if_the_configuration_says_so() -> None:
    worker = Worker(Night(run=replace(ONE_CORE, cpu_kill=True)), "A1")
    worker.wants["A1"] = 2.0
    worker.run(80)
    ends = [each for _, each in worker.verdicts if isinstance(each, End)]
    assert [(end.event, end.kind) for end in ends] == [
        ("cpu_killed", OutcomeKind.OVER_LIMIT)
    ] * len(ends)
    assert len(ends) == 1
    assert "over cpu_percent (100 %), and still so after 30 s of being nice" in ends[0].text


def test_processes_that_are_gone_take_nothing_back() -> None:
    night = Night(run=ONE_CORE)
    night.see(sample("A1", cpu_s=50.0))
    night.see(sample("A1", cpu_s=10.0))
    assert night.watch.tracks[attempt("A1")].cpu.used_percent == 0.0


def test_the_run_s_ceiling_is_divided_among_those_who_want_more_than_their_part() -> None:
    night = Night(run=replace(NONE, run_cpu_percent=200.0))
    worker = Worker(night, "A1", "A2", "B1")
    worker.wants = {"A1": 0.2, "A2": 4.0, "B1": 4.0}
    worker.run(300)
    before = dict(worker.cpu_s)
    worker.run(100)
    used = {name: worker.cpu_s[name] - before[name] for name in before}
    assert used["A1"] == pytest.approx(20)
    assert sum(used.values()) <= 225
    assert used["A2"] == pytest.approx(used["B1"], rel=0.1)
    texts = [each.text for _, each in worker.verdicts if isinstance(each, LimitShare)]
    assert "over its part of run_cpu_percent (97 %)" in texts[0]


NAMES = ["A1", "A2", "B1"]


@given(
    st.lists(st.floats(0, 1000), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.0, 50.0, 300.0]), min_size=3, max_size=3),
    st.floats(1, 1000),
)
def test_what_is_allotted_keeps_to_the_total_and_wastes_nothing(
    demands: list[float], own: list[float], total: float
) -> None:
    names = [attempt(name) for name in NAMES]
    wanted = dict(zip(names, demands, strict=True))
    ceilings = {name: Ceiling(percent=each) for name, each in zip(names, own, strict=True)}
    given_ = allotted(wanted, ceilings, total)

    def used(of: dict[object, Ceiling]) -> float:
        return sum(
            min(wanted[name], of[name].percent) if of[name].percent else wanted[name]
            for name in names
        )

    assert used(given_) == pytest.approx(min(used(ceilings), total))  # type: ignore[arg-type]
    for name in names:
        assert not ceilings[name].percent or given_[name].percent <= ceilings[name].percent
