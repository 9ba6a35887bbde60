"""A tree of which one journal lies on a disk that is full after some records."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.mounts import SPACES
from tests.support.tree import Tree
from tests.support.tree_run import Run

# A file system of its own for one journal, in a mount namespace that nobody else sees and that is
# gone with the tree. One page, so that it is full after some records.
FULL = """
set -e
mkdir -p "$FULL" "$(dirname "$JOURNAL")"
mount -t tmpfs -o size=4k none "$FULL"
touch "$FULL/journal" "$JOURNAL"
mount --bind "$FULL/journal" "$JOURNAL"
exec "$@"
"""


def begin_on_full_disk(tree: Tree, journal: Path, *words: str) -> Run:
    """Run the command (`start` if none is named) where this journal's disk takes a page."""
    full = Path(tree.env["TMPDIR"], "full")
    tree.env |= {"FULL": str(full), "JOURNAL": str(journal)}
    return tree.begin(*words, prefix=[*SPACES, "sh", "-c", FULL, "sh"])


def make_room(tree: Tree, run: Run) -> None:
    """Enlarge it."""
    full = tree.env["FULL"]
    subprocess.run(
        ["nsenter", "-t", str(run.pid), "-m", "mount", "-o", "remount,size=4m", full],
        check=True,
        timeout=60,
    )
