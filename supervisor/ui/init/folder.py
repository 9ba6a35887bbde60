"""A folder of the repository as guesses look at it: names and small texts, each read once."""

from __future__ import annotations

import json
import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

BYTES_MAX = 1 << 20  # of one file
NAMES_MAX = 2000
_NEVER = frozenset("node_modules vendor target build dist venv .venv third_party".split())


class Folder:
    """What stands in it. A file that is absent, too long or broken says nothing."""

    def __init__(self, path: Path, where: str = "") -> None:
        self.path = path
        self.where = where  # from the repository's root, with a slash at its end; empty: the root
        self.broken: dict[str, str] = {}  # names of files that are not what they should be: what
        self._texts: dict[str, str] = {}

    @cached_property
    def files(self) -> frozenset[str]:
        """The names of its files."""
        return frozenset(entry.name for entry in self._entries if entry.is_file())

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The names of folders in it that may hold a project, sorted."""
        names = (entry.name for entry in self._entries if entry.is_dir(follow_symlinks=False))
        return tuple(
            sorted(name for name in names if name not in _NEVER and not name.startswith("."))
        )

    def has(self, *names: str) -> str:
        """The first of these names that is a file here; empty if none is."""
        return next((name for name in names if name in self.files), "")

    def text(self, name: str) -> str:
        """A file's text."""
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name]

    def toml(self, name: str) -> dict[str, Any]:
        """A file's table."""
        try:
            return tomllib.loads(self.text(name))
        except (ValueError, RecursionError):
            self.broken[name] = "TOML"
            return {}

    def json(self, name: str) -> dict[str, Any]:
        """A file's object."""
        try:
            found = json.loads(self.text(name) or "{}")
        except (ValueError, RecursionError):
            self.broken[name] = "JSON"
            return {}
        return found if isinstance(found, dict) else {}

    def inner(self, name: str) -> Folder:
        """A folder in it."""
        return Folder(self.path / name, f"{self.where}{name}/")

    def is_executable(self, name: str) -> bool:
        """Say whether a file in it is a program."""
        return name in self.files and os.access(self.path / name, os.X_OK)

    @cached_property
    def _entries(self) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.path) as found:
                return [entry for entry, _ in zip(found, range(NAMES_MAX), strict=False)]
        except OSError:
            return []

    def _read(self, name: str) -> str:
        try:
            with (self.path / name).open("rb") as file:
                data = file.read(BYTES_MAX + 1)
        except OSError:
            return ""
        return data.decode("utf-8-sig", "replace") if len(data) <= BYTES_MAX else ""


def table(value: object, *keys: str) -> dict[str, Any]:
    """The table below these keys; empty where one of them is missing, or is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
