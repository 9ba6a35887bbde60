from __future__ import annotations

from pathlib import Path

from prd_supervise.supervisor.prd.defect import Defect
from prd_supervise.supervisor.ui.errors import FatalError, UsageError
from prd_supervise.supervisor.ui.invalid_input import InvalidInputError


def test_every_kind_of_error_has_its_exit_code() -> None:
    assert UsageError("x").exit_code == 2
    assert FatalError("x").exit_code == 1
    assert InvalidInputError([]).exit_code == 78


def test_an_error_prints_as_its_lines() -> None:
    assert UsageError("a\nb").lines() == ("a", "b")


def test_invalid_input_prints_one_line_for_each_defect() -> None:
    defects = [
        Defect(path="/repo/prd.json", line=1, column=2, message="x"),
        Defect(path="environment", message="y"),
    ]
    error = InvalidInputError(defects)
    assert error.defects == tuple(defects)
    assert error.lines(Path("/repo")) == ("prd.json:1:2: x", "environment: y")
    assert error.lines() == ("/repo/prd.json:1:2: x", "environment: y")
    assert str(error) == "/repo/prd.json:1:2: x\nenvironment: y"
