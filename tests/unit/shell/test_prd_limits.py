from __future__ import annotations

import json
from pathlib import Path

from prd_supervise.policies.bounds import AUTO_WORKERS
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.defect import Defect
from prd_supervise.supervisor.prd.model import Parallel, Plan, Supervision
from prd_supervise.supervisor.prd.read import read_file
from prd_supervise.supervisor.shell.prd_limits import (
    STRATEGY,
    limits_of,
    merging_of,
    only_reachable,
)
from prd_supervise.workers.messages.prd import Limits
from prd_supervise.workers.messages.rules import MergeRules, Strategy


def read_plan(path: Path, *, base_branch: str = "") -> tuple[Plan | None, tuple[Defect, ...]]:
    reading = read_file(path, base_branch=base_branch)
    return next(iter(reading.plans), None), reading.errors


NOBODY: frozenset[str] = frozenset()


def plan_of(folder: Path, name: str, **supervision: object) -> Plan:
    path = folder / name
    document = {"supervision": supervision, "stories": [{"id": "A", "title": "t"}]}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    plan, defects = read_plan(path)
    assert plan is not None, defects
    return plan


def test_whatever_a_prd_may_say_is_a_limit() -> None:
    limits = set(Limits.__struct_fields__)
    assert set(Supervision.__struct_fields__) <= limits


def test_the_prd_overrules_the_configuration_and_the_command_line_the_prd(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "a.json", max_workers=1, max_hangs=9, strategy="one_for_all")
    configured = Limits(max_workers=5, max_attempts=2)

    found = limits_of(configured, NOBODY, plan)

    assert (found.max_workers, found.max_hangs, found.strategy) == (1, 9, "one_for_all")
    assert found.max_attempts == 2
    assert limits_of(configured, frozenset({"max_workers"}), plan).max_workers == 5
    assert limits_of(configured, NOBODY, None) == configured


def parallel(plan: Plan, **said: object) -> Plan:
    return replace(plan, parallel=Parallel(**said))  # type: ignore[arg-type]  # its fields


def test_a_prd_that_is_not_parallel_runs_one_story_at_a_time_unless_the_command_line_insists(
    tmp_path: Path,
) -> None:
    plan = parallel(plan_of(tmp_path, "a.json", max_workers=4), enabled=False, max_workers=2)
    assert limits_of(Limits(), NOBODY, plan).max_workers == 1
    assert limits_of(Limits(max_workers=5), frozenset({"max_workers"}), plan).max_workers == 5


def test_the_bound_of_a_parallel_section_holds_unless_the_supervision_says_another(
    tmp_path: Path,
) -> None:
    silent = plan_of(tmp_path, "a.json")
    said = plan_of(tmp_path, "b.json", max_workers=4)
    configured = Limits(max_workers=3)
    for enabled in (None, True):
        assert limits_of(configured, NOBODY, parallel(silent, enabled=enabled)) == configured
        bound = parallel(silent, enabled=enabled, max_workers=7)
        assert limits_of(configured, NOBODY, bound).max_workers == 7
        both = parallel(said, enabled=enabled, max_workers=7)
        assert limits_of(configured, NOBODY, both).max_workers == 4


def test_a_prd_whose_intensity_is_out_of_reach_is_set_aside_with_the_arithmetic(
    tmp_path: Path,
) -> None:
    good = plan_of(tmp_path, "good.json", intensity=3)
    bad = plan_of(tmp_path, "bad.json", period_s=10, intensity=5)
    configured = Limits()

    plans, defects = only_reachable([good, bad], configured, NOBODY)

    assert plans == (good,)
    assert [str(each.relative_to(tmp_path)) for each in defects] == [
        (
            "bad.json:4:16: supervision: intensity 5 in 10 s can never be reached by one child: "
            "5 of its restarts wait at least 0.5+1+2+4+8 = 15.5 s; "
            "lower backoff_cap_s or intensity, or raise period_s"
        )
    ]


def test_half_of_the_words_may_be_the_configuration_s(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "a.json", period_s=10)
    assert only_reachable([plan], Limits(backoff_cap_s=2.0), NOBODY) == ((plan,), ())
    assert only_reachable([plan], Limits(), NOBODY)[0] == ()


def test_auto_and_numbers_overrule_each_other_by_the_same_order(tmp_path: Path) -> None:
    auto = replace(plan_of(tmp_path, "a.json"), parallel=Parallel(max_workers=AUTO_WORKERS))
    three = replace(auto, parallel=Parallel(max_workers=3))
    one = replace(auto, parallel=Parallel(max_workers=AUTO_WORKERS, enabled=False))
    by_number, by_itself = Limits(max_workers=5), Limits(max_workers=0, auto_workers=True)

    found = limits_of(by_number, NOBODY, auto)
    assert (found.max_workers, found.auto_workers) == (0, True)
    found = limits_of(by_itself, NOBODY, three)
    assert (found.max_workers, found.auto_workers) == (3, False)
    assert limits_of(by_number, frozenset({"max_workers"}), auto) == by_number
    assert limits_of(by_itself, frozenset({"max_workers"}), three) == by_itself
    found = limits_of(by_itself, NOBODY, one)
    assert (found.max_workers, found.auto_workers) == (1, False)


def test_a_prds_strategy_goes_before_the_configurations_and_behind_the_command_lines() -> None:
    said = Plan(
        prd_id="P", title="", path="/p", stories=(), parallel=Parallel(conflict_strategy="file")
    )
    rules = MergeRules(strategy=Strategy.NONE)
    assert merging_of(rules, NOBODY, said).strategy is Strategy.FILE
    assert merging_of(rules, frozenset({STRATEGY}), said) == rules
    assert merging_of(rules, NOBODY, None) == rules
