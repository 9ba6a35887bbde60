"""A store for objects that nobody is to keep: trial merges write there, never into the user's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..commands import Commands
from ..place import Place

BYTES_MAX = 256 << 20  # then it is emptied
FILES_MAX = 50_000
GIT_S = 2.0  # of one command: an agent's gigabytes are not worth the wait
# What a power cut takes is made again.
_OPTIONS = ("core.fsync=none",)


class Scratch:
    """A folder beside the PRD's worktrees, which is removed with them."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.folder = place.worktrees / f"{place.prd_id}.scratch"
        self._objects = self.folder / "objects"

    @property
    def is_open(self) -> bool:
        """Say whether there is one."""
        return self._objects.is_dir()

    def open(self) -> None:
        """Make it, for our own eyes only."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._objects.mkdir(mode=0o700, exist_ok=True)

    def remove(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def is_full(self) -> bool:
        """Say whether it has grown too large."""
        size = count = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                count += 1
                try:
                    size += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118  of many
                except FileNotFoundError:
                    continue
        return size > BYTES_MAX or count > FILES_MAX

    def git(self) -> Commands:
        """Git over the repository's objects and these; what it makes goes here."""
        return self._at(self._place.checkout, {})

    def git_in(self, worktree: Path, admin: Path, index: Path) -> Commands:
        """Git in a worktree, on an index of our own."""
        environment = {
            "GIT_DIR": str(admin),
            "GIT_WORK_TREE": str(worktree),
            "GIT_INDEX_FILE": str(index),
        }
        return self._at(worktree, environment)

    def _at(self, directory: Path, environment: dict[str, str]) -> Commands:
        stores = {
            "GIT_OBJECT_DIRECTORY": str(self._objects),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(self._place.common_dir / "objects"),
        }
        return self._place.git.at(
            directory, environment=environment | stores, timeout_s=GIT_S, options=_OPTIONS
        )


def _quoted(path: Path) -> str:
    """A path in a list whose items a colon would end."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'
