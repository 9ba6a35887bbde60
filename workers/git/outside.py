"""What changed outside of a story's worktree while agents were at work: seen, told, not undone.

It may have been the user, who works beside us: nobody can know, so both are told. Looks are
taken when the first agent begins and whenever one has ended. The checkout may be huge: a look that
takes long is taken seldom, one that takes too long never again.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from ..messages.git import Commit, Committed, Prepared, Resting
from .branch_record import owners_of
from .commands import FAILURES, Commands, GitTooSlowError, one_line
from .place import BRANCHES, RECORDS, Place
from .trees import path_text
from .worktree.worktrees import find_worktree

LOOK_S_MAX = 5.0  # one status
QUICK_S = 1.0  # nobody minds it
RARELY = 20  # times as long as a look took that was not quick, until the next one
REFS_TOLD = 10
FILES_TOLD = 10
DIRTY_MAX = 2_000  # files of one look
RESTING_MAX = 4  # worktrees of one look
_TAGS = "refs/tags/"
_STORIES = f"{BRANCHES}prd-supervise/"
_LANDED = "%(trailers:key=PRD-Landed,valueonly)"
_SHORT = 10

Files = Mapping[str, tuple[str, int, int]]  # what differs from HEAD: how, and its size and time


class Outside:
    """What is known of the places that no agent of a story has any business in."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._refs: dict[str, str] | None = None
        self._checkout = _Files(place.git, place.checkout)
        self._resting: dict[str, _Files] = {}

    def begin(self, prepared: Prepared, *, looks_anew: bool) -> None:
        """An agent is about to begin; with nobody else at work, what was before is nobody's."""
        self._resting.pop(prepared.story_id, None)
        with suppress(*FAILURES):
            if looks_anew:
                self._refs = self._read_refs()
                for files in (self._checkout, *self._resting.values()):
                    files.forget()
                    files.look()
        self._know(prepared.story_id, prepared.head)

    def end(self, request: Commit, committed: Committed) -> tuple[str, ...]:
        """An agent has ended: what differs from the last look, a line each."""
        if self._refs is None:  # nobody has looked before
            return ()
        found: list[str] = []
        with suppress(*FAILURES):
            found += self._moved({request.story_id, *request.beside})
        with suppress(*FAILURES):
            found += _told("files changed in the checkout", self._checkout.look())
        self._resting.pop(request.story_id, None)
        found += self._look_at_resting(request.resting)
        self._know(request.story_id, committed.head)
        return tuple(one_line(line) for line in found)

    def use(self, story_id: str) -> None:
        """We are at work in the worktree of a story that rests."""
        self._resting.pop(story_id, None)

    # --- refs -----------------------------------------------------------------------------------

    def _read_refs(self) -> dict[str, str]:
        form = "--format=%(refname) %(objectname)"
        answer = self._place.git.run("for_each_ref", form, BRANCHES, _TAGS, RECORDS)
        own = self._place.story_ref("")
        records: list[str] = []
        refs: dict[str, str] = {}
        for line in io.BytesIO(answer.out):  # a PRD's look must not take what all of them have
            name, _, commit = os.fsdecode(line).rstrip("\n").rpartition(" ")
            if name.startswith(RECORDS):
                records.append(name)
            elif name.startswith(own) or not name.startswith(_STORIES):
                refs[name] = commit
        for name in owners_of(records):  # these move all the time, and have records of their own
            refs.pop(name, None)
        return refs

    def _moved(self, at_work: Iterable[str]) -> list[str]:
        before = self._refs
        if before is None:
            return []
        now = self._refs = self._read_refs()
        own = {self._place.story_ref(story_id) for story_id in at_work}
        # A branch of a PRD that began meanwhile is not known as one in the look before.
        names = sorted(
            name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
        )
        strange = [name for name in names if name not in own and not self._is_ours(now.get(name))]
        lines = [_move(name, before.get(name, ""), now.get(name, "")) for name in strange]
        more = len(lines) - REFS_TOLD
        return [*lines[:REFS_TOLD], f"{more} more refs moved"] if more > 0 else lines

    def _is_ours(self, commit: str | None) -> bool:
        """Say whether a PRD has landed there."""
        if not commit:
            return False
        found = self._place.git.ask("show", "--no-patch", f"--format={_LANDED}", commit, "--")
        return found.status == 0 and bool(found.line.strip())

    def _know(self, story_id: str, head: str) -> None:
        """What we have done to a story's branch ourselves."""
        if self._refs is not None and head:
            self._refs[self._place.story_ref(story_id)] = head

    # --- other stories' worktrees ---------------------------------------------------------------

    def _look_at_resting(self, resting: tuple[Resting, ...]) -> list[str]:
        """Those in which nobody of ours is at work, since they were looked at last."""
        known, self._resting = self._resting, {}
        found: list[str] = []
        for each in resting[:RESTING_MAX]:
            with suppress(*FAILURES):
                files = known.get(each.story_id) or self._files_of(each)
                if files is not None:
                    found += _told(
                        f"files changed in the worktree of {each.story_id}", files.look()
                    )
                    self._resting[each.story_id] = files
        return found

    def _files_of(self, resting: Resting) -> _Files | None:
        worktree = find_worktree(self._place, Path(resting.worktree))
        if worktree is None:
            return None
        return _Files(worktree.git, worktree.path)


class _Files:
    """What differs from HEAD in a folder, from look to look."""

    def __init__(self, git: Commands, folder: Path) -> None:
        self._git = git.at(folder, timeout_s=LOOK_S_MAX)
        self._folder = folder
        self._known: Files | None = None
        self._not_before_s = 0.0

    def forget(self) -> None:
        """Whatever has changed so far is of no interest."""
        self._known = None

    def look(self) -> list[str]:
        """The files that differ from the last look; nothing at the first one."""
        began_s = time.monotonic()
        if began_s < self._not_before_s:
            return []
        try:
            now = _files(self._git, self._folder)
        except GitTooSlowError:
            self._not_before_s = float("inf")
            return []
        ended_s = time.monotonic()
        if ended_s - began_s > QUICK_S:
            self._not_before_s = ended_s + RARELY * (ended_s - began_s)
        before, self._known = self._known, now
        if before is None or now is None:
            return []
        return sorted(name for name in before.keys() | now.keys() if _differs(name, before, now))


def _differs(name: str, before: Files, now: Files) -> bool:
    return before.get(name) != now.get(name)


def _files(git: Commands, folder: Path) -> Files | None:
    """All that differs; None where that is too much to be followed."""
    options = ("--porcelain", "-z", "--no-renames", "--ignore-submodules=all")
    lines = git.run("status", *options, "--untracked-files=normal").out.split(b"\0")[:-1]
    if len(lines) > DIRTY_MAX:
        return None
    found: dict[str, tuple[str, int, int]] = {}
    for line in lines:
        path = line[3:]
        try:
            about = os.lstat(os.fsencode(folder) + b"/" + path)
            size, time_ns = about.st_size, about.st_mtime_ns
        except OSError:
            size, time_ns = -1, 0
        found[path_text(path)] = (line[:2].decode("ascii"), size, time_ns)
    return found


def _told(what: str, names: list[str]) -> list[str]:
    if not names:
        return []
    more = len(names) - FILES_TOLD
    rest = f" and {more} more" if more > 0 else ""
    return [f"{what}: {', '.join(names[:FILES_TOLD])}{rest}"]


def _move(name: str, before: str, now: str) -> str:
    if not before:
        return f"{name} was made, at {now[:_SHORT]}"
    if not now:
        return f"{name} was deleted, from {before[:_SHORT]}"
    return f"{name} moved from {before[:_SHORT]} to {now[:_SHORT]}"
