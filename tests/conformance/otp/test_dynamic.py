"""supervisor_SUITE: supervisors whose children are all made from one template."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from prd_supervise.policies.supervising.spec import Restart, Strategy
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.commands import Refusal
from tests.support.otp_sup import Sup
from tests.support.otp_words import (
    KILLED,
    NORMAL,
    PERMANENT,
    TEMPORARY,
    TRANSIENT,
    a_spec,
    ok,
    with_template,
)


def test_simple_one_for_one() -> None:
    sup = Sup(with_template(a_spec("child"))).start()
    first, second = ok(sup.start_child("one")), ok(sup.start_child("two"))
    sup.exits("one")
    assert sup.pid("one") != first
    assert sup.pid("two") == second
    assert sup.counts() == [1, 2, 0, 2]
    sup.exits("two")
    assert sup.ended is None
    sup.exits("two")
    sup.world.wait(60.0)
    assert sup.ended is not None
    assert sup.ended.burnt_out


def test_simple_one_for_one_extra() -> None:
    sup = Sup(with_template(a_spec("child"))).start()
    for name in ("one", "two"):
        sup.manner(name).info = "extra_info"
        assert sup.start_child(name).info == "extra_info"
    second = sup.pid("two")
    sup.exits("one")
    assert sup.pid("two") == second
    assert sup.counts() == [1, 2, 0, 2]
    sup.exits("two")
    sup.exits("two")
    sup.world.wait(60.0)
    assert sup.ended is not None


def test_simple_one_for_one_escalation() -> None:
    sup = Sup(with_template(a_spec("child"), 4)).start()
    ok(sup.start_child("one"))
    ok(sup.start_child("two"))
    sup.manner("one").script(always="fail")
    sup.exits("one")
    sup.world.wait(60.0)
    assert sup.ended is not None
    assert sup.ended.burnt_out
    assert sup.log[-1] == "-two shutdown"


def test_simple_one_for_one_corruption() -> None:
    """What was kept for a temporary child goes with it, also after the first death."""
    sup = Sup(with_template(a_spec("child", TEMPORARY))).start()
    empty = len(repr(sup.state))
    for name in ("one", "x" * 50_000):
        ok(sup.start_child(name))
        sup.exits(name)
    assert len(repr(sup.state)) < empty + 20


@pytest.mark.parametrize("restart", [TRANSIENT, PERMANENT])
def test_simple_one_for_one_restart_ignore(restart: Restart) -> None:
    sup = Sup(with_template(a_spec("child", restart), 10)).start()
    sup.manner("one").script("ready", "ready", "ignore")
    first = ok(sup.start_child("one"))
    sup.exits("one", KILLED)
    assert sup.pid("one") != first
    sup.exits("one", KILLED)
    assert sup.which() == []
    assert sup.terminate().undead == ()


def test_simple_one_for_one_scale_many_temporary_children() -> None:
    few, many = (_terminate_all(number) for number in (30, 300))
    assert many < 12 * few  # linear is 10


def _terminate_all(number: int) -> int:
    """How many instructions it takes to end so many children, one by one."""
    sup = Sup(with_template(a_spec("child", TEMPORARY))).start()
    names = [f"child{each}" for each in range(number)]
    for name in names:
        ok(sup.start_child(name))
    instructions = 0

    def count(frame: FrameType, event: str, _about: object) -> Any:  # noqa: ANN401  itself, as settrace wants it
        nonlocal instructions
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        instructions += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        for name in names:
            ok(sup.terminate_child(name))
    finally:
        sys.settrace(before)
    assert sup.which() == []
    return instructions


# --- Elixir's DynamicSupervisor, and what is ours -------------------------------------------------


def test_max_children_counts_restarting_children_too() -> None:
    wanted = replace(with_template(a_spec("child", TRANSIENT)), children_max=2)
    sup = Sup(wanted, backoff_s=4.0).start()
    ok(sup.start_child("one"))
    ok(sup.start_child("two"))
    assert sup.start_child("three").refusal is Refusal.MAX_CHILDREN
    sup.exits("one")
    assert dict(sup.which())["one"] == "restarting"
    assert sup.start_child("three").refusal is Refusal.MAX_CHILDREN
    ok(sup.terminate_child("one"))
    ok(sup.start_child("three"))


def test_a_parallel_stop_waits_for_each_as_long_as_its_own_timeout() -> None:
    sup = Sup().start()
    timeouts = {"brutal": 0.0, "short": 1.0, "long": 5.0, "infinity": None}
    for name, timeout_s in timeouts.items():
        ok(sup.start_child(replace(a_spec(name, shutdown_s=timeout_s), dynamic=True)))
        sup.manner(name).stop_s = 30.0
    sup.terminate(grace_s=60.0)
    assert sup.log[4:] == ["-brutal killed", "-short killed", "-long killed", "-infinity shutdown"]
    assert sup.world.now_s == 30.0


@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ALL, Strategy.REST_FOR_ONE])
def test_dynamic_children_come_back_with_their_group_in_start_order(strategy: Strategy) -> None:
    sup = Sup(replace(with_template(a_spec("child", TRANSIENT)), strategy=strategy)).start()
    for name in ("one", "two", "three"):
        ok(sup.start_child(name))
    sup.log.clear()
    sup.exits("one")
    assert sup.log[0] == "-one abnormal"
    assert sorted(sup.log[1:3]) == ["-three shutdown", "-two shutdown"]
    assert sup.log[3:] == ["+one", "+two", "+three"]


def test_a_dynamic_child_that_is_done_when_its_group_goes_down_stays_away() -> None:
    wanted = replace(with_template(a_spec("child", TRANSIENT)), strategy=Strategy.ONE_FOR_ALL)
    sup = Sup(wanted, backoff_s=4.0).start()
    ok(sup.start_child("one"))
    ok(sup.start_child("two"))
    sup.exits("two", NORMAL)
    sup.exits("one")
    sup.world.wait(10.0)
    assert list(sup.lives) == ["one"]


def test_who_is_asked_for_while_its_group_is_down_comes_up_with_it() -> None:
    wanted = replace(with_template(a_spec("child", TRANSIENT)), strategy=Strategy.ONE_FOR_ALL)
    sup = Sup(wanted, backoff_s=4.0).start()
    ok(sup.start_child("one"))
    sup.log.clear()
    sup.exits("one")
    ok(sup.start_child("two"))
    assert sup.log == ["-one abnormal", "+one", "+two"]
