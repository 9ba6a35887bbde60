"""Two versions of the program, one after the other in one place, as an installer has them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
NAME = "prd_supervise"
THIS, NEXT = "0.1.0", "0.2.0"

_TO_NEXT = '''"""The next state: what a PRD's snapshot says of its branch has another name."""

from .migration import Document, Migration, Part


def _renamed(snapshot: Document) -> Document:
    named = {key: each for key, each in snapshot.items() if key != "branch"}
    return named | {"prd_branch": snapshot["branch"]}


NEXT = Migration(to=%d, changes={Part.PRD_SNAPSHOT: _renamed})
'''

_REGISTERED = """
from .to_next import NEXT

MIGRATIONS = (*MIGRATIONS, NEXT)
STATE = NEXT.to
"""
_SNAPSHOT = "class _Snapshot(msgspec.Struct, kw_only=True):"


class Site:
    """A folder that Python imports the program from, before any other."""

    def __init__(self, folder: Path, checkout: Path = CHECKOUT) -> None:
        self.folder = folder
        self._checkout = checkout
        self.install(THIS, {})

    def env(self, env: Mapping[str, str]) -> dict[str, str]:
        """The environment of who uses it."""
        return dict(env) | {"PYTHONPATH": str(self.folder)}

    def install_next(self, state: int) -> None:
        """Upgrade: a parent's first word says more, and the state after `state` reads otherwise."""
        storage = "supervisor/shell/storage"
        self.install(
            NEXT,
            {
                "workers/messages/prd.py": (
                    "class Begin(Struct, frozen=True, kw_only=True):",
                    "class Begin(Struct, frozen=True, kw_only=True):\n    tempo: int = 1",
                ),
                f"{storage}/recollection.py": (
                    _SNAPSHOT,
                    _SNAPSHOT.replace("=True", "=True, rename={'branch': 'prd_branch'}"),
                ),
            },
            {
                f"{storage}/migrations/to_next.py": _TO_NEXT % (state + 1),
                f"{storage}/migrations/registered.py": _REGISTERED,
            },
        )

    def install(
        self,
        version: str,
        changes: Mapping[str, tuple[str, str]],
        added: Mapping[str, str] | None = None,
    ) -> None:
        """Put a version there; it replaces the one that is there."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        package = fresh / NAME
        for room in ("supervisor", "workers", "policies"):
            shutil.copytree(
                self._checkout / room, package / room, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in ("__init__.py", "__main__.py", "py.typed"):
            shutil.copy(self._checkout / name, package / name)
        for name, (old, new) in changes.items():
            text = (package / name).read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{name}: {old!r} stands there {text.count(old)} times"
            (package / name).write_text(text.replace(old, new), encoding="utf-8")
        for name, text in (added or {}).items():
            with (package / name).open("a", encoding="utf-8") as file:
                file.write(text)
        info = fresh / f"{NAME}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n")
        (info / "RECORD").write_text("")
        if self.folder.exists():
            shutil.rmtree(self.folder)
        os.replace(fresh, self.folder)  # noqa: PTH105  a folder
