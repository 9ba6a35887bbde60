from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.agent_clis import AGENTS, KEY, PROGRAMS
from tests.support.agent_night import Night, check_traces
from tests.support.e2e_fixtures import env as env_of_the_command
from tests.support.e2e_fixtures import pytest_runtest_makereport, repo, runtime_dir
from tests.support.e2e_repo import Repo
from tests.support.loopback import Loopback
from tests.support.model_server.server import ModelServer
from tests.support.tree import Tree

__all__ = ["env_of_the_command", "pytest_runtest_makereport", "repo", "runtime_dir"]

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives real agents, and is skipped where they are not."""
    reason = ""
    if not (AGENTS / ".installed").exists():
        reason = "the real agents are not installed; `make agents` does it, with npm"
    elif shutil.which("node") is None:
        reason = "node, which runs the real agents, is not on PATH"
    for item in items:
        if item.path.is_relative_to(_HERE):
            for name in ("agents", "e2e", "slow"):
                item.add_marker(name)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def loopback() -> Iterator[Loopback]:
    """The network in which the agents run: from it no vendor can be reached."""
    network = Loopback()
    yield network
    network.close()


@pytest.fixture
def model(loopback: Loopback) -> Iterator[ModelServer]:
    """The server that is their model; it must have been asked with the key of the tests only."""
    server = ModelServer(loopback.listen(), key=KEY)
    yield server
    server.close()
    assert all(each.is_keyed for each in server.asked)


@pytest.fixture
def env(env_of_the_command: dict[str, str]) -> dict[str, str]:
    """As for every command, with the agents on the path."""
    return env_of_the_command | {
        "PATH": os.pathsep.join((str(PROGRAMS), env_of_the_command["PATH"])),
    }


@pytest.fixture
def tree(repo: Repo, env: dict[str, str], tmp_path: Path, loopback: Loopback) -> Iterator[Tree]:
    """The command on that repository, in that network."""
    driver = Tree(repo, env, tmp_path, prefix=loopback.prefix())
    yield driver
    driver.end()


@pytest.fixture
def night(tree: Tree, model: ModelServer, tmp_path: Path) -> Iterator[Night]:
    """All of it; nothing that agents have made stays outside of the repository, and no key."""
    yield Night(tree, model, tmp_path)
    check_traces(tmp_path)
