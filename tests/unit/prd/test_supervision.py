from __future__ import annotations

import json
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.defect import Defect
from prd_supervise.supervisor.prd.model import Plan, Supervision
from prd_supervise.supervisor.prd.read import read_file


def read_plan(path: Path, *, base_branch: str = "") -> tuple[Plan | None, tuple[Defect, ...]]:
    reading = read_file(path, base_branch=base_branch)
    return next(iter(reading.plans), None), reading.errors


WHOLE = {
    "strategy": "rest_for_one",
    "restart": "temporary",
    "intensity": 0,
    "period_s": 12.5,
    "backoff_base_s": 0,
    "backoff_cap_s": 7,
    "max_attempts": 1,
    "max_memory_kills": 2,
    "max_hangs": 3,
    "max_workers": 0,
}


def put(folder: Path, supervision: object) -> Path:
    path = folder / "prd.json"
    document = {"supervision": supervision, "stories": [{"id": "A", "title": "t"}]}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


def said(folder: Path, supervision: object) -> Supervision | None:
    plan, defects = read_plan(put(folder, supervision))
    assert defects == ()
    assert plan is not None
    return plan.supervision


def refused(folder: Path, supervision: object) -> list[str]:
    plan, defects = read_plan(put(folder, supervision))
    assert plan is None
    return [str(defect.relative_to(folder)) for defect in defects]


def test_every_key_is_read(tmp_path: Path) -> None:
    assert said(tmp_path, WHOLE) == Supervision(**WHOLE)  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", [None, {}])
def test_what_is_not_said_is_the_configuration_s(tmp_path: Path, nothing: object) -> None:
    assert said(tmp_path, nothing) in {None, Supervision()}


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("strategy", "one", "'one'; one of one_for_one, one_for_all, rest_for_one is allowed"),
        ("strategy", 1, "1; one of "),
        ("restart", "permanent", "'permanent'; one of transient, temporary is allowed"),
        ("intensity", -1, "-1; a whole number from 0 to 10000 is allowed"),
        ("intensity", True, "true; a whole number"),
        ("intensity", 2.0, "2.0; a whole number"),
        ("max_attempts", 0, "0; a whole number from 1 to 10000 is allowed"),
        ("max_memory_kills", "3", "'3'; a whole number from 1"),
        ("max_hangs", 10_001, "10001; a whole number from 1"),
        ("max_workers", [], "a list; a whole number from 0"),
        ("period_s", 0, "0; a number of seconds, more than 0 up to 1000000, is allowed"),
        ("period_s", "5", "'5'; a number of seconds"),
        ("backoff_base_s", -0.5, "-0.5; a number of seconds, from 0 up to 1000000, is allowed"),
        ("backoff_base_s", False, "false; a number of seconds"),
        ("backoff_cap_s", 1_000_001, "1000001; a number of seconds"),
    ],
)
def test_a_bad_value_is_refused_with_its_place(
    tmp_path: Path, key: str, value: object, allowed: str
) -> None:
    (found,) = refused(tmp_path, {key: value})
    column = len(f'  "{key}": ') + 1
    assert found.startswith(f"prd.json:3:{column}: {key} is {allowed}")


def test_an_unknown_key_is_refused_with_the_nearest_right_one(tmp_path: Path) -> None:
    assert refused(tmp_path, {"intensty": 3, "x": 1}) == [
        "prd.json:3:15: unknown key 'intensty' in supervision; did you mean 'intensity'?",
        "prd.json:4:8: unknown key 'x' in supervision; allowed are " + ", ".join(WHOLE),
    ]


@pytest.mark.parametrize("value", [[], "one_for_all", 3, True])
def test_it_must_be_an_object(tmp_path: Path, value: object) -> None:
    (found,) = refused(tmp_path, value)
    assert found.startswith("prd.json:2:17: supervision is ")
    assert found.endswith("; an object is allowed")
