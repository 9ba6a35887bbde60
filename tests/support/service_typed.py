"""`prd-supervise service` typed in a home of its own, where it may write."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.e2e_repo import Repo
from tests.support.fake_systemd import FakeSystemd
from tests.support.tree import Tree
from tests.support.tree_run import Done

CHANGES = ("daemon-reload", "enable", "disable", "start", "stop", "reset-failed")
LINGER = ("enable-linger", "disable-linger")
_SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "service.schema.json"
_STATUS = Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))
NO_ENV: Mapping[str, str] = {}


class Services:
    """The command in a home of its own, where it may write."""

    def __init__(self, repo: Repo, tree: Tree, folder: Path) -> None:
        self._tree = tree
        self.repo = repo
        self.fake = FakeSystemd(folder / "fake")
        self.home = folder / "user"
        self.home.mkdir()
        self.units = self.home / ".config/systemd/user"
        self.template = self.units / "prd-supervise@.service"
        escaped = str(repo.path).strip("/").replace("-", "\\x2d").replace("/", "-")
        self.unit = f"prd-supervise@{escaped}.service"
        self.env = {
            "HOME": str(self.home),
            "PATH": f"{self.fake.bin}:{tree.env['PATH']}",
            "USER": "somebody-else-than-any-other",
        }

    def type(self, *words: str, code: int = 0, env: Mapping[str, str] = NO_ENV) -> Done:
        """Type `service ...`."""
        return self._tree.run("service", *words, env=self.env | dict(env), code=code)

    def install(self, *words: str, code: int = 0, env: Mapping[str, str] = NO_ENV) -> str:
        """Type `service install ...`; return what it prints."""
        done = self.type("install", *words, code=code, env=env)
        return done.out + done.err

    def status(self, *, code: int = 0) -> dict[str, Any]:
        """The document."""
        found = json.loads(self.type("status", "--json", code=code).out)
        assert isinstance(found, dict)
        _STATUS.validate(found)
        return found

    def files(self) -> set[str]:
        """All that lies in the user's home."""
        at = (Path(folder, name) for folder, _, names in os.walk(self.home) for name in names)
        return {path.relative_to(self.home).as_posix() for path in at}


def said(text: str, word: str) -> list[str]:
    """The lines with that word in front, but for what is true of a checkout in /tmp alone."""
    found = [line[12:] for line in text.splitlines() if line[:11].strip() == word]
    return [line for line in found if "lies in a temporary folder" not in line]
