"""Nights in which the accounts of agents are used up: what that costs, and who starts meanwhile."""

from __future__ import annotations

import pytest

from prd_supervise.policies.accounts.parking import LIMIT_PAUSES_S, SPREAD_S_MAX
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from tests.simulation.accounts import Accounts, Window
from tests.simulation.simulation import ALONE, Simulation, simulate
from tests.support.prd_nature import Script

pytestmark = pytest.mark.timeout(900)  # it only computes: a slow machine makes it late, not wrong

UNHEARD_S = 1.0  # until root has heard of a limit, and PRDs of root
PART = 20


def quiet_night(seed: int, *windows: Window) -> Accounts:
    """A night in which nothing goes wrong but what the windows say."""
    night = Simulation(seed, is_plain=True, is_quiet=True)
    machine = night._night.machine
    machine.agents = ALONE
    accounts = machine.nature.accounts = Accounts(machine.kernel, windows)
    machine.nature.scripts = dict.fromkeys(machine.nature.scripts, Script())
    night.run()
    assert night.report.lives == 1
    return accounts


@pytest.mark.parametrize("seed", range(3))
def test_until_its_reset_nobody_starts_and_then_one_alone(seed: int) -> None:
    until_s = 1900.0
    accounts = quiet_night(seed, Window(agent="replay", from_s=1000.5, until_s=until_s))

    assert accounts.met, "the first runs meet it"
    heard_s = accounts.met[0][0] + UNHEARD_S
    assert not [at_s for at_s, _ in accounts.starts if heard_s < at_s < until_s]
    later = sorted(at_s for at_s, _ in accounts.starts if at_s >= until_s)
    assert later[0] < until_s + SPREAD_S_MAX + UNHEARD_S
    first_end_s = min(at_s for at_s, _ in accounts.ends if at_s >= later[0])
    assert [at_s for at_s in later if at_s < first_end_s] == later[:1]
    assert len(accounts.met) == len([at_s for at_s, _ in accounts.starts if at_s <= heard_s])


@pytest.mark.parametrize("seed", range(3))
def test_where_nobody_says_until_when_one_start_is_tried_after_each_pause(seed: int) -> None:
    window = Window(agent="replay", from_s=1000.5, until_s=1600.0, is_told=False)
    accounts = quiet_night(seed, window)

    heard_s = accounts.met[0][0] + UNHEARD_S
    trials = sorted(at_s for at_s, _ in accounts.starts if heard_s < at_s < window.until_s)
    gaps = [after - before for before, after in zip((heard_s, *trials), trials, strict=False)]
    assert all(gap > pause - UNHEARD_S for gap, pause in zip(gaps, LIMIT_PAUSES_S, strict=False)), (
        gaps
    )
    assert len(trials) <= 3, "after a minute, two more, and five more"


@pytest.mark.parametrize("seed", range(3))
def test_an_overload_is_met_by_fewer_and_fewer(seed: int) -> None:
    storm = Window(
        agent="replay",
        from_s=1000.5,
        until_s=1300.0,
        kind=OutcomeKind.TRANSIENT,
        is_told=False,
    )
    accounts = quiet_night(seed, storm)
    assert len(accounts.met) < 60, "five minutes of stories that end within two seconds"


@pytest.mark.parametrize("seed", range(6))
def test_limits_amid_faults_cost_no_attempt_and_the_night_ends(seed: int) -> None:
    simulate(seed, limited=True)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_no_fault_makes_a_limit_cost_an_attempt(part: int) -> None:
    for seed in range(1000 + part * PART, 1000 + (part + 1) * PART):
        simulate(seed, limited=True)
