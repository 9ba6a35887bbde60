"""The fixtures of tests that drive the installed command; a conftest imports all of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from prd_supervise.workers.attempt.temporary import sweep_temporary
from tests.support.e2e_processes import MARK
from tests.support.e2e_repo import Repo
from tests.support.tree import Tree

__all__ = ["env", "pytest_runtest_makereport", "repo", "runtime_dir", "tree"]

_KEPT = ("PATH", "LANG", "TERM")
_HAS_PASSED = pytest.StashKey[bool]()


def marker_of(repo: Repo) -> str:
    """What the repository's processes bear."""
    common_dir = (repo.path / ".git").resolve()
    return hashlib.sha256(os.fsencode(common_dir)).hexdigest()[:16]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether a test has passed: what one that failed has left is no news."""
    report = yield
    if call.when == "call":
        item.stash[_HAS_PASSED] = report.passed
    return report


def has_passed(request: pytest.FixtureRequest) -> bool:
    """Say whether the test has, for a fixture at its end."""
    return request.node.stash.get(_HAS_PASSED, False)  # type: ignore[no-any-return]


@pytest.fixture
def runtime_dir(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder for sockets, with a short path as they need it; none may be left in it."""
    folder = Path(tempfile.mkdtemp(prefix="prd-e2e-"))
    yield folder
    left = [str(path) for path in folder.rglob("*") if path.is_socket()]
    shutil.rmtree(folder)
    if has_passed(request):
        assert not left, f"sockets were left: {left}"


@pytest.fixture
def env(tmp_path: Path, runtime_dir: Path, mark: str) -> dict[str, str]:
    """An environment in which nothing of this machine's user is seen or touched."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith("COVERAGE_")
    }
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "XDG_RUNTIME_DIR": str(runtime_dir),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        MARK: mark,
    }


@pytest.fixture
def repo(request: pytest.FixtureRequest, tmp_path: Path, env: dict[str, str]) -> Iterator[Repo]:
    """A repository without a commit; what is the user's own must be as it was at the end.

    That is compared with the moment of the first command, or of the test's own `repo.seal()`.
    """
    made = Repo(tmp_path / "repo", env)
    made.configure()
    yield made
    sweep_temporary(marker_of(made))  # of workers that the test has killed
    if not has_passed(request):
        return
    made.check_seal()
    home = list(Path(env["HOME"]).rglob("*"))
    assert not home, f"the home directory was written to: {home}"


@pytest.fixture
def tree(repo: Repo, env: dict[str, str], tmp_path: Path) -> Iterator[Tree]:
    """The command on that repository."""
    driver = Tree(repo, env, tmp_path)
    yield driver
    driver.end()
