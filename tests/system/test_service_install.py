"""`service install` and `uninstall` with a real manager, in strange places too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree
from tests.support.user_manager import UID, UserManager
from tests.support.user_service import UserService

STRANGE = ["two words, 100% sure", "it's $HOME \\x2d ünï"]


def of(manager: UserManager, place: Path, env: dict[str, str], name: str) -> tuple[Repo, Tree]:
    """A repository of this name, and the command in it."""
    repo = Repo(place / name, env, owner=UID)
    repo.configure()
    repo.commit()
    return repo, Tree(repo, env, place, prefix=manager.words(repo.path))


@pytest.fixture
def two(
    manager: UserManager, place: Path, env: dict[str, str]
) -> Iterator[tuple[UserService, UserService]]:
    """The services of two repositories."""
    made = [UserService(manager, of(manager, place, env, name)[1]) for name in ("one", "other")]
    yield made[0], made[1]
    for each in made:
        each.remove()


@pytest.mark.parametrize("name", STRANGE)
def test_a_repository_may_be_called_anything(
    manager: UserManager, place: Path, env: dict[str, str], name: str
) -> None:
    repo, tree = of(manager, place, env, name)
    service = UserService(manager, tree)
    try:
        service.install()
        service.wait(ActiveState="active", SubState="running")
        repo.prd(story("US-1"))
        tree.wait_event("prd_completed", prd="ALPHA")
        assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
        tree.run("service", "uninstall", code=0)
    finally:
        service.remove()


def test_uninstall_leaves_nothing_and_no_service(
    repo: Repo, tree: Tree, service: UserService, manager: UserManager
) -> None:
    repo.commit()
    before = found_in(manager.home)
    service.install()
    service.wait(ActiveState="active")
    running = service.main_pid
    again = service.install()
    assert "written" not in again, again
    assert service.main_pid == running

    tree.run("service", "status", code=0)
    tree.run("service", "uninstall", code=0)
    service.wait(ActiveState="inactive", UnitFileState="")
    tree.wait_gone()
    left = found_in(manager.home) - before
    assert not {each for each in left if "test.conf" not in each and not each.endswith(".log")}
    tree.run("service", "uninstall", code=0)
    tree.run("service", "status", code=1)


def found_in(folder: Path) -> set[str]:
    """Every file below it."""
    return {str(Path(at, name)) for at, _, names in os.walk(folder) for name in names}


def test_two_repositories_have_a_service_each(two: tuple[UserService, UserService]) -> None:
    one, other = two
    one.install()
    other.install()
    one.wait(ActiveState="active")
    other.wait(ActiveState="active")
    assert one.main_pid not in {other.main_pid, 0}

    one.uninstall()
    one.wait(ActiveState="inactive")
    other.wait(ActiveState="active", UnitFileState="enabled")
    other.uninstall()
    other.wait(ActiveState="inactive", UnitFileState="")
