"""Where the PRD file is in the branch: where the user has it, or with the completed PRDs."""

from __future__ import annotations

import os
import posixpath

from ....policies.merging.prd_folders import completed_path, folder_of
from ..place import Branch, Place
from ..trees import Entry, commit_entries, entries_below, entry_at


def path_in_branch(place: Place, user_file: str, *, base: str, head: str) -> str:
    """Where the PRD file is in the branch; "" where it is not to be kept in git at all."""
    if not user_file:
        return ""
    if head:
        if entry_at(place.git, head, user_file).blob:
            return user_file
        moved = completed_path(user_file)
        # One that is in the base already is an earlier PRD's of the same name.
        is_there = bool(moved) and bool(entry_at(place.git, head, moved).blob)
        if is_there and not entry_at(place.git, base, moved).blob:
            return moved
    elif entry_at(place.git, base, user_file).blob:
        return user_file
    problem = _problem(place, user_file, head or base)
    if problem:
        place.tell(f"{user_file} {problem}: no story is marked in it", event="not_marked")
    return "" if problem else user_file


def _problem(place: Place, user_file: str, commit: str) -> str:
    """Why a file that git does not have is none to add."""
    above = posixpath.dirname(user_file)
    while above:
        entry = entry_at(place.git, commit, above)
        if entry.blob and entry.mode != "040000":
            return f"lies in {above}, which is {entry.kind} in git"
        if os.path.lexists(place.checkout / above / ".git"):
            return f"lies in {above}, another repository"
        above = posixpath.dirname(above)
    # It refuses to take pathspecs literally, and does so all the same behind the dot.
    git = place.git.at(place.checkout, environment={"GIT_LITERAL_PATHSPECS": "0"})
    answer = git.ask("check_ignore", "--quiet", "--", f"./{user_file}")
    if answer.status == 0:
        return "is ignored by git"
    return "" if answer.status == 1 else "lies in another repository"


def moved_to(place: Place, branch: Branch, path: str, *, head: str, subject: str) -> str:
    """Make a commit in which the PRD's folder has moved to that of `path`; "" if it cannot.

    All of the folder moves, modes and links as they are.
    """
    source, target = folder_of(branch.prd_file), folder_of(path)
    files = entries_below(place.git, head, source)
    if not files:
        return ""
    if entry_at(place.git, head, target).blob:
        text = f"{source} stays where it is in {branch.name}: there is {target} already"
        place.tell(text, event="not_moved")
        return ""
    gone = [(name, Entry(mode="0", blob="")) for name in files]
    there = [(target + name.removeprefix(source), entry) for name, entry in files.items()]
    return commit_entries(place.git, parent=head, entries=(*gone, *there), subject=subject)
