"""A night of one story with a real agent whose model follows a script."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from tests.support.agent_clis import KEY, NAMES, supervised
from tests.support.e2e_processes import title_of
from tests.support.e2e_repo import Repo, story
from tests.support.model_server.script import Step, say, shell, write
from tests.support.model_server.server import ModelServer
from tests.support.tree import Tree

TEXT = "of the model\n"
WORK: tuple[Step, ...] = (write("US-1.txt", TEXT), shell("cat US-1.txt"), say("It is done."))
_HOLD = """
trap '' TERM
(trap '' TERM; while :; do sleep 1; done) &
setsid sh -c "trap '' TERM; exec sh -c 'while :; do sleep 1; done' hold.sh" &
touch {at_work}
while :; do sleep 1; done
"""


class Night:
    """The command on a repository, the agent's model, and the folder of the test."""

    def __init__(self, tree: Tree, model: ModelServer, folder: Path) -> None:
        self.tree = tree
        self.repo: Repo = tree.repo
        self.model = model
        self.folder = folder
        self.at_work = folder / "at-work"  # there once what holds an agent runs

    def prepare(
        self,
        name: str,
        *,
        stories: int = 1,
        restart: Mapping[str, object] | None = None,
        **agent: object,
    ) -> None:
        """Set everything for this agent, and commit a PRD with so many stories."""
        setting = supervised(name, self.model)
        home = self.folder / "user"
        for place, text in setting.files.items():
            path = home / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.tree.env |= setting.env | {"HOME": str(home)}
        common: dict[str, Any] = {"use": name, "yolo": True, "idle_timeout_s": 60}
        tables = {f"agents.{name}": setting.agent} if setting.agent else {}
        self.repo.configure(agent=common | agent, restart=dict(restart or {}), **tables)
        self.repo.prd(*(story(f"US-{number}", replay=None) for number in range(1, stories + 1)))
        self.repo.commit()

    def hold(self) -> str:
        """A command for the agent's model to run: it says that it is at work, and goes on for ever.

        A child and one in a session of its own stay with it; all of them ignore SIGTERM.
        """
        script = self.folder / "hold.sh"
        script.write_text(_HOLD.format(at_work=self.at_work), encoding="utf-8")
        return f"sh {script}"

    def wait_held(self) -> None:
        """Wait until that command is at work, and the conversation on record."""
        self.tree.wait(self.at_work.exists, "the agent runs the command that holds it")
        self.at_work.unlink()
        self.tree.wait(lambda: "SessionKnown" in self.journal(), "a session on record")

    def journal(self) -> str:
        """The records of the PRD."""
        path = self.repo.state / "prds" / "ALPHA" / "journal.log"
        return path.read_text(encoding="utf-8")

    def held(self) -> list[psutil.Process]:
        """What lives of such commands."""
        return [each for each in self.tree.everybody() if "hold.sh" in title_of(each)]

    def agents(self) -> list[psutil.Process]:
        """Every agent that lives."""
        found = self.tree.everybody()
        return [each for each in found if any(f"/{name}" in title_of(each) for name in NAMES)]

    def agent(self) -> psutil.Process:
        """The agent at work on the first story: what its worker has started."""
        worker = psutil.Process(self.tree.pid_of("story ALPHA/US-1"))
        # The others are orphans of the agent's, which the worker has taken over.
        return min(worker.children(), key=lambda each: each.create_time())

    def check_done(self) -> None:
        """Fail if the first story is not merged as its model wrote it."""
        assert self.repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
        assert self.repo.show("feature/ALPHA", "US-1.txt") == TEXT
        assert not [title_of(each) for each in self.tree.everybody()]


def check_traces(folder: Path) -> None:
    """Fail if the key stands in any file of the test, or anything is left in the temporary one."""
    keyed = [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and KEY.encode() in path.read_bytes()
    ]
    assert not keyed, f"the key stands in {keyed}"
    left = [str(path) for path in Path(folder, "tmp").rglob("*")]
    assert not left, f"left in the temporary folder: {left}"
