"""Declared files as locks."""

from __future__ import annotations

import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.graph import locks
from prd_supervise.supervisor.prd.graph.inference import Rules
from prd_supervise.supervisor.prd.graph.locks import ALL, with_locks
from prd_supervise.supervisor.prd.graph.scopes import touching
from prd_supervise.supervisor.prd.model import Parallel, Plan, PlannedStory


def plan(*scopes: tuple[str, ...]) -> Plan:
    stories = tuple(
        PlannedStory(story_id=f"S{at}", title="", files=files) for at, files in enumerate(scopes)
    )
    return Plan(prd_id="P", title="", path="/p", stories=stories)


def apart(found: Plan) -> set[tuple[str, str]]:
    """The pairs that exclude each other."""
    return {
        (one.story_id, other.story_id)
        for one, other in combinations(found.stories, 2)
        if set(one.mutex) & set(other.mutex)
    }


def test_stories_whose_files_can_be_the_same_share_a_name_and_others_do_not() -> None:
    found = with_locks(plan(("src/**",), ("src/a.py",), ("src/b.py",), ("docs/",), ()))
    assert apart(found.plan) == {("S0", "S1"), ("S0", "S2")}
    assert [lock.stories for lock in found.locks] == [("S0", "S1"), ("S0", "S2")]


def test_all_who_meet_each_other_need_one_name() -> None:
    found = with_locks(plan(*((("src/**",),) * 40)))
    assert len(found.locks) == 1
    assert len(apart(found.plan)) == 40 * 39 / 2


def test_a_name_that_the_prd_has_written_stays() -> None:
    stories = tuple(
        PlannedStory(story_id=name, title="", files=("x",), mutex=("db",)) for name in "ab"
    )
    found = with_locks(Plan(prd_id="P", title="", path="/p", stories=stories)).plan
    assert [each.mutex for each in found.stories] == [("db", "files of a, b")] * 2


GLOBS = st.sampled_from(["a", "b", "a/*", "a/b", "*/b", "**", "a/**/c", "src/*.py", "src/x*"])


@settings(max_examples=200, deadline=None)
@given(scopes=st.lists(st.lists(GLOBS, max_size=3).map(tuple), max_size=9))
def test_exactly_the_stories_that_meet_exclude_each_other(scopes: list[tuple[str, ...]]) -> None:
    found = with_locks(plan(*scopes))
    met = touching(scopes)
    pairs = {
        (f"S{one}", f"S{other}")
        for one, other in combinations(range(len(scopes)), 2)
        if met[one] >> other & 1
    }
    assert apart(found.plan) == pairs
    assert len({lock.name for lock in found.locks}) == len(found.locks)


def test_too_many_pairs_share_one_name_and_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "MEMBERS_MAX", 20)
    columns = [(f"src/{at}/*",) for at in range(10)]
    rows = [(f"src/*/{at}",) for at in range(10)]
    found = with_locks(plan(*columns, *rows))
    assert ALL in {lock.name for lock in found.locks}
    met = {(f"S{one}", f"S{10 + other}") for one in range(10) for other in range(10)}
    assert met <= apart(found.plan)


def test_a_thousand_stories_that_meet_crosswise_take_no_long_time() -> None:
    columns = [(f"src/{at}/*",) for at in range(500)]
    rows = [(f"src/*/{at}",) for at in range(500)]
    began_s = time.process_time()
    found = with_locks(plan(*columns, *rows))
    assert time.process_time() - began_s < 30
    assert sum(len(lock.stories) for lock in found.locks) < locks.MEMBERS_MAX + 2_000


def test_the_strategy_is_the_command_lines_else_the_prds_else_the_configurations() -> None:
    quiet = Plan(prd_id="P", title="", path="/p", stories=())
    asks = Plan(
        prd_id="P", title="", path="/p", stories=(), parallel=Parallel(conflict_strategy="file")
    )
    assert Rules(strategy="none").strategy_of(quiet) == "none"
    assert Rules(strategy="none").strategy_of(asks) == "file"
    assert Rules(strategy="none", has_strategy=True).strategy_of(asks) == "none"


def test_with_strategy_none_nothing_is_inferred_unless_somebody_typed_a_mode() -> None:
    quiet = Plan(prd_id="P", title="", path="/p", stories=())
    assert Rules(strategy="none").mode_of(quiet) == "none"
    assert Rules(strategy="none", mode="text", is_insisted=True).mode_of(quiet) == "text"
    assert Rules(strategy="file").mode_of(quiet) == "files"
