"""A kernel whose cgroups keep their limits: what is killed for its memory, and what that costs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.e2e_processes import wait_until
from tests.support.e2e_repo import story, write
from tests.support.machines import MACHINES, needs_machines
from tests.support.uml import Uml

pytestmark = [pytest.mark.cgroup_enforced, *needs_machines, pytest.mark.xdist_group("uml")]

WITHIN_S = 240.0
EATS = "import signal; kept = [b'x' * (1 << 20) for _ in range(200)]; signal.pause()"
BURNS = (
    "import time; t, c = time.monotonic(), time.process_time()\n"
    "while time.monotonic() - t < 4: pass\n"
    "print(f'share {(time.process_time() - c) / 4:.2f}')"
)


def python(text: str) -> dict[str, list[str]]:
    """A step of a replay script."""
    return {"run": ["python3", "-c", text]}


@pytest.fixture(scope="module")
def uml() -> Iterator[Uml]:
    """The machine; its user lingers."""
    assert MACHINES is not None
    made = Uml(MACHINES)
    try:
        made.boot()
        made.run("loginctl enable-linger tester")
        made.run("until [ -S /run/user/1000/bus ]; do sleep 0.2; done")
        yield made
    finally:
        made.close()


class Night:
    """A repository in the machine, and its service."""

    def __init__(self, uml: Uml, name: str, settings: str, *stories: dict[str, Any]) -> None:
        self.uml = uml
        self.folder = f"/home/tester/{name}"
        document = json.dumps({"project": "ALPHA", "userStories": stories})
        uml.put(f"{self.folder}/prd.json", document)
        uml.put(f"{self.folder}/prd-supervise.toml", '[agent]\nuse = "replay"\n' + settings)
        self.git(
            "init -q -b main . && git config user.name U && git config user.email u@example.org"
        )
        self.git("add -A && git commit -q -m base")
        self.unit = uml.as_user(
            f"systemd-escape -p --template=prd-supervise@.service {self.folder}"
        ).strip()
        uml.in_session(f"cd {self.folder} && prd-supervise service install")

    def git(self, *words: str) -> str:
        """Run git there, whose words are a shell's."""
        return self.uml.as_user(f"cd {self.folder} && git {' '.join(words)}").strip()

    def show(self, name: str) -> str:
        """A property of the unit."""
        return self.uml.as_user(f"systemctl --user show --value -p {name} '{self.unit}'").strip()

    def status(self) -> dict[str, dict[str, Any]]:
        """The PRD's stories, by their ids."""
        out = self.uml.as_user(f"cd {self.folder} && prd-supervise status --json")
        (prd,) = json.loads(out)["prds"]
        return {each["id"]: each for each in prd["stories"]}

    def root(self) -> dict[str, Any]:
        """What the status has of root."""
        out = self.uml.as_user(f"cd {self.folder} && prd-supervise status --json")
        found = json.loads(out)["root"]
        assert isinstance(found, dict)
        return found

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of this kind so far."""
        out = self.uml.as_user(f"cat {self.folder}/.prd-supervise/events.jsonl", fails=True)
        found = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        return [event for event in found if event["event"] == kind]

    def wait_events(self, count: int, *kinds: str) -> None:
        """Wait until there are so many of these kinds."""
        wait_until(
            lambda: sum(len(self.events(kind)) for kind in kinds) >= count,
            lambda: f"{kinds}: {self.told()}",
            WITHIN_S,
        )

    def told(self) -> str:
        """All that is known, for a test that fails."""
        log = f"tail -n 40 {self.folder}/.prd-supervise/events.jsonl"
        return self.uml.as_user(log, fails=True) + self.uml.run(
            f"journalctl -n 30 --no-pager _SYSTEMD_USER_UNIT={shlex.quote(self.unit)}", fails=True
        )

    def end(self) -> None:
        """Take the service back."""
        self.uml.in_session(f"cd {self.folder} && prd-supervise service uninstall")


def test_a_story_that_eats_too_much_is_killed_alone_and_the_service_lives(uml: Uml) -> None:
    settings = (
        '[limits]\nmemory_high = 0\nmemory_max = "60MiB"\n'
        "[restart]\nmax_attempts = 5\nmax_memory_kills = 2\nbackoff_base_s = 0.1\n"
    )
    night = Night(uml, "memory", settings, story("US-1", python(EATS)), story("US-2"))
    night.wait_events(1, "prd_failed", "prd_completed")
    found = night.status()
    assert "the kernel killed it at memory_max" in found["US-1"]["reason"]
    assert found["US-2"]["state"].startswith("done")
    assert "the kernel keeps the ceilings" in night.root()["cgroups"]
    assert (night.show("NRestarts"), night.show("ActiveState")) == ("0", "active")
    night.end()


def test_a_story_gets_the_share_of_the_processor_that_it_may_have(uml: Uml) -> None:
    night = Night(
        uml,
        "processor",
        "[limits]\ncpu_percent = 40\n",
        story("US-1", python(BURNS), write("US-1.txt", "x\n")),
    )
    night.wait_events(1, "prd_failed", "prd_completed")
    said = uml.as_user(f"cat {night.folder}/.prd-supervise/prds/ALPHA/stories/US-1/1/agent.log")
    share = float(said.split("share ")[1].split()[0])
    assert 0.2 < share < 0.5, said
    night.end()


def test_a_root_that_the_kernel_kills_for_its_memory_is_started_again_and_goes_on(uml: Uml) -> None:
    held = story(
        "US-1",
        {"say": "at work"},
        {"run": ["sh", "-c", "until [ -e /home/tester/go ]; do sleep 0.1; done"]},
        write("US-1.txt", "x\n"),
    )
    night = Night(uml, "root", "", held)
    night.wait_events(1, "attempt_started")
    cgroup = f"/sys/fs/cgroup{night.show('ControlGroup')}/prd-supervise"
    # Both supervisors and the integrator are in it; the kernel takes the largest ones.
    uml.run(f"echo 1 >{cgroup}/memory.oom.group; echo 8M >{cgroup}/memory.max", fails=True)
    wait_until(lambda: night.show("NRestarts") == "1", night.told, WITHIN_S)
    wait_until(lambda: night.show("ActiveState") == "active", night.told, WITHIN_S)
    uml.as_user("touch /home/tester/go")
    night.wait_events(1, "prd_failed", "prd_completed")
    assert night.git("log", "--format='%(trailers:key=PRD-Story,valueonly)'", "feature/ALPHA") == (
        "ALPHA/US-1"
    )
    night.end()


def test_a_power_cut_that_loses_what_was_not_written_doubles_and_damages_nothing(uml: Uml) -> None:
    stories = [
        story(
            f"US-{number}",
            {"run": ["sleep", "1"]},
            write(f"US-{number}.txt", "x\n"),
            **({"dependsOn": [f"US-{number - 1}"]} if number > 1 else {}),
        )
        for number in range(1, 6)
    ]
    night = Night(uml, "power", "", *stories)
    for merged in (1, 3):
        night.wait_events(merged, "merged")
        uml.cut_power()
        uml.boot()
        uml.run("until [ -S /run/user/1000/bus ]; do sleep 0.2; done")
    night.wait_events(1, "prd_failed", "prd_completed")
    form = "--format='%(trailers:key=PRD-Story,valueonly,separator=%x20)'"
    merged_ones = night.git("log", "--reverse", "--first-parent", form, "feature/ALPHA").split()
    assert merged_ones == [f"ALPHA/US-{number}" for number in range(1, 6)]
    night.git("fsck", "--strict")
    night.end()
