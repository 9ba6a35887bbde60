"""supervisor_SUITE: how a supervisor stops its children, and itself."""

from __future__ import annotations

import pytest

from prd_supervise.policies.supervising.spec import Restart, Strategy
from prd_supervise.supervisor.core.otp.commands import Refusal
from tests.support.otp_sup import Sup
from tests.support.otp_words import (
    ABNORMAL,
    BRUTAL_KILL,
    INFINITY,
    NORMAL,
    SHUTDOWN,
    SHUTDOWN_TERM,
    TEMPORARY,
    a_spec,
    flags,
    ok,
    with_template,
)

REASONS = (NORMAL, SHUTDOWN, SHUTDOWN_TERM, ABNORMAL)


def test_sup_stop_infinity() -> None:
    sup = Sup().start(a_spec("child1", shutdown_s=INFINITY), a_spec("child2", shutdown_s=INFINITY))
    sup.manner("child1").stop_s = sup.manner("child2").stop_s = 25.0
    sup.terminate(grace_s=60.0)
    assert sup.log[2:] == ["-child2 shutdown", "-child1 shutdown"]
    assert sup.world.now_s == 50.0


def test_sup_stop_timeout() -> None:
    sup = Sup().start(a_spec("child1"), a_spec("child2"))
    sup.manner("child2").stop_s = None
    sup.terminate()
    assert sup.log[2:] == ["-child2 killed", "-child1 shutdown"]
    assert 1.0 <= sup.world.now_s < 1.1


def test_sup_stop_timeout_dynamic() -> None:
    sup = Sup(with_template(a_spec("child", TEMPORARY))).start()
    ok(sup.start_child("one"))
    ok(sup.start_child("two"))
    sup.manner("two").stop_s = None
    sup.terminate()
    assert sup.log[2:] == ["-one shutdown", "-two killed"]


def test_sup_stop_brutal_kill() -> None:
    sup = Sup().start(a_spec("child1"), a_spec("child2", shutdown_s=BRUTAL_KILL))
    sup.terminate()
    assert sup.log[2:] == ["-child2 killed", "-child1 shutdown"]
    assert sup.world.now_s == 0.0


def test_sup_stop_brutal_kill_dynamic() -> None:
    sup = Sup(with_template(a_spec("child", TEMPORARY, BRUTAL_KILL))).start()
    for number in range(10):
        ok(sup.start_child(f"child{number}"))
    sup.terminate()
    assert sorted(sup.log[10:]) == [f"-child{number} killed" for number in range(10)]
    assert sup.pids() == {}


@pytest.mark.key
def test_sup_stop_race() -> None:
    """While the last child takes its time to stop, the others end by themselves, in every way."""
    sup = Sup().start(a_spec("a", TEMPORARY))
    kinds = {f"{r.value}{n}": (r, why) for r in Restart for n, why in enumerate(REASONS)}
    for name, (restart, _) in kinds.items():
        ok(sup.start_child(a_spec(name, restart)))
    ok(sup.start_child(a_spec("z", TEMPORARY, 2.0)))
    sup.manner("z").stop_s = 1.0
    for name, (_, reason) in kinds.items():
        sup.world.at(0.2, lambda name=name, reason=reason: sup.dies(name, reason))  # type: ignore[misc]  # bound now
    ended = sup.terminate()
    assert not ended.burnt_out
    downs = [line for line in sup.log if line.startswith("-")]
    assert downs[:-2] == [f"-{name} {why.detail}" for name, (_, why) in kinds.items()]
    assert downs[-2:] == ["-z shutdown", "-a shutdown"]
    assert sup.state.restarted_at_s == ()


@pytest.mark.parametrize("restart", Restart)
def test_sup_stop_non_shutdown_exit_dynamic(restart: Restart) -> None:
    sup = Sup(with_template(a_spec("child", restart, 5.0))).start()
    for number, reason in enumerate(REASONS):
        name = f"child{number}"
        ok(sup.start_child(name))
        sup.manner(name).stops_with = reason
    assert sup.terminate().undead == ()
    downs = [line for line in sup.log if line.startswith("-")]
    assert sorted(downs) == sorted(f"-child{n} {why.detail}" for n, why in enumerate(REASONS))


def test_child_unlink() -> None:
    """A child that hears nothing cannot hang its supervisor, not even one that survives SIGKILL."""
    sup = Sup().start(a_spec("naughty"), a_spec("stuck"))
    sup.manner("naughty").stop_s = sup.manner("stuck").stop_s = None
    sup.manner("stuck").is_stuck = True
    ok(sup.terminate_child("naughty"))
    assert sup.terminate_child("stuck").refusal is Refusal.UNDEAD
    assert sup.world.now_s < 20.0
    assert sup.terminate().undead == ("stuck",)


@pytest.mark.key
def test_order_of_children() -> None:
    names = ("ch7", "ch3", "ch10", "ch2", "ch5")
    sup = Sup(flags(Strategy.REST_FOR_ONE)).start(*map(a_spec, names))
    assert sup.log == [f"+{name}" for name in names]
    assert sup.pids() == {name: number for number, name in enumerate(names, start=1)}
    sup.log.clear()
    sup.exits("ch10")
    assert sup.log == [
        "-ch10 abnormal",
        "-ch5 shutdown",
        "-ch2 shutdown",
        "+ch10",
        "+ch2",
        "+ch5",
    ]
    assert (sup.pid("ch7"), sup.pid("ch3")) == (1, 2)
    sup.log.clear()
    sup.terminate()
    assert sup.log == [f"-{name} shutdown" for name in reversed(names)]


def test_simple_one_for_one_shutdown() -> None:
    """All at once: it takes as long as the slowest, and who is overdue is killed."""
    sup = Sup(with_template(a_spec("child", shutdown_s=2.0))).start()
    for name, stop_s in (("one", 1.0), ("two", 1.0), ("three", 5.0)):
        ok(sup.start_child(name))
        sup.manner(name).stop_s = stop_s
    sup.terminate()
    assert sorted(sup.log[3:5]) == ["-one shutdown", "-two shutdown"]
    assert sup.log[5:] == ["-three killed"]
    assert 2.0 <= sup.world.now_s < 2.1
