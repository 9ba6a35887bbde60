from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.policies.supervising.spec import Restart, Strategy
from prd_supervise.supervisor.shell.run_settings import RootSettings
from prd_supervise.supervisor.ui.settings.config import load_settings
from prd_supervise.supervisor.ui.settings.tree import root_settings

IN_10_S = "intensity 5 in 10 s can never be reached by one child: "
SUM = "5 of its restarts wait at least 0.5+1+2+4+8 = 15.5 s; "
ADVICE = "lower backoff_cap_s or intensity, or raise period_s"


def tree(folder: Path, text: str, environ: dict[str, str] | None = None) -> RootSettings:
    (folder / "prd-supervise.toml").write_text(text, encoding="utf-8")
    settings, defects = load_settings(folder, environ=environ or {}, overrides={})
    assert defects == ()
    assert settings is not None
    return root_settings(settings, folder)


def defects_of(
    folder: Path,
    text: str,
    environ: dict[str, str] | None = None,
    overrides: dict[str, object] | None = None,
) -> list[str]:
    (folder / "prd-supervise.toml").write_text(text, encoding="utf-8")
    settings, defects = load_settings(folder, environ=environ or {}, overrides=overrides or {})
    assert settings is None
    return [str(defect.relative_to(folder)) for defect in defects]


def test_every_key_of_both_levels_reaches_the_tree(tmp_path: Path) -> None:
    found = tree(
        tmp_path,
        """
        [restart]
        strategy = "rest_for_one"
        restart = "temporary"
        intensity = 4
        period_s = 100
        backoff_base_s = 0.5
        backoff_cap_s = 2
        max_attempts = 7
        max_memory_kills = 2
        max_hangs = 1
        [restart.prds]
        strategy = "one_for_all"
        restart = "temporary"
        intensity = 3
        period_s = 600
        backoff_base_s = 2
        backoff_cap_s = 8
        """,
    )
    limits, policy = found.limits, found.prds
    assert (limits.strategy, limits.restart) == ("rest_for_one", "temporary")
    assert (limits.intensity, limits.period_s) == (4, 100.0)
    assert (limits.backoff_base_s, limits.backoff_cap_s) == (0.5, 2.0)
    assert (limits.max_attempts, limits.max_memory_kills, limits.max_hangs) == (7, 2, 1)
    assert (policy.strategy, policy.restart) == (Strategy.ONE_FOR_ALL, Restart.TEMPORARY)
    assert (policy.intensity, policy.period_s) == (3, 600.0)
    assert (policy.backoff_base_s, policy.backoff_cap_s) == (2.0, 8.0)


def test_root_has_the_window_of_restart_where_its_own_table_is_silent(tmp_path: Path) -> None:
    policy = tree(
        tmp_path,
        """
        [restart]
        strategy = "one_for_all"
        intensity = 4
        period_s = 100
        backoff_cap_s = 2
        [restart.prds]
        intensity = 5
        """,
    ).prds
    assert (policy.intensity, policy.period_s, policy.backoff_cap_s) == (5, 100.0, 2.0)
    assert policy.strategy is Strategy.ONE_FOR_ONE, "who else is restarted is each level's own"


def test_the_table_of_prds_can_be_set_by_the_environment(tmp_path: Path) -> None:
    environ = {
        "PRD_SUPERVISE_RESTART_PRDS_INTENSITY": "2",
        "PRD_SUPERVISE_RESTART_STRATEGY": "one_for_all",
    }
    found = tree(tmp_path, "", environ)
    assert found.prds.intensity == 2
    assert found.limits.intensity == 5
    assert found.limits.strategy == "one_for_all"


@pytest.mark.parametrize(
    ("line", "defect"),
    [
        ('strategy = "all"', "strategy: 'all' was found; it should be 'one_for_one', "),
        ('restart = "permanent"', "restart: 'permanent' was found; permanent would start again"),
        ('restart = "always"', "restart: 'always' was found; it should be 'transient', "),
        ("max_hangs = 0", "max_hangs: 0 was found; it should be greater than or equal to 1"),
        ("max_memory_kills = 1.5", "max_memory_kills: 1.5 was found; it should be a valid int"),
        ("period_s = 0", "period_s: 0 was found; it should be greater than 0"),
    ],
)
@pytest.mark.parametrize("table", ["restart", "restart.prds"])
def test_what_makes_no_sense_is_refused_with_its_place(
    tmp_path: Path, table: str, line: str, defect: str
) -> None:
    (found, *more) = defects_of(tmp_path, f"[{table}]\n{line}\n")
    assert not more
    if table == "restart.prds" and line.startswith("max"):
        assert "unknown key 'restart.prds.max" in found
    else:
        assert found.startswith(f"prd-supervise.toml:2:1: {table}.{defect}")


def test_an_intensity_out_of_reach_is_refused_where_it_stands(tmp_path: Path) -> None:
    text = "[restart]\nperiod_s = 10\nintensity = 5\n"
    found = defects_of(tmp_path, text)
    assert found == [f"prd-supervise.toml:3:1: [restart] {IN_10_S}{SUM}{ADVICE}"]


def test_root_s_own_window_is_refused_apart(tmp_path: Path) -> None:
    text = "[restart.prds]\nperiod_s = 10\n"
    assert defects_of(tmp_path, text) == [
        f"prd-supervise.toml:2:1: [restart.prds] {IN_10_S}{SUM}{ADVICE}"
    ]


def test_the_origin_that_overrules_the_others_is_the_culprit(tmp_path: Path) -> None:
    text = "[restart]\nintensity = 5\n"
    found = defects_of(tmp_path, text, {"PRD_SUPERVISE_RESTART_PERIOD_S": "10"})
    assert found == [f"environment: [restart] {IN_10_S}{SUM}{ADVICE}"]


def test_a_short_backoff_makes_a_short_period_right(tmp_path: Path) -> None:
    assert tree(tmp_path, "[restart]\nperiod_s = 10\nbackoff_cap_s = 2\n").limits.period_s == 10
