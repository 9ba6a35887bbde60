"""The real program under a real `systemd --user`; where none can be had, all of it is skipped."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.support.e2e_fixtures import has_passed, pytest_runtest_makereport
from tests.support.e2e_processes import MARK
from tests.support.e2e_repo import Repo
from tests.support.tree import Tree
from tests.support.user_manager import UID, UserManager, why_no_manager
from tests.support.user_service import UserService, quoted

__all__ = ["pytest_runtest_makereport"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the manager needs one; everything here takes its time."""
    for item in items:
        if not item.path.is_relative_to(Path(__file__).parent):
            continue
        item.add_marker(pytest.mark.slow)
        if "manager" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.systemd_user)
            item.add_marker(pytest.mark.skipif(bool(why_no_manager()), reason=why_no_manager()))


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print what was measured."""
    passed = terminalreporter.stats.get("passed", [])
    found = [each for report in passed for each in report.user_properties if report.when == "call"]
    if found:
        terminalreporter.section("measured")
    for what, took_s in found:
        terminalreporter.write_line(f"{took_s:8.2f} s  {what}")


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Callable[[str, float], None]:
    """Write down how long something took; the end of the run shows it."""
    return record_property


@pytest.fixture(scope="session")
def manager() -> Iterator[UserManager]:
    """A user manager for all tests: it is started once."""
    made = UserManager()
    yield made
    made.close()


@pytest.fixture
def place(manager: UserManager) -> Iterator[Path]:
    """A folder of the user's; pytest's own are closed to everybody else."""
    folder = Path(tempfile.mkdtemp(prefix="prd-", dir=manager.folder))
    os.chown(folder, UID, UID)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def env(manager: UserManager, place: Path, mark: str) -> dict[str, str]:
    """The environment of the user's shell; the service has it from the file for keys."""
    temporary = place / "tmp"
    temporary.mkdir()
    os.chown(temporary, UID, UID)
    of_service = {"TMPDIR": str(temporary), MARK: mark}
    lines = [f"{name}={quoted(value)}\n" for name, value in of_service.items()]
    manager.put(manager.home / ".config/prd-supervise/env", "".join(lines))
    return manager.env | of_service


@pytest.fixture
def repo(request: pytest.FixtureRequest, place: Path, env: dict[str, str]) -> Iterator[Repo]:
    """A repository without a commit, of the user's; it has to be as it was at the end."""
    made = Repo(place / "repo", env, owner=UID)
    made.configure()
    yield made
    if has_passed(request):
        made.check_seal()


@pytest.fixture
def tree(repo: Repo, env: dict[str, str], place: Path, manager: UserManager) -> Iterator[Tree]:
    """The command as the user types it."""
    driver = Tree(repo, env, place, prefix=manager.words(repo.path))
    yield driver
    driver.end()


@pytest.fixture
def service(manager: UserManager, tree: Tree) -> Iterator[UserService]:
    """The service of the repository."""
    made = UserService(manager, tree)
    yield made
    made.remove()
