"""supervisor_SUITE: new flags and specs while it runs; how it scales, and what it reports."""

from __future__ import annotations

import time

from prd_supervise.policies.supervising.spec import ExitClass, ExitReason
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp import queries
from prd_supervise.supervisor.core.otp.commands import Refusal
from tests.support.otp_sup import Sup
from tests.support.otp_words import BRUTAL_KILL, a_spec, flags, ok, with_template


def test_code_change() -> None:
    sup = Sup(flags(intensity=0, period_s=1.0)).start()
    ok(sup.upgrade(flags(intensity=1, period_s=3.0)))
    assert sup.state.flags == flags(intensity=1, period_s=3.0)
    before = sup.state
    faulty = sup.upgrade(flags(), a_spec("child1", shutdown_s=-1.0))
    assert faulty.refusal is Refusal.INVALID
    assert "shutdown is -1.0 s" in faulty.detail
    assert sup.upgrade(flags(intensity=-1)).refusal is Refusal.INVALID
    assert sup.upgrade(flags(), a_spec("child1"), a_spec("child1")).refusal is Refusal.INVALID
    assert sup.state == before
    _merge(sup)


def test_code_change_map() -> None:
    sup = Sup().start()
    _merge(sup)
    spec = queries.get_childspec(sup.state, "child1")
    assert spec is not None
    assert spec.shutdown.timeout_s == 1.0
    # What is new holds from the next event on.
    sup.manner("child1").stop_s = None
    began_s = sup.world.now_s
    ok(sup.terminate_child("child1"))
    assert 1.0 <= sup.world.now_s - began_s < 1.1


def _merge(sup: Sup) -> None:
    ok(sup.upgrade(flags(), a_spec("child1", shutdown_s=2.0), a_spec("child2")))
    assert sup.which() == [("child2", "undefined"), ("child1", "undefined")]
    first, second = ok(sup.restart_child("child1")), ok(sup.restart_child("child2"))
    ok(sup.upgrade(flags(), a_spec("child1", shutdown_s=1.0), a_spec("child3")))
    assert sup.which() == [("child2", second), ("child3", "undefined"), ("child1", first)]


def test_code_change_simple() -> None:
    sup = Sup(with_template(a_spec("child1", shutdown_s=BRUTAL_KILL))).start()
    first = ok(sup.start_child("one"))
    changed = a_spec("child1", shutdown_s=1.0)
    ok(sup.upgrade(with_template(changed)))
    assert sup.which() == [("one", first)]
    assert queries.get_childspec(sup.state, "one") == replace(changed, child_id="one", dynamic=True)
    assert sup.upgrade(with_template(changed), a_spec("child2")).refusal is Refusal.INVALID
    assert sup.upgrade(flags()).refusal is Refusal.INVALID  # its template would be gone


def test_code_change_simple_map() -> None:
    sup = Sup().start(a_spec("child1"))
    refused = sup.upgrade(with_template(a_spec("child1")))
    assert refused.refusal is Refusal.INVALID
    assert "start the supervisor anew" in refused.detail
    sup.terminate()
    assert sup.upgrade(flags()).refusal is Refusal.STOPPING


def test_scale_start_stop_many_children() -> None:
    few, many = (_start_and_stop(number) for number in (100, 1000))
    assert many < 100 * few  # linear would be 10


def _start_and_stop(number: int) -> float:
    sup = Sup().start()
    specs = [a_spec(f"child{each}") for each in range(number)]
    began_s = time.process_time()
    for spec in specs:
        ok(sup.start_child(spec))
    for spec in specs:
        ok(sup.terminate_child(spec.child_id))
    assert sup.counts() == [number, 0, 0, number]
    return time.process_time() - began_s


def test_format_log_1() -> None:
    """A supervisor's last words say which limit, which child and why."""
    sup = Sup(flags(intensity=0, period_s=300.0)).start(a_spec("git"), a_spec("story/US-1"))
    sup.exits("git", ExitReason(exit_class=ExitClass.ABNORMAL, detail="signal SIGSEGV"))
    assert sup.ended is not None
    assert sup.ended.reason.detail == (
        "more than 0 restarts within 300 s; the last: 'git', signal SIGSEGV"
    )


def test_format_log_2() -> None:
    """However much a child had to say, and however deep the tree: the text is bounded."""
    chatty = ExitReason(exit_class=ExitClass.ABNORMAL, detail="x" * 10_000)
    sup = Sup(flags(intensity=0)).start(a_spec("child"))
    sup.exits("child", chatty)
    assert sup.ended is not None
    assert len(sup.ended.reason.detail) < 600
    begun = Sup()
    begun.manner("child").script("fail")
    begun.manner("child").fails_with = chatty
    begun.start(a_spec("child"))
    assert begun.ended is not None
    assert len(begun.ended.reason.detail) < 600
