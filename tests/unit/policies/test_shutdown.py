from __future__ import annotations

from prd_supervise.policies.supervising.shutdown import (
    AGENT_ASKED,
    AGENT_KILLED,
    GIT_ENDED,
    PRD_ENDED,
    WORKER_ENDED,
    Deadline,
    deadline_from,
    sooner,
)

LADDER = (AGENT_ASKED, AGENT_KILLED, WORKER_ENDED, GIT_ENDED, PRD_ENDED)


def test_each_level_is_done_before_the_one_above_needs_it() -> None:
    deadline = deadline_from(100.0, 60.0)
    moments = [deadline.before(margin) for margin in LADDER]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(LADDER)
    assert moments[0] > 100.0
    assert moments[-1] < deadline.at_s


def test_the_moments_are_those_of_the_documentation() -> None:
    deadline = deadline_from(0.0, 60.0)
    assert [round(deadline.before(margin), 6) for margin in LADDER] == [38, 44, 49, 52, 54]


def test_a_short_grace_keeps_the_order() -> None:
    moments = [deadline_from(0.0, 5.0).before(margin) for margin in LADDER]
    assert moments == sorted(moments)
    assert 0.0 < moments[0] < moments[-1] < 5.0


def test_the_earlier_deadline_stands() -> None:
    early, late = Deadline(at_s=5.0, grace_s=5.0), Deadline(at_s=60.0, grace_s=60.0)
    assert sooner(None, late) is late
    assert sooner(late, early) is early
    assert sooner(early, late) is early
