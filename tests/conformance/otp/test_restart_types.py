"""supervisor_SUITE: who comes back after which end."""

from __future__ import annotations

import pytest

from prd_supervise.policies.supervising.spec import (
    ChildKind,
    ExitClass,
    ExitReason,
    Restart,
    Strategy,
)
from prd_supervise.supervisor.core.otp.commands import ChildRestarting, ChildStarted
from tests.support.otp_sup import Sup
from tests.support.otp_words import (
    ABNORMAL,
    NORMAL,
    PERMANENT,
    SHUTDOWN,
    SHUTDOWN_TERM,
    TEMPORARY,
    TRANSIENT,
    a_spec,
    flags,
    ok,
)


def test_external_start_no_progress_log() -> None:
    """What somebody asked for is told to him; what is news is that a child restarts by itself."""
    sup = Sup().start()
    ok(sup.start_child(a_spec("child1")))
    assert not [each for each in sup.said if isinstance(each, ChildRestarting)]
    sup.exits("child1", NORMAL)
    told = [type(each) for each in sup.said if isinstance(each, ChildRestarting | ChildStarted)]
    assert told == [ChildStarted, ChildRestarting, ChildStarted]


def _restarted(restart: Restart, *reasons: ExitReason) -> None:
    sup = Sup().start()
    last = ok(sup.start_child(a_spec("child1", restart)))
    for reason in reasons:
        sup.exits("child1", reason)
        assert sup.which() == [("child1", sup.pid("child1"))]
        assert sup.pid("child1") > last
        last = sup.pid("child1")
        assert sup.counts() == [1, 1, 0, 1]


def _kept(restart: Restart, *reasons: ExitReason) -> None:
    sup = Sup().start(a_spec("child1", restart))
    for reason in reasons:
        sup.exits("child1", reason)
        assert sup.which() == [("child1", "undefined")]
        assert sup.counts() == [1, 0, 0, 1]
        ok(sup.restart_child("child1"))


def _forgotten(restart: Restart, *reasons: ExitReason) -> None:
    sup = Sup().start()
    for reason in reasons:
        ok(sup.start_child(a_spec("child1", restart)))
        sup.exits("child1", reason)
        assert sup.which() == []
        assert sup.counts() == [0, 0, 0, 0]


def test_permanent_normal() -> None:
    _restarted(PERMANENT, NORMAL)


def test_permanent_shutdown() -> None:
    _restarted(PERMANENT, SHUTDOWN, SHUTDOWN_TERM)


def test_permanent_abnormal() -> None:
    _restarted(PERMANENT, ABNORMAL)


def test_transient_normal() -> None:
    _kept(TRANSIENT, NORMAL)


def test_transient_shutdown() -> None:
    _kept(TRANSIENT, SHUTDOWN, SHUTDOWN_TERM)


def test_transient_abnormal() -> None:
    _restarted(TRANSIENT, ABNORMAL)


def test_temporary_normal() -> None:
    _forgotten(TEMPORARY, NORMAL)


def test_temporary_shutdown() -> None:
    _forgotten(TEMPORARY, SHUTDOWN, SHUTDOWN_TERM)


def test_temporary_abnormal() -> None:
    _forgotten(TEMPORARY, ABNORMAL)


def test_faulty_application_shutdown() -> None:
    """A leaf that cannot start ends the whole tree, and the cause is told at the top."""

    def middle() -> Sup:
        inner = Sup(world=top.world)
        inner.manner("leaf").script(always="fail")
        inner.manner("leaf").fails_with = ExitReason(
            exit_class=ExitClass.ABNORMAL, detail="no such command: claud"
        )
        inner.first = (a_spec("leaf"),)
        return inner

    top = Sup()
    top.manner("middle").inner = middle
    top.start(a_spec("middle", kind=ChildKind.PRD))
    top.world.wait(1.0)
    assert top.ended is not None
    assert top.ended.reason.exit_class is ExitClass.ABNORMAL
    assert top.ended.reason.detail == (
        "'middle' could not be started: 'leaf' could not be started: no such command: claud"
    )


@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE])
def test_temporary_bystander(strategy: Strategy) -> None:
    sup = Sup(flags(strategy, 2, 300.0)).start()
    first = ok(sup.start_child(a_spec("child1")))
    ok(sup.start_child(a_spec("child2", TEMPORARY)))
    sup.exits("child1", NORMAL)
    assert sup.ended is None
    assert sup.which() == [("child1", sup.pid("child1"))]
    assert sup.pid("child1") != first
