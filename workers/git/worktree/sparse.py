"""Worktrees that show some folders only (`[worktree] sparse`), in git's cone mode.

`git sparse-checkout` would change the user's configuration (extensions.worktreeConfig). So what is
shown stands in the worktree's own info/sparse-checkout, and our commands say that it counts. A git
without that option, such as an agent's, sees from the index that what is missing is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..commands import Commands

OPTIONS = ("core.sparseCheckout=true", "core.sparseCheckoutCone=true")
_NEW_INDEX = "prd-supervise.new-index"
_EVERYTHING = "/*\n"
_SPECIAL = re.compile(r"([\\*?\[])")


def is_sparse(folders: Iterable[str], admin: Path) -> bool:
    """Say whether a worktree is to be sparse, or still is."""
    return any(folders) or _file(admin).is_file()


@contextmanager
def shown(folders: tuple[str, ...], admin: Path) -> Iterator[None]:
    """Let the next checkout show these folders, and the files beside and above them; none: all."""
    file = _file(admin)
    if folders or file.is_file():
        wanted = cone(folders) if folders else _EVERYTHING
        file.parent.mkdir(exist_ok=True)
        if not file.is_file() or file.read_text("utf-8", "replace") != wanted:
            file.write_text(wanted)
    yield
    if not folders:
        file.unlink(missing_ok=True)


def populate(git: Commands) -> None:
    """Write the files of a worktree that was made without any."""
    git.run("read_tree", "--reset", "-u", "HEAD")


def reread(git: Commands, admin: Path) -> None:
    """Make an index anew; else all that is not shown would count as removed. No file changes."""
    if not _file(admin).is_file() or (admin / "index").exists():
        return
    index = admin / _NEW_INDEX
    index.unlink(missing_ok=True)  # one that was killed left it
    other = git.with_index(index)
    other.run("read_tree", "HEAD")
    other.run("sparse_checkout", "reapply")
    index.rename(admin / "index")


def cone(folders: Iterable[str]) -> str:
    """The folders in the words of git's cone mode: all below them, and the files on their way."""
    wanted = {each for folder in folders if (each := _parts(folder))}
    whole = {each for each in wanted if not any(each[:end] in wanted for end in range(len(each)))}
    above = {each[:end] for each in whole for end in range(1, len(each))}
    lines = ["/*", "!/*/"]
    for each in sorted(whole | above):
        path = "/" + "/".join(_SPECIAL.sub(r"\\\1", name) for name in each) + "/"
        lines += [path] if each in whole else [path, f"!{path}*/"]
    return "\n".join(lines) + "\n"


def _parts(folder: str) -> tuple[str, ...]:
    parts = tuple(each for each in folder.split("/") if each not in {"", "."})
    return () if ".." in parts else parts


def _file(admin: Path) -> Path:
    return admin / "info" / "sparse-checkout"
