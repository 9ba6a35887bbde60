"""The TMPDIR of one run: short, because sockets are made in it, and gone with all that it holds."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

REMOVAL_S_MAX = 30.0
QUICK_S = 0.3  # where somebody waits for the end of this process
_BASE_CHARS_MAX = 40  # a socket's path has 108 bytes at most, and agents add 60 of their own
_SHORT_BASE = "/tmp"  # noqa: S108  mkdtemp makes a folder of its own there


def make_temporary(marker: str, prd_id: str, story_id: str) -> Path:
    """Make one for a run of this story; `marker` is the repository's."""
    return Path(tempfile.mkdtemp(prefix=_prefix(marker, prd_id, story_id), dir=_base()))


def remove_tree(folder: Path, *, within_s: float = REMOVAL_S_MAX) -> None:
    """Remove what an agent has filled, however deep it is, and whatever may not be written."""
    # Not shutil: an agent can nest folders deeper than Python recurses, and than a path is long.
    with suppress(OSError):
        folder.rmdir()  # as most are empty, and a process more takes its time
        return
    remove = ("rm", "-rf", "--", str(folder))
    if _run(*remove, within_s=within_s) != 0 and folder.exists():
        _run("chmod", "-R", "u+rwX", "--", str(folder), within_s=within_s)
        _run(*remove, within_s=within_s)


def sweep_temporary(marker: str, prd_id: str = "", story_id: str = "") -> None:
    """Remove what killed workers left: of a story that does not run, or of all of a repository."""
    prefix = _prefix(marker, prd_id, story_id)
    with os.scandir(_base()) as entries:
        found = [Path(entry.path) for entry in entries if entry.name.startswith(prefix)]
    for folder in found:
        if _is_ours(folder):
            remove_tree(folder)


def _prefix(marker: str, prd_id: str, story_id: str) -> str:
    of_repository = f"prd-{marker[:8]}-"
    if not story_id:
        return of_repository
    of_story = hashlib.sha256(f"{prd_id}/{story_id}".encode()).hexdigest()
    return f"{of_repository}{of_story[:8]}-"


def _base() -> str:
    base = tempfile.gettempdir()
    return base if len(os.fsencode(base)) <= _BASE_CHARS_MAX else _SHORT_BASE


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _run(*argv: str, within_s: float) -> int:
    try:
        return subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=within_s,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return 1
