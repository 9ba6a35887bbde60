"""supervisor_SUITE: supervisors that end when the children that matter have ended."""

from __future__ import annotations

import itertools

import pytest

from prd_supervise.policies.supervising.childspecs import check_flags
from prd_supervise.policies.supervising.spec import (
    AutoShutdown,
    ChildKind,
    ExitClass,
    Restart,
    Strategy,
)
from prd_supervise.supervisor.core.otp.commands import Refusal
from tests.support.otp_sup import Sup
from tests.support.otp_words import (
    ABNORMAL,
    KILLED,
    NORMAL,
    TEMPORARY,
    TRANSIENT,
    a_spec,
    flags,
    ok,
)

NEVER, ANY, ALL = AutoShutdown.NEVER, AutoShutdown.ANY_SIGNIFICANT, AutoShutdown.ALL_SIGNIFICANT


def _ended(sup: Sup) -> bool:
    sup.world.wait(30.0)
    if sup.ended is None:
        return False
    assert not sup.lives
    assert not sup.ended.burnt_out
    assert sup.ended.reason.exit_class is ExitClass.SHUTDOWN
    return True


def _three(auto: AutoShutdown, restart: Restart) -> Sup:
    """Two that matter and one that does not."""
    sup = Sup(flags(intensity=5, auto_shutdown=auto)).start()
    for number, significant in ((1, True), (2, True), (3, False)):
        ok(sup.start_child(a_spec(f"child{number}", restart, significant=significant)))
    return sup


@pytest.mark.parametrize("auto", AutoShutdown)
def test_nonsignificant_temporary(auto: AutoShutdown) -> None:
    sup = Sup(flags(auto_shutdown=auto)).start()
    ok(sup.start_child(a_spec("child1", TEMPORARY)))
    ok(sup.terminate_child("child1"))
    for reason in (KILLED, ABNORMAL, NORMAL):
        ok(sup.start_child(a_spec("child1", TEMPORARY)))
        sup.exits("child1", reason)
        assert not _ended(sup)


@pytest.mark.parametrize("auto", AutoShutdown)
def test_nonsignificant_transient(auto: AutoShutdown) -> None:
    sup = Sup(flags(intensity=5, auto_shutdown=auto)).start()
    ok(sup.start_child(a_spec("child1", TRANSIENT)))
    ok(sup.terminate_child("child1"))
    ok(sup.restart_child("child1"))
    for reason in (KILLED, ABNORMAL, NORMAL):
        sup.exits("child1", reason)
        assert not _ended(sup)
    assert sup.which() == [("child1", "undefined")]


def test_significant_temporary() -> None:
    sup = _three(ANY, TEMPORARY)
    ok(sup.terminate_child("child1"))
    assert not _ended(sup)
    ok(sup.start_child(a_spec("child1", TEMPORARY, significant=True)))
    sup.exits("child1", KILLED)
    assert _ended(sup)
    for reason in (ABNORMAL, NORMAL):
        sup = _three(ANY, TEMPORARY)
        sup.exits("child1", reason)
        assert _ended(sup)
    sup = _three(ALL, TEMPORARY)
    sup.exits("child1", NORMAL)
    assert not _ended(sup)
    sup.exits("child2", NORMAL)
    assert _ended(sup)


def test_significant_transient() -> None:
    sup = _three(ANY, TRANSIENT)
    ok(sup.terminate_child("child1"))
    assert not _ended(sup)
    ok(sup.restart_child("child1"))
    for reason in (KILLED, ABNORMAL):
        sup.exits("child1", reason)
        assert not _ended(sup)
        assert "child1" in sup.lives
    sup.exits("child1", NORMAL)
    assert _ended(sup)
    sup = _three(ALL, TRANSIENT)
    sup.exits("child1", NORMAL)
    assert not _ended(sup)
    sup.exits("child2", NORMAL)
    assert _ended(sup)


def test_a_significant_child_that_is_restarting_still_counts() -> None:
    sup = Sup(flags(intensity=5, auto_shutdown=ALL), backoff_s=8.0).start()
    for name in ("child1", "child2"):
        ok(sup.start_child(a_spec(name, TRANSIENT, significant=True)))
    sup.exits("child1", ABNORMAL)
    sup.exits("child2", NORMAL)
    assert not _ended(sup)
    sup.exits("child1", NORMAL)
    assert _ended(sup)


def test_significant_simple() -> None:
    for auto in AutoShutdown:
        wanted = flags(auto_shutdown=auto, template=a_spec("child"))
        assert bool(check_flags(wanted)) == (auto is not NEVER)
        sup = Sup(wanted).start()
        assert (sup.ended is not None) == (auto is not NEVER)


@pytest.mark.parametrize(("strategy", "auto"), [*itertools.product(Strategy, (ANY, ALL))])
def test_significant_bystander(strategy: Strategy, auto: AutoShutdown) -> None:
    sup = Sup(flags(strategy, 5, auto_shutdown=auto)).start()
    for number, significant in ((1, True), (2, False), (3, True)):
        ok(sup.start_child(a_spec(f"child{number}", TRANSIENT, significant=significant)))
    sup.log.clear()
    sup.exits("child2", KILLED)
    downs = {line.split()[0] for line in sup.log if line.startswith("-")}
    assert (
        downs
        == {
            Strategy.ONE_FOR_ONE: {"-child2"},
            Strategy.ONE_FOR_ALL: {"-child1", "-child2", "-child3"},
            Strategy.REST_FOR_ONE: {"-child2", "-child3"},
        }[strategy]
    )
    assert not _ended(sup)
    assert len(sup.lives) == 3


@pytest.mark.parametrize("significant", [True, False])
def test_significant_escalation(significant: bool) -> None:  # noqa: FBT001  a column of the table
    top = Sup(flags(auto_shutdown=ANY))
    top.manner("sup1").inner = lambda: Sup(flags(auto_shutdown=ANY), top.world)
    top.start()
    spec = a_spec("sup1", TRANSIENT, None, kind=ChildKind.PRD, significant=significant)
    ok(top.start_child(spec))
    inner = top.inner("sup1")
    ok(inner.start_child(a_spec("child1", TRANSIENT, significant=True)))
    inner.exits("child1", NORMAL)
    assert _ended(inner)
    assert _ended(top) == significant


def _upgraded(before: AutoShutdown, after: AutoShutdown) -> Sup:
    """Two children that matter, and another auto_shutdown from now on."""
    sup = Sup(flags(auto_shutdown=before)).start()
    specs = [a_spec(f"child{number}", TRANSIENT, significant=True) for number in (1, 2)]
    if before is NEVER:
        assert sup.start_child(specs[0]).refusal is Refusal.INVALID
        ok(sup.upgrade(flags(auto_shutdown=after)))
    for spec in specs:
        ok(sup.start_child(spec))
    if before is not NEVER:
        ok(sup.upgrade(flags(auto_shutdown=after)))
    assert not _ended(sup)
    return sup


def _never_ends(sup: Sup) -> None:
    other = a_spec("child3", TRANSIENT, significant=True)
    assert sup.start_child(other).refusal is Refusal.INVALID
    for name in ("child1", "child2"):
        sup.exits(name, NORMAL)
        assert not _ended(sup)
    ok(sup.restart_child("child1"))


def _ends_with_the_first(sup: Sup) -> None:
    sup.exits("child1", NORMAL)
    assert _ended(sup)


def _ends_with_the_last(sup: Sup) -> None:
    sup.exits("child1", NORMAL)
    assert not _ended(sup)
    sup.exits("child2", NORMAL)
    assert _ended(sup)


def test_significant_upgrade_never_any() -> None:
    _ends_with_the_first(_upgraded(NEVER, ANY))


def test_significant_upgrade_any_never() -> None:
    _never_ends(_upgraded(ANY, NEVER))


def test_significant_upgrade_never_all() -> None:
    _ends_with_the_last(_upgraded(NEVER, ALL))


def test_significant_upgrade_all_never() -> None:
    _never_ends(_upgraded(ALL, NEVER))


def test_significant_upgrade_any_all() -> None:
    _ends_with_the_last(_upgraded(ANY, ALL))


def test_significant_upgrade_all_any() -> None:
    _ends_with_the_first(_upgraded(ALL, ANY))


def test_significant_upgrade_child() -> None:
    plain, matters = (a_spec("child", TRANSIENT, significant=each) for each in (False, True))
    sup = Sup(flags(auto_shutdown=NEVER)).start(plain)
    before = sup.state
    assert sup.upgrade(flags(auto_shutdown=NEVER), matters).refusal is Refusal.INVALID
    assert sup.state == before
    for old, new in ((plain, matters), (matters, plain)):
        sup = Sup(flags(auto_shutdown=ANY)).start(old)
        ok(sup.upgrade(flags(auto_shutdown=ANY), new))
        assert not _ended(sup)
        sup.exits("child", NORMAL)
        assert _ended(sup) == new.significant
