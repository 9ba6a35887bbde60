"""Salvage: what stands in a worktree or on a branch is kept in a ref before it is reset."""

from __future__ import annotations

import re
import shutil

from . import submodules
from .commands import Answer, Commands, refusal
from .occupants import Occupant
from .place import Place
from .trees import commit_tree
from .worktrees import State, Worktree

# What `git add` may leave out: an empty repository, what nobody may read, a pipe, a socket.
_LEFT_OUT = re.compile(
    r"does not have a commit checked out$|can only add regular files, "
    r"|: Permission denied$|unable to index file '.*'$|adding files failed$"
)


def salvage_worktree(
    place: Place, worktree: Worktree, state: State, occupant: Occupant | None
) -> str:
    """Keep everything of a worktree that no branch holds; "" where nothing would be lost."""
    who = occupant or Occupant(story_id="unknown", attempt=0)
    submodules.preserve(place, worktree.path, worktree.admin, worktree.git)
    if state.dirty:
        tree = _tree_of(worktree)
        if not state.head or tree != _tree_at(place, state.head):
            return keep(place, who, head=state.head, tree=tree)
    if state.head and not state.branch and not _is_reachable(place, state.head):
        return keep(place, who, head=state.head)
    return ""


def keep(place: Place, who: Occupant, *, head: str, tree: str = "") -> str:
    """Point a salvage ref at `head`, or at a new commit of `tree` on top of it.

    The same content is kept once: an operation that was killed half-way comes here again.
    """
    folder = place.salvage_refs(who.story_id)
    form = "--format=%(refname)%00%(objectname)%00%(tree)%00%(parent)"
    taken = set()
    for line in place.git.run("for_each_ref", form, folder).line.split("\n"):
        name, *found = line.split("\0")
        taken.add(name)
        if found and (found[1:] == [tree, head] if tree else found[0] == head):
            return name
    commit = head
    if tree:
        parents = (head,) if head else ()
        message = f"salvage: {who.story_id}, attempt {who.attempt}\n"
        commit = commit_tree(place.git, tree, parents=parents, message=message)
    name, number = f"{folder}{who.attempt}", 1
    while name in taken:
        number += 1
        name = f"{folder}{who.attempt}.{number}"
    place.git.run("update_ref", name, commit, "")
    return name


def add_everything(git: Commands) -> bool:
    """Bring all that is not ignored into the index; False where git cannot take something in."""
    answer = git.ask("add", "--all", "--sparse")
    if answer.status != 0:
        answer = git.ask("add", "--all", "--sparse", "--ignore-errors")
    if answer.status != 0 and not _is_bearable(answer):
        raise refusal("add", answer)
    return answer.status == 0


def _is_bearable(answer: Answer) -> bool:
    """Tell a file that cannot be read from a disk that is full: that one must not pass."""
    lines = (line for line in answer.err.splitlines() if line.startswith(("error:", "fatal:")))
    return all(_LEFT_OUT.search(line) for line in lines)


def _tree_of(worktree: Worktree) -> str:
    """Write the worktree as a tree, by a copy of its index: the copy spares reading every file."""
    index = worktree.admin / "prd-supervise.index"
    index.unlink(missing_ok=True)  # a salvage that was killed left it
    if (worktree.admin / "index").is_file():
        shutil.copy2(worktree.admin / "index", index)
    git = worktree.git.with_index(index)
    add_everything(git)
    tree = git.run("write_tree").line
    index.unlink(missing_ok=True)
    return tree


def _tree_at(place: Place, commit: str) -> str:
    return place.git.run("rev_parse", f"{commit}^{{tree}}").line


def _is_reachable(place: Place, commit: str) -> bool:
    return bool(place.git.run("for_each_ref", "--count=1", f"--contains={commit}").line)
