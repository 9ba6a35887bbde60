from __future__ import annotations

import os
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.children.program import PACKAGE, Program, ProgramReplacedError

WORDS = "workers/messages/prd.py"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A program as it lies in a checkout."""
    made = tmp_path / "prd_supervise"
    for name in (WORDS, "policies/merging/trains.py", "supervisor/ui/check.py"):
        (made / name).parent.mkdir(parents=True)
        (made / name).write_text("one = 1\n")
    return made


@pytest.fixture
def record(package: Path) -> Path:
    """The installer's own note on it."""
    info = package.parent / "prd_supervise-0.1.0.dist-info"
    info.mkdir()
    record = info / "RECORD"
    record.write_text("prd_supervise/__init__.py,,\n")
    return record


def test_a_program_that_nobody_touches_is_itself(package: Path) -> None:
    Program(package).require()
    Program().require()


@pytest.mark.parametrize("name", [WORDS, "policies/merging/trains.py"])
def test_other_words_in_a_checkout_are_another_program(package: Path, name: str) -> None:
    program = Program(package)
    (package / name).write_text("one, two = 1, 2\n")
    with pytest.raises(ProgramReplacedError):
        program.require()


def test_a_file_that_comes_or_goes_is_noticed(package: Path) -> None:
    program = Program(package)
    (package / "workers/messages/more.py").touch()
    with pytest.raises(ProgramReplacedError):
        program.require()
    (package / "workers/messages/more.py").unlink()
    program.require()
    (package / WORDS).unlink()
    with pytest.raises(ProgramReplacedError):
        program.require()


def test_work_on_what_children_do_not_hear_of_ends_no_tree(package: Path) -> None:
    program = Program(package)
    (package / "supervisor/ui/check.py").write_text("two = 2\n")
    (package / "workers/messages/__pycache__").mkdir()
    (package / "workers/messages/__pycache__/prd.cpython-311.pyc").touch()
    program.require()


def test_an_installation_is_replaced_when_its_installer_says_so(
    package: Path, record: Path
) -> None:
    program = Program(package)
    (package / "workers/messages/prd.py").write_text("two = 2\n")
    program.require()
    os.utime(record, (1, 1))
    with pytest.raises(ProgramReplacedError):
        program.require()


def test_an_installation_that_is_gone_or_has_another_version_is_replaced(
    package: Path, record: Path
) -> None:
    program = Program(package)
    record.parent.rename(record.parent.with_name("prd_supervise-0.2.0.dist-info"))
    with pytest.raises(ProgramReplacedError):
        program.require()


def test_the_rooms_that_are_looked_at_are_there() -> None:
    seen = Program(PACKAGE)._seen()
    assert str(PACKAGE / WORDS) in seen
    assert str(PACKAGE / "supervisor/shell/storage/migrations/registered.py") in seen
