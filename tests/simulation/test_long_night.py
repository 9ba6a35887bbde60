"""A whole night on accounts with limits: all is done in the morning, and nothing was wasted."""

from __future__ import annotations

from collections import Counter

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from tests.simulation.long_night import PRDS, STORIES, live_through

pytestmark = pytest.mark.timeout(900)  # it only computes: a slow machine makes it late, not wrong

SEEDS = range(3)  # what no night has met by chance, another one has
MET = {
    OutcomeKind.RATE_LIMITED,
    OutcomeKind.TRANSIENT,
    OutcomeKind.AUTH,
    OutcomeKind.CONTEXT,
}


@pytest.mark.slow
def test_a_night_of_limits_overloads_and_a_login_that_expires_costs_no_attempt() -> None:
    seen, warnings = Counter[OutcomeKind](), 0
    for seed in SEEDS:
        night = live_through(seed, is_quiet=True)
        assert night.counted == [], "no story has lost an attempt"
        met = Counter(kind for _, _, kind in night.vendors.ends)
        assert night.operator.released == 1
        # Every other run has done its story: what an account refused was met by who was at work,
        # and then by one trial at a time.
        assert len(night.vendors.agents) == PRDS * STORIES + met.total()
        assert met[OutcomeKind.CONTEXT] == night.large
        seen += met
        warnings += night.vendors.warnings
    assert seen.keys() == MET
    assert warnings > 0


@pytest.mark.slow
def test_a_night_with_deaths_and_reboots_as_well_ends_with_every_story_done() -> None:
    nights = [live_through(seed) for seed in SEEDS]

    assert sum(len(night.report.faults) for night in nights) > 2
    assert any(night.report.lives > 1 for night in nights)
    assert {kind for night in nights for _, _, kind in night.vendors.ends} == MET
