"""`service uninstall` and lingering, with service programs of the test's own on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo
from tests.support.service_typed import CHANGES, LINGER, Services, said
from tests.support.tree import Tree


@pytest.fixture
def services(repo: Repo, tree: Tree, tmp_path: Path) -> Services:
    """The command on a repository with a commit."""
    repo.commit()
    return Services(repo, tree, tmp_path)


def test_lingering_that_install_has_turned_on_is_turned_off_again(services: Services) -> None:
    printed = services.install("--linger")
    assert said(printed, "lingering")[0].startswith("turned on")
    assert services.fake.lingers

    printed = services.type("uninstall").out
    assert said(printed, "lingering") == ["was turned on by `service install`, and is turned off"]
    assert not services.fake.lingers
    assert services.files() == set()


def test_lingering_that_was_on_stays_on(services: Services) -> None:
    services.fake.linger()
    assert said(services.install("--linger"), "lingering")[0].startswith("on:")
    services.type("uninstall")
    assert services.fake.lingers
    assert services.fake.calls(*LINGER) == []


def test_lingering_that_is_refused_is_told_with_what_to_type(services: Services) -> None:
    services.fake.behave({"verb": "enable-linger", "code": 1, "err": "Access denied\n"})

    printed = services.install("--linger", code=1)

    assert said(printed, "lingering") == ["was refused: Access denied"]
    assert f"`sudo loginctl enable-linger {services.env['USER']}`" in printed
    assert said(printed, "started"), "the rest is done"


def test_uninstall_takes_back_all_that_install_did(services: Services) -> None:
    services.install()
    services.fake.calls()

    printed = services.type("uninstall").out

    assert services.fake.calls(*CHANGES) == [
        f"stop {services.unit}",
        f"disable {services.unit}",
        "daemon-reload",
        f"reset-failed {services.unit}",
    ]
    assert services.files() == set()
    assert said(printed, "disabled") == [services.unit]
    assert services.type("uninstall").out == (
        f"nothing     is installed for {services.repo.path}\n"
    )
    assert services.status(code=1)["installed"] is False


def test_uninstall_keeps_what_a_user_has_changed_or_added(services: Services) -> None:
    services.install()
    with (services.units / "prd.slice").open("a") as file:
        file.write("MemoryMax=1G\n")
    drop_in = services.units / f"{services.unit}.d" / "mine.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nRestartSec=1\n")

    printed = services.type("uninstall").out

    assert said(printed, "kept") == [
        f"{services.units / 'prd.slice'}: you have changed it",
        f"{drop_in}: it is yours",
    ]
    assert said(printed, "removed") == [str(services.template)]
    assert drop_in.exists()


def test_another_repository_keeps_its_template_and_its_lingering(
    services: Services, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(services.repo.path, other)
    services.install("--linger")
    services.type("install", "-C", str(other))

    printed = services.type("uninstall").out
    assert f"they serve {other}" in said(printed, "kept")[0]
    assert services.template.exists()
    assert services.fake.lingers

    services.type("uninstall", "-C", str(other))
    assert services.files() == set()
    assert not services.fake.lingers


def test_a_service_that_does_not_stop_is_not_taken_away(services: Services) -> None:
    services.install()
    services.fake.behave({"verb": "stop", "code": 1, "err": "Job canceled.\n"})

    refused = services.type("uninstall", code=1)

    assert refused.err == f"{services.unit}: cannot be stopped, and stays: Job canceled.\n"
    assert services.template.exists()


def test_the_service_of_a_repository_that_is_gone_can_be_taken_back(
    services: Services, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    shutil.copytree(services.repo.path, gone)
    services.type("install", "-C", str(gone))
    shutil.rmtree(gone)

    assert said(services.type("uninstall", "-C", str(gone)).out, "disabled")
    assert services.files() == set()
    assert "no such folder" in services.type("uninstall", "-C", str(gone), code=2).err
