"""A booted machine: lingering, reboots in the middle, power cuts in the middle, logout."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.container import HOME, UID, Container
from tests.support.e2e_processes import wait_until
from tests.support.e2e_repo import Repo, story, write
from tests.support.machines import MACHINES, needs_machines

pytestmark = [pytest.mark.systemd_boot, *needs_machines]

STORIES = 6
WITHIN_S = 150.0
LINGERS = "/var/lib/systemd/linger/tester"


SUITES = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("bookworm", "trixie")
]


@pytest.fixture(scope="module", params=SUITES)
def container(request: pytest.FixtureRequest) -> Iterator[Container]:
    """A booted system; the tests leave it up."""
    assert MACHINES is not None
    made = Container(MACHINES, request.param)
    try:
        made.boot()
        yield made
    finally:
        made.close()


class Night:
    """A repository in the container, its service, and what came of it."""

    def __init__(self, container: Container, name: str) -> None:
        self.container = container
        env = {"PATH": "/usr/bin:/bin", "HOME": str(container.home)}
        self.repo = Repo(container.home / name, env, owner=UID)
        self.folder = HOME / name
        self.repo.configure(grace_s=5)
        self.repo.commit()
        escape = ("systemd-escape", "-p", "--template=prd-supervise@.service")
        self.unit = container.as_user(*escape, str(self.folder)).strip()

    def type(self, *words: str) -> str:
        """Type a command of ours, logged in."""
        return self.container.in_session("prd-supervise", *words, folder=self.folder)

    def is_active(self) -> bool:
        """Say whether the service runs; there may be nobody to ask."""
        try:
            self.container.as_user("systemctl", "--user", "is-active", "-q", self.unit)
        except AssertionError:
            return False
        return True

    def wait_active(self) -> None:
        """Wait until the service runs."""
        wait_until(self.is_active, self.told, WITHIN_S)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of this kind so far."""
        path = self.repo.state / "events.jsonl"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [event for event in map(json.loads, lines) if event["event"] == kind]

    def wait_events(self, kind: str, count: int) -> None:
        """Wait until there are so many."""
        wait_until(lambda: len(self.events(kind)) >= count, self.told, WITHIN_S)

    def told(self) -> str:
        """All that is known, for a test that fails."""
        log = self.repo.state / "supervise.log"
        return (log.read_text()[-3000:] if log.exists() else "") + self.container.log()


def working(number: int) -> dict[str, Any]:
    """A story that takes a moment, after the one before it."""
    name = f"US-{number}"
    before = {"dependsOn": [f"US-{number - 1}"]} if number > 1 else {}
    return story(name, {"run": ["sleep", "1"]}, write(f"{name}.txt", "x\n"), **before)


def test_a_night_with_a_reboot_and_two_power_cuts_ends_as_one_without(
    container: Container, note: Callable[[str, float], None]
) -> None:
    night = Night(container, "night")
    night.type("service", "install", "--linger")
    night.wait_active()
    night.repo.prd(*(working(number) for number in range(1, STORIES + 1)))

    night.wait_events("merged", 1)
    began_s = time.monotonic()
    container.reboot()
    night.wait_active()
    note("systemctl reboot with an agent at work -> active again", time.monotonic() - began_s)
    for merged in (2, 4):
        night.wait_events("merged", merged)
        container.cut_power()
        began_s = time.monotonic()
        container.boot()
        night.wait_active()
        note("switched on after a power cut -> active again", time.monotonic() - began_s)
    night.wait_events("prd_completed", 1)

    wanted = [f"ALPHA/US-{number}" for number in range(1, STORIES + 1)]
    assert night.repo.merged("feature/ALPHA") == wanted
    assert not night.events("attempt_failed")
    assert len(night.events("rebooted")) == 3
    assert "damaged" not in night.type("status")
    night.repo.git("fsck", "--strict")

    night.type("service", "uninstall")
    assert not night.is_active()
    assert not container.has(LINGERS), "install has turned it on"


def test_without_lingering_the_service_ends_with_the_last_session_and_begins_with_the_next(
    container: Container,
) -> None:
    night = Night(container, "day")
    night.repo.prd(story("US-1", {"say": "at work"}, {"run": ["sleep", "600"]}))
    night.type("service", "install")
    wait_until(lambda: not night.is_active(), night.told, WITHIN_S)
    night.wait_events("root_ended", 1)
    assert not night.repo.merged("feature/ALPHA")

    night.container.in_session(
        "sh", "-c", f"until systemctl --user is-active -q '{night.unit}'; do sleep 0.1; done"
    )
    wait_until(lambda: not night.is_active(), night.told, WITHIN_S)
    night.type("service", "uninstall")


def test_lingering_that_the_user_has_turned_on_outlives_an_uninstall(container: Container) -> None:
    night = Night(container, "evening")
    container.in_session("loginctl", "enable-linger")
    night.type("service", "install", "--linger")
    night.wait_active()
    night.type("service", "uninstall")
    assert not night.is_active()
    assert container.has(LINGERS)
    container.in_session("loginctl", "disable-linger")
