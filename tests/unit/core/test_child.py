from __future__ import annotations

import pytest

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import Cause, Tally
from prd_supervise.supervisor.core.otp import child as life
from prd_supervise.supervisor.core.otp.child import Child, Phase
from prd_supervise.supervisor.core.otp.commands import SetAlarm, Spawn
from prd_supervise.supervisor.core.otp.events import Alarm
from tests.support.supervised import a_child


def in_phase(phase: Phase) -> Child:
    return Child(spec=a_child("a"), phase=phase, incarnation=3)


def test_a_start_is_a_spawn_and_a_deadline_for_its_ready() -> None:
    child, effects = life.start(in_phase(Phase.STOPPED), 4, now_s=100.0)
    assert (child.phase, child.incarnation) == (Phase.STARTING, 4)
    assert effects == [
        Spawn(spec=child.spec, incarnation=4),
        SetAlarm(child_id="a", incarnation=4, alarm=Alarm.START_OVERDUE, at_s=130.0),
    ]


def test_only_a_starting_child_becomes_ready() -> None:
    became = {phase: life.is_ready(in_phase(phase), now_s=1.0).phase for phase in Phase}
    assert became == {phase: phase for phase in Phase} | {Phase.STARTING: Phase.RUNNING}


def test_a_backoff_counts_the_death_and_the_restart() -> None:
    child, effects = life.back_off(in_phase(Phase.RUNNING), Cause.HANG, delay_s=2.0, now_s=10.0)
    assert (child.phase, child.restarts, child.failures) == (Phase.BACKOFF, Tally(hang=1), 1)
    assert effects == [SetAlarm(child_id="a", incarnation=3, alarm=Alarm.BACKOFF_OVER, at_s=12.0)]


@pytest.mark.parametrize("phase", [Phase.BACKOFF, Phase.STOPPED, Phase.FAILED])
def test_the_stop_of_a_child_without_a_process_has_no_effect(phase: Phase) -> None:
    child, effects = life.begin_stop(in_phase(phase), deadline_from(0.0, 60.0), now_s=0.0)
    assert effects == []
    assert not child.is_alive


def test_each_alarm_acts_only_where_it_was_set() -> None:
    acts = {
        (alarm, phase)
        for alarm in Alarm
        for phase in Phase
        if life.went_off(in_phase(phase), alarm, 0.0, None) != (in_phase(phase), [])
    }
    assert acts == {
        (Alarm.BACKOFF_OVER, Phase.BACKOFF),
        (Alarm.START_OVERDUE, Phase.STARTING),
        (Alarm.START_OVERDUE, Phase.LEAVING),
        (Alarm.TERMINATE_DUE, Phase.STOPPING),
        (Alarm.KILL_DUE, Phase.STOPPING),
        (Alarm.GONE_OVERDUE, Phase.STARTING),
        (Alarm.GONE_OVERDUE, Phase.LEAVING),
        (Alarm.GONE_OVERDUE, Phase.RUNNING),
        (Alarm.GONE_OVERDUE, Phase.STOPPING),
    }
