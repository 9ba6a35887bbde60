"""A night of one story with a real agent whose model follows a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.agent_clis import KEY, supervised
from tests.support.e2e_repo import Repo, story
from tests.support.model_server.server import ModelServer
from tests.support.tree import Tree


class Night:
    """The command on a repository, the agent's model, and the folder of the test."""

    def __init__(self, tree: Tree, model: ModelServer, folder: Path) -> None:
        self.tree = tree
        self.repo: Repo = tree.repo
        self.model = model
        self.folder = folder

    def prepare(self, name: str, *, stories: int = 1, **agent: object) -> None:
        """Set everything for this agent, and commit a PRD with so many stories."""
        setting = supervised(name, self.model)
        home = self.folder / "user"
        for place, text in setting.files.items():
            path = home / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.tree.env |= setting.env | {"HOME": str(home)}
        common: dict[str, Any] = {"use": name, "yolo": True, "idle_timeout_s": 60}
        self.repo.configure(
            agent=common | agent, **{f"agents.{name}": setting.agent} if setting.agent else {}
        )
        self.repo.prd(*(story(f"US-{number}", replay=None) for number in range(1, stories + 1)))
        self.repo.commit()


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
