"""What a story has changed so far, for who looks at it: bounded, and without touching anything."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from msgspec import Struct

from ..messages.review import ShowWork
from .commands import Commands
from .mending.half_made import admin_of
from .place import Place
from .showing_work import show_work

TIMEOUT_S = 10.0  # of each command: somebody waits for it
FILES_MAX = 200
LINES_MAX = 5000
# A file that is larger is told by its name alone, as git tells of binary ones.
_LARGE = "core.bigFileThreshold=128k"
_MERGES_MAX = 5000
_OPTIONS = ("--no-renames", "--ignore-submodules=all", "--no-ext-diff", "--no-textconv")


class StoryAsked(Struct, frozen=True, kw_only=True):
    """A story, its PRD's branch and base, and its worktree while an agent is in it."""

    story_id: str
    branch: str
    base: str
    worktree: str = ""
    bytes_max: int = 256 << 10


class StoryShown(Struct, frozen=True, kw_only=True):
    """The diff and what it is of; `left_out` is what did not fit, a name each."""

    about: str
    diff: str = ""
    left_out: tuple[str, ...] = ()


def show_story(place: Place, asked: StoryAsked) -> StoryShown:
    """Show what was merged of a story, else what is in its worktree, else on its branch."""
    git = place.git.at(place.checkout, timeout_s=TIMEOUT_S)
    ref, branch = place.story_ref(asked.story_id), f"refs/heads/{asked.branch}"
    refs = place.refs(ref, branch)
    trunk = refs[branch].commit if branch in refs else asked.base
    if branch in refs and (commit := _merged(git, place.prd_id, asked, trunk)):
        parent = git.ask("rev_parse", "--verify", "--quiet", f"{commit}^1").line
        return _between(place, asked, parent, commit, f"merged as {commit[:10]}")
    worktree = Path(asked.worktree)
    if asked.worktree and worktree.is_dir() and (admin := admin_of(place, worktree)) is not None:
        environment = {"GIT_DIR": str(admin), "GIT_WORK_TREE": str(worktree)}
        inside = git.at(worktree, environment=environment, options=(_LARGE,))
        return _in_worktree(inside, admin, trunk)
    if ref not in refs:
        return StoryShown(about="nothing is changed yet: there is no branch of it")
    head = refs[ref].commit
    base = git.ask("merge_base", trunk, head).line
    return _between(place, asked, base, head, f"on {place.story_branch(asked.story_id)}")


def _merged(git: Commands, prd_id: str, asked: StoryAsked, head: str) -> str:
    """The commit that brought the story into the PRD's branch, by its trailer; or nothing."""
    form = "--format=%H%x00%(trailers:key=PRD-Story,valueonly,separator=%x00)"
    span = (f"^{asked.base}", head) if asked.base else (head,)
    found = git.ask("log", "--first-parent", f"--max-count={_MERGES_MAX}", form, *span, "--")
    for line in found.line.split("\n"):
        commit, *stories = line.split("\0")
        if f"{prd_id}/{asked.story_id}" in map(str.strip, stories):
            return commit
    return ""


def _between(place: Place, asked: StoryAsked, base: str, head: str, about: str) -> StoryShown:
    if not base:
        return StoryShown(about=f"{about}: it has no commit before it to compare with")
    work = ShowWork(
        story_id=asked.story_id, attempt=0, base=base, head=head, bytes_max=asked.bytes_max
    )
    shown = show_work(place, work)
    return StoryShown(about=about, diff=shown.diff, left_out=shown.left_out)


def _in_worktree(git: Commands, admin: Path, trunk: str) -> StoryShown:
    """What is there just now, committed or not; new files, too."""
    base = git.ask("merge_base", trunk, "HEAD").line or trunk
    with tempfile.TemporaryDirectory(prefix="prd-supervise-index-") as folder:
        # An index of our own: the agent's must not be locked, and must not learn of new files.
        index = Path(folder, "index")
        if (admin / "index").is_file():
            shutil.copyfile(admin / "index", index)
        own = git.with_index(index)
        own.ask("add", "--intent-to-add", "--ignore-errors", "--", ".")
        counted = own.run("diff", *_OPTIONS, "--numstat", "-z", base, "--").out
        chosen, left = _chosen(counted)
        about = "in its worktree, just now"
        if not chosen:
            return StoryShown(about=about, left_out=left)
        paths = ("--", *chosen)
        diff = own.run("diff", *_OPTIONS, "--no-color", "--patch", base, *paths).out
    return StoryShown(about=about, diff=diff.decode("utf-8", "replace"), left_out=left)


def _chosen(counted: bytes) -> tuple[list[str], tuple[str, ...]]:
    """The files whose diff fits, and the names of the others."""
    chosen: list[str] = []
    left: list[str] = []
    room = LINES_MAX
    for entry in counted.decode("utf-8", "surrogateescape").split("\0"):
        added, _, rest = entry.partition("\t")
        removed, _, path = rest.partition("\t")
        if not path:
            continue
        lines = sum(int(count) for count in (added, removed) if count.isdecimal())
        if lines <= room and len(chosen) < FILES_MAX:
            room -= lines
            chosen.append(path)
        elif len(left) < FILES_MAX:
            left.append(f"{path} (+{added} -{removed})")
    return chosen, tuple(left)
