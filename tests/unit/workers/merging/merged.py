"""Three versions of a file as the resolvers see them: with git's markers where they conflict."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from prd_supervise.workers.merging.reconcile import Reconciled, reconcile
from prd_supervise.workers.merging.regions import MARKER_SIZE


def marked(base: str, left: str, right: str) -> bytes:
    """What git makes of three versions."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("left", "base", "right")]
        for path, text in zip(paths, (left, base, right), strict=True):
            path.write_bytes(text.encode())
        size = f"--marker-size={MARKER_SIZE}"
        argv = ["git", "merge-file", "-p", "-q", "--diff3", size, *map(str, paths)]
        done = subprocess.run(argv, capture_output=True, check=False)
    assert done.returncode > 0, "the versions do not conflict"
    return done.stdout


def merged(path: str, base: str, left: str, right: str) -> str | None:
    """The text that comes out, or None."""
    done = outcome(path, base, left, right)
    return None if done is None else done.text.decode()


def outcome(path: str, base: str, left: str, right: str) -> Reconciled | None:
    """What comes out, with how."""
    text = marked(base, left, right)
    return reconcile(path, text, left=left.encode(), right=right.encode())
