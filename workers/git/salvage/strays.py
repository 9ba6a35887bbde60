"""Commits of a worktree that no ref shows any more, and stashes that were made in it.

An agent may commit and then reset, amend, rebase, or leave HEAD somewhere else: the log of HEAD
knows. `git stash` writes into the one stash that all worktrees share with the user: that is never
touched, but what an agent put there stands under a salvage ref as well.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from ..commands import FAILURES
from ..occupants import Occupant, read_note
from ..place import Place
from .keeping import CONFLICTS, keep, keep_commit, scaffold, unheld
from .salvaged import Salvaged
from .snapshot import conflict_tree, index_tree, scratch_index

_ENTRY = re.compile(
    rb"^([0-9a-f]{40,64}) ([0-9a-f]{40}(?:[0-9a-f]{24})?) .*?(\d+) [+-]\d{4}(?:\t(.*))?$"
)
# Entries that go to a commit and make none.
_MOVES = (b"checkout: ", b"reset: ", b"branch: ", b"rebase (start)", b"rebase (abort)")
# ... and those whose commit stands on the one before.
_GROWTH = (b"commit: ", b"commit (merge): ")
_LOG_BYTES_MAX = 1 << 20
_SEEN = "prd-supervise.seen"
_PENDING = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge/orig-head")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_STASHED = re.compile(rb"^(?:WIP on|On) (.*?): ")
_DETACHED = b"(no branch)"


class _Entry(Struct, frozen=True, kw_only=True):
    """A line of a log: from which commit to which, when, and what git said."""

    old: str
    new: str
    at_s: int
    said: bytes

    @property
    def is_move(self) -> bool:
        """Say whether HEAD only went there; a new worktree begins with an entry without a word."""
        is_first = not self.said and not self.old.strip("0")
        return is_first or self.said.startswith(_MOVES)


def stray_commits(place: Place, admin: Path, *, head: str, branch: str) -> tuple[str, ...]:
    """The tips of what was committed here and is in no branch; without `branch` HEAD is none."""
    found = [head] if head and not branch else []
    found += [each for name in _PENDING for each in _COMMIT.findall(_text(admin / name))]
    found += [each for path in _own_refs(admin) for each in _COMMIT.findall(_text(path))]
    in_head = {head}
    for entry in reversed(_fresh_entries(admin)[1]):
        if entry.new in in_head and entry.said.startswith(_GROWTH):
            in_head.add(entry.old)
        elif entry.new not in in_head and not entry.is_move:
            found.append(entry.new)
    return unheld(place, found)


def note_seen(admin: Path) -> None:
    """Note how far the log is dealt with: what a person throws away later does not come back."""
    last, fresh = _fresh_entries(admin)
    if fresh:
        (admin / _SEEN).write_bytes(last)


def keep_stashes(place: Place, admin: Path, who: Occupant) -> tuple[str, ...]:
    """Keep what was stashed in this worktree since it was made ready, and tell of it."""
    note = admin / "prd-supervise"
    since_s = int(note.stat().st_mtime) if note.is_file() else 0
    ours = place.story_branch(who.story_id).encode()
    refs = []
    for entry in _read(_tail(place.common_dir / "logs/refs/stash")):
        named = _STASHED.match(entry.said)
        if named is None or entry.at_s < since_s:
            continue
        if named[1] == ours or (named[1] == _DETACHED and _was_here(place, admin, entry.new)):
            ref = _kept_stash(place, who, entry.new)
            refs += [ref] if ref else []
    return tuple(refs)


def salvage_admin(place: Place, path: Path, admin: Path) -> Salvaged:
    """Keep what the administration of a worktree knows whose files or HEAD are gone."""
    who = read_note(admin) or Occupant(story_id="unknown", attempt=0)
    named = _text(admin / "HEAD").strip()
    detached = named if _COMMIT.fullmatch(named) else ""
    is_named = named.startswith("ref: ")
    branch = named.removeprefix("ref: ") if is_named else place.story_ref(who.story_id)
    found = place.refs(branch).get(branch)
    head = detached or (found.commit if found else "")
    staged = _staged(place, admin, head)
    strays = stray_commits(place, admin, head=head, branch="" if detached else branch)
    ref = ""
    if staged or strays:
        parents = (*strays, *staged[1:])
        first = head or (strays[0] if strays else "")
        ref = keep(place, who, head=first, tree=staged[0] if staged else "", more=parents)
        place.tell(f"kept what was committed or staged in {path} as {ref}", event="salvaged")
    keep_stashes(place, admin, who)
    return Salvaged(path, ref)


def _staged(place: Place, admin: Path, head: str) -> tuple[str, ...]:
    """What the index holds besides HEAD; nothing where it cannot be read any more."""
    if not (admin / "index").is_file():
        return ()
    try:
        with scratch_index(admin) as index:
            git = place.git.with_index(index)
            sides = conflict_tree(git, index)
            tree = index_tree(git)
    except FAILURES as error:
        place.tell(f"the index of {admin} could not be read: {error}")
        return ()
    at_head = place.git.run("rev_parse", f"{head}^{{tree}}").line if head else ""
    more = (scaffold(place, sides, CONFLICTS),) if sides else ()
    return (tree, *more) if tree != at_head or more else ()


def _kept_stash(place: Place, who: Occupant, stash: str) -> str:
    if not place.has_commit(stash) or not unheld(place, (stash,)):
        return ""
    kept = keep_commit(place, who, head=stash)
    text = f"{who.story_id} stashed work in the stash that is yours too; it is kept as {kept.ref}"
    if kept.is_new:
        place.tell(f"{text}, and the stash is left as it is", event="stashed")
    return kept.ref


def _was_here(place: Place, admin: Path, stash: str) -> bool:
    """Say whether a stash without a branch was made on a commit that HEAD has stood on here."""
    answer = place.git.ask("rev_parse", "--verify", "--quiet", f"{stash}^1")
    entries = _read(_tail(admin / "logs/HEAD"))
    return bool(answer.line) and any(entry.new == answer.line for entry in entries)


def _fresh_entries(admin: Path) -> tuple[bytes, list[_Entry]]:
    """The last line of the log of HEAD, and what was logged since it was looked at last."""
    lines = _tail(admin / "logs/HEAD")
    seen = (admin / _SEEN).read_bytes() if (admin / _SEEN).is_file() else b""
    if seen in lines:
        lines = lines[len(lines) - lines[::-1].index(seen) :]
    return (lines[-1] if lines else b""), _read(lines)


def _read(lines: list[bytes]) -> list[_Entry]:
    found = (entry for line in lines if (entry := _ENTRY.match(line)))
    return [
        _Entry(old=old.decode(), new=new.decode(), at_s=int(at_s), said=said or b"")
        for old, new, at_s, said in (entry.groups() for entry in found)
    ]


def _own_refs(admin: Path) -> list[Path]:
    """Refs that git keeps for one worktree alone."""
    folders = (admin / "refs/worktree", admin / "refs/rewritten")
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def _tail(log: Path) -> list[bytes]:
    """The lines of a log, the first ones of a very long one left out."""
    if not log.is_file():
        return []
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LOG_BYTES_MAX))
        return file.read().splitlines()


def _text(path: Path) -> str:
    return path.read_text("ascii", "replace") if path.is_file() else ""
