"""A git before the real one, which holds one command of one process until the test lets it go."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.tree import Tree

_SCRIPT = """#!/bin/sh
if [ -e "{folder}/who" ] && [ ! -e "{folder}/go" ] &&
  tr '\\0' ' ' </proc/$PPID/cmdline | grep -qf "{folder}/who"; then
  case " $* " in *"$(cat "{folder}/what")"*)
    touch "{folder}/reached"
    until [ -e "{folder}/go" ]; do sleep 0.02; done
  esac
fi
exec {git} "$@"
"""


class HeldGit:
    """The wrapper, first on the PATH of whatever the tree starts from now on."""

    def __init__(self, tree: Tree, folder: Path) -> None:
        git = shutil.which("git")
        assert git is not None
        self._folder = folder / "held-git"
        self._folder.mkdir()
        wrapper = self._folder / "git"
        wrapper.write_text(_SCRIPT.format(folder=self._folder, git=git), encoding="utf-8")
        wrapper.chmod(0o755)
        tree.env["PATH"] = f"{self._folder}:{tree.env['PATH']}"

    def hold(self, who: str, what: str) -> None:
        """Hold what the process of this title asks of git, where its words have `what` in them."""
        (self._folder / "what").write_text(what, encoding="utf-8")
        (self._folder / "who").write_text(f"{who}\n", encoding="utf-8")

    def is_reached(self) -> bool:
        """Say whether such a command is held."""
        return (self._folder / "reached").exists()

    def go(self) -> None:
        """Let it go, and hold no other one."""
        (self._folder / "go").touch()
