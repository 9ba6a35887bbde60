"""Salvage refs: where commits and trees that nothing else holds are kept."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ..commands import GitRefused
from ..occupants import Occupant
from ..place import Place
from ..secrets.history import clean_to_keep
from ..secrets.sweep import put_lost_aside
from ..trees import commit_tree

# What may vanish one day (the user's stash, our own scaffolding) holds nothing.
_HOLDERS = (
    "--branches",
    "--tags",
    "--remotes",
    "--glob=refs/prd-supervise/salvage",
    "--glob=refs/prd-supervise/branches",
)
# In the place of a story's id, in the name of a salvage ref.
WHOLE_BRANCH = "branch"
COMMITS_MAX = 5000
CONFLICTS = "salvage: the sides of the conflicts"
STAGED = "salvage: what was staged"
_SOME_DAY = "2000-01-01T00:00:00Z"


class Kept(Struct, frozen=True, kw_only=True):
    """A salvage ref, and the commit that it names."""

    ref: str
    commit: str
    is_new: bool = True
    is_cleaned: bool = False  # what was to be kept held secrets


def keep(
    place: Place, who: Occupant, *, head: str, tree: str = "", more: tuple[str, ...] = ()
) -> str:
    """Point a salvage ref at `head`, or at a new commit of `tree` on top of it and of `more`.

    The same content is kept once: an operation that was killed half-way comes here again.
    """
    return keep_commit(place, who, head=head, tree=tree, more=more).ref


def keep_commit(
    place: Place, who: Occupant, *, head: str, tree: str = "", more: tuple[str, ...] = ()
) -> Kept:
    """The same, with the commit. Nothing secret is kept: commits that hold it are made anew."""
    clean = clean_to_keep(place, head=head, tree=tree, more=more)
    put_lost_aside(place, who.story_id, clean.lost)
    head, tree, more = clean.head, clean.tree, clean.more
    folder = place.salvage_refs(who.story_id)
    parents = tuple(dict.fromkeys(each for each in (head, *more) if each))
    if len(parents) > 1 and not tree:
        tree = place.git.run("rev_parse", f"{parents[0]}^{{tree}}").line
    form = "--format=%(refname)%00%(objectname)%00%(tree)%00%(parent)"
    taken = set()
    for line in place.git.run("for_each_ref", form, folder).line.split("\n"):
        name, *found = line.split("\0")
        taken.add(name)
        wanted = [tree, " ".join(parents)] if tree else [parents[0]]
        if found and wanted == (found[1:] if tree else found[:1]):
            return Kept(ref=name, commit=found[0], is_new=False, is_cleaned=clean.is_changed)
    commit = parents[0] if parents else ""
    if tree:
        message = f"salvage: {who.story_id}, attempt {who.attempt}\n"
        commit = commit_tree(place.git, tree, parents=parents, message=message)
    name, number = f"{folder}{who.attempt}", 1
    while name in taken:
        number += 1
        name = f"{folder}{who.attempt}.{number}"
    place.git.run("update_ref", name, commit, "")
    return Kept(ref=name, commit=commit, is_cleaned=clean.is_changed)


def scaffold(place: Place, tree: str, message: str) -> str:
    """A commit that only holds a tree, as another parent; the same tree makes the same commit."""
    dates = {"GIT_AUTHOR_DATE": _SOME_DAY, "GIT_COMMITTER_DATE": _SOME_DAY}
    git = place.git.at(place.checkout, environment=dates)
    return commit_tree(git, tree, parents=(), message=f"{message}\n")


def check_whole(place: Place, kept: Kept, *, known: str) -> None:
    """Refuse a ref of which an object is gone: `git prune` may run at any moment.

    Before the ref stood nothing held what it names; from then on git itself does.
    """
    if not is_whole(place, kept.commit, known=known):
        place.git.run("update_ref", "-d", kept.ref, kept.commit)
        raise GitRefused(f"objects were removed while they were kept in {kept.ref}")


def is_whole(place: Place, commit: str, *, known: str) -> bool:
    """Say whether every object is there that the commit names and `known` does not."""
    without = (f"^{known}",) if known else ()
    return place.git.ask("rev_list", "--objects", "--quiet", commit, *without, "--").status == 0


def unheld(place: Place, commits: Iterable[str], *, but: str = "") -> tuple[str, ...]:
    """Those of the commits that no branch, tag or salvage ref holds, the tips of them only.

    The ref `but` does not count: it is going to move.
    """
    asked = "".join(f"{commit}\n" for commit in dict.fromkeys(commits))
    if not asked:
        return ()
    options = ("--parents", "--ignore-missing", f"--max-count={COMMITS_MAX}", "--stdin")
    holders = [word for each in _HOLDERS for word in (*([f"--exclude={but}"] if but else []), each)]
    out = place.git.run("rev_list", *options, "--not", *holders, stdin=asked.encode()).line
    lines = [line.split(" ") for line in out.split("\n") if line]
    parents = {parent for _, *above in lines for parent in above}
    return tuple(commit for commit, *_ in lines if commit not in parents)
