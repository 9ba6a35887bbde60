from __future__ import annotations

import errno
from pathlib import Path

from prd_supervise.supervisor.prd.defect import Defect
from prd_supervise.supervisor.ui.errors import FatalError, UsageError
from prd_supervise.supervisor.ui.invalid_input import InvalidInputError
from prd_supervise.supervisor.ui.streams import refused


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


def test_a_folder_that_we_may_not_see_is_for_a_person_to_mend_and_a_bug_is_not() -> None:
    told = refused(PermissionError(errno.EACCES, "Permission denied", "/srv/.prd-supervise"))
    assert told.startswith("/srv/.prd-supervise: Permission denied; take the right to it")
    assert refused(FileNotFoundError(errno.ENOENT, "No such file", "/srv/x")) == ""
    assert refused(PermissionError(errno.EACCES, "Permission denied")) == ""
    assert refused(ValueError("x")) == ""
