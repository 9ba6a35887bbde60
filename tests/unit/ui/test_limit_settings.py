from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.policies.ceilings.verdicts import Ceilings
from prd_supervise.supervisor.ui.settings.config import Settings, load_settings
from prd_supervise.supervisor.ui.settings.tree import root_settings

GIB = 1 << 30


def load(
    folder: Path,
    *lines: str,
    environ: dict[str, str] | None = None,
    overrides: dict[str, object] | None = None,
) -> tuple[Settings | None, list[str]]:
    if lines:
        text = "\n".join(("[limits]", *lines))
        (folder / "prd-supervise.toml").write_text(text, encoding="utf-8")
    settings, defects = load_settings(folder, environ=environ or {}, overrides=overrides or {})
    return settings, [str(defect.relative_to(folder)) for defect in defects]


def ceilings(folder: Path, *lines: str, environ: dict[str, str] | None = None) -> Ceilings:
    settings, defects = load(folder, *lines, environ=environ)
    assert defects == []
    assert settings is not None
    return root_settings(settings, folder).ceilings


def test_without_settings_the_defaults_hold(tmp_path: Path) -> None:
    assert ceilings(tmp_path) == Ceilings()
    assert Ceilings().memory_high == 4 * GIB
    assert Ceilings().memory_max == 6 * GIB
    assert Ceilings().processes == 512


def test_every_ceiling_can_be_set_in_words_that_people_write(tmp_path: Path) -> None:
    lines = [
        'memory_high = "1.5GiB"',
        "memory_max = 2147483648",
        "cpu_percent = 150",
        "cpu_kill = true",
        "processes = 0",
        'prd_memory_max = "8 GiB"',
        'run_memory_max = "16GB"',
        "run_cpu_percent = 400.5",
        'memory_reserve = "512MiB"',
    ]
    assert ceilings(tmp_path, *lines) == Ceilings(
        memory_high=3 * GIB // 2,
        memory_max=2 * GIB,
        cpu_percent=150.0,
        cpu_kill=True,
        processes=0,
        prd_memory_max=8 * GIB,
        run_memory_max=16 * 10**9,
        run_cpu_percent=400.5,
        memory_reserve=512 << 20,
    )


def test_the_environment_overrules_the_file(tmp_path: Path) -> None:
    environ = {
        "PRD_SUPERVISE_LIMITS_MEMORY_HIGH": "2GiB",
        "PRD_SUPERVISE_LIMITS_MEMORY_RESERVE": "1048576",
    }
    found = ceilings(tmp_path, 'memory_high = "1GiB"', environ=environ)
    assert (found.memory_high, found.memory_reserve) == (2 * GIB, 1 << 20)


def test_of_high_and_max_the_one_that_nobody_has_said_follows_the_other(tmp_path: Path) -> None:
    lower = ceilings(tmp_path, 'memory_max = "3GiB"')
    assert (lower.memory_high, lower.memory_max) == (2 * GIB, 3 * GIB)
    higher = ceilings(tmp_path, 'memory_high = "8GiB"')
    assert (higher.memory_high, higher.memory_max) == (8 * GIB, 12 * GIB)
    nothing = ceilings(tmp_path, "memory_max = 0")
    assert (nothing.memory_high, nothing.memory_max) == (4 * GIB, 0)


@pytest.mark.parametrize(
    ("line", "defect"),
    [
        ('memory_high = "4G"', "memory_high: '4G' was found; write a size such as '4GiB'"),
        ('memory_max = "lots"', "memory_max: 'lots' was found; write a size such as"),
        ("memory_max = -1", "memory_max: -1 was found; it should be greater than or equal to 0"),
        ("memory_max = 1.5", "memory_max: 1.5 was found; it should be a valid integer"),
        ("memory_max = true", "memory_max: true was found; it should be a valid integer"),
        ('memory_max = "999999999TiB"', "memory_max: '999999999TiB' was found; it should be less"),
        ("cpu_percent = -5", "cpu_percent: -5 was found; it should be greater than or equal to 0"),
        ("cpu_percent = nan", "cpu_percent: nan was found; it should be "),
        ('cpu_percent = "50"', "cpu_percent: '50' was found; it should be a valid number"),
        ("cpu_kill = 1", "cpu_kill: 1 was found; it should be a valid boolean"),
        ("processes = -1", "processes: -1 was found; it should be greater than or equal to 0"),
        ("processes = 0.5", "processes: 0.5 was found; it should be a valid integer"),
    ],
)
def test_a_wrong_ceiling_says_where_and_what_is_allowed(
    tmp_path: Path, line: str, defect: str
) -> None:
    settings, defects = load(tmp_path, line)
    assert settings is None
    assert len(defects) == 1
    assert defects[0].startswith(f"prd-supervise.toml:2:1: limits.{defect}")


def test_an_unknown_ceiling_is_named_with_the_nearest(tmp_path: Path) -> None:
    assert load(tmp_path, "memory_hihg = 1")[1] == [
        "prd-supervise.toml:2:1: unknown key 'limits.memory_hihg'; did you mean 'memory_high'?"
    ]


def test_high_above_max_is_refused_where_it_was_said_last(tmp_path: Path) -> None:
    lines = ('memory_max = "2GiB"', 'memory_high = "3GiB"')
    why = "memory_high is 3 GiB and memory_max is 2 GiB; memory_high must not be above memory_max"
    assert load(tmp_path, *lines)[1] == [f"prd-supervise.toml:3:1: limits.memory_high: {why}"]
    environ = {"PRD_SUPERVISE_LIMITS_MEMORY_MAX": "1GiB"}
    why = "memory_high is 3 GiB and memory_max is 1 GiB; memory_high must not be above memory_max"
    assert load(tmp_path, *lines, environ=environ)[1] == [
        f"environment: PRD_SUPERVISE_LIMITS_MEMORY_MAX: {why}"
    ]


def test_high_and_max_may_be_one(tmp_path: Path) -> None:
    found = ceilings(tmp_path, 'memory_max = "2GiB"', 'memory_high = "2GiB"')
    assert found.memory_high == found.memory_max == 2 * GIB


def test_the_system_s_own_bound_is_wide_and_only_for_fork_bombs(tmp_path: Path) -> None:
    settings, _ = load(tmp_path, "processes = 100")
    assert settings is not None
    assert root_settings(settings, tmp_path).agents.spec().processes_max == 800
