"""Submodules in linked worktrees: shown from what the user has cloned, without network.

Git leaves their folders empty in a linked worktree. Here each gets a repository of its own beside
the worktree, which borrows the objects of the user's clone; nothing of the user's configuration
changes. What an agent commits in one goes to the user's clone, under refs of ours, before the
worktree goes on: else the pointer in the story's commit would lead nowhere.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from ..commands import Commands
from ..place import Place

_LINK = b"160000"
_IDENTITY = {
    f"GIT_{role}_{field}": value
    for role in ("AUTHOR", "COMMITTER")
    for field, value in (
        ("NAME", "prd-supervise"),
        ("EMAIL", "prd-supervise@localhost"),
        ("DATE", "2000-01-01T00:00:00Z"),  # the same content is kept once
    )
}
_REFS = "refs/prd-supervise/submodule/"


class Submodule(Struct, frozen=True, kw_only=True):
    """One that the user has cloned: its folder in the worktree, and both repositories."""

    path: Path
    own: Path  # beside the worktree
    source: Path  # the user's
    commit: str  # that the worktree's index names
    git: Commands


def follow(place: Place, path: Path, admin: Path, git: Commands) -> None:
    """Let the submodules show what the worktree's index names."""
    for each in _known(place, path, admin, git):
        if not _has(each, each.commit) and each.own.is_dir():
            _fetch(each.git, each.source, each.commit)
        if not (each.own / "HEAD").is_file():
            _make(each)
        if _has(each, each.commit):
            (each.path / ".git").write_bytes(b"gitdir: " + os.fsencode(each.own) + b"\n")
            each.git.run("checkout", "--quiet", "--force", "--detach", each.commit, "--")
            each.git.run("clean", "-ffd", "--quiet")
        else:
            shutil.rmtree(each.path)
            each.path.mkdir()
            text = f"the submodule {each.path.relative_to(path)} stays empty: {each.commit[:12]} "
            place.tell_once(f"{text}is not in {each.source}", event="submodule_empty")


def preserve(place: Place, path: Path, admin: Path, git: Commands) -> None:
    """Bring what was done in submodules into the user's clones, below refs of ours."""
    for each in _known(place, path, admin, git):
        if not (each.own / "HEAD").is_file() or not (each.path / ".git").is_file():
            continue
        head = each.git.ask("rev_parse", "--verify", "--quiet", "HEAD^{commit}").line
        if each.git.run("status", "--porcelain", "-z", "--untracked-files=all").out:
            head = _committed(each, head)
            text = (
                f"what was not committed in the submodule {each.path.relative_to(path)} is in no "
            )
            kept = f"{_REFS}{place.prd_id}/{head}"
            place.tell_once(f"{text}story; your clone has it as {kept}", event="not_committed")
        if head and head != each.commit:
            name = f"{_REFS}{place.prd_id}/{head}"
            source = _at(place, each.source, each.path)
            if source.ask("cat_file", "-e", f"{head}^{{commit}}").status != 0:
                _fetch(source, each.own, head)
            source.run("update_ref", name, head)


def holds(place: Place, path: Path, admin: Path, git: Commands, folder: Path) -> bool:
    """Say whether the folder is a submodule of ours: `preserve` keeps what was done in it."""
    return any(each.path == folder for each in _known(place, path, admin, git))


def _known(place: Place, path: Path, admin: Path, git: Commands) -> Iterator[Submodule]:
    if not (path / ".gitmodules").is_file():
        return
    names = ("--file", str(path / ".gitmodules"), "-z", "--get-regexp", r"^submodule\..*\.path$")
    told = git.ask("config", *names).out.split(b"\0")
    paths = {}
    for line in told:
        key, _, value = os.fsdecode(line).partition("\n")
        if _is_safe(value) and _is_safe(name := key[len("submodule.") : -len(".path")]):
            paths[value] = name
    if not paths:
        return
    for line in git.run("ls_files", "--stage", "-z", "--", *paths).out.split(b"\0"):
        about, _, name_of = line.partition(b"\t")
        folder = path / os.fsdecode(name_of)
        if not about.startswith(_LINK) or os.fsdecode(name_of) not in paths:
            continue
        source = _source(place, paths[os.fsdecode(name_of)], os.fsdecode(name_of))
        if source is None or folder.is_symlink() or not folder.is_dir():
            continue
        own = admin / "modules" / paths[os.fsdecode(name_of)]
        yield Submodule(
            path=folder,
            own=own,
            source=source,
            commit=about.split(b" ")[1].decode("ascii"),
            git=_at(place, own, folder),
        )


def _source(place: Place, name: str, path: str) -> Path | None:
    """Where the user has it: git's place for it, or, as older gits made it, in its folder."""
    for each in (place.common_dir / "modules" / name, place.checkout / path / ".git"):
        if (each / "objects").is_dir():
            return each
    return None


def _is_safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith(("/", "-")) and not {"..", ".git"} & {*parts}


def _at(place: Place, git_dir: Path, work_tree: Path) -> Commands:
    environment = {"GIT_DIR": str(git_dir), "GIT_WORK_TREE": str(work_tree)}
    return place.git.at(work_tree, environment=environment)


def _make(each: Submodule) -> None:
    """Make its repository, which has no objects of its own yet."""
    shutil.rmtree(each.own, ignore_errors=True)  # a kill left it without HEAD
    each.own.parent.mkdir(parents=True, exist_ok=True)
    each.git.run("init", "--quiet")
    (each.own / "objects/info").mkdir(exist_ok=True)
    borrowed = each.own / "objects/info/alternates"
    borrowed.write_bytes(os.fsencode(each.source / "objects") + b"\n")
    if (each.source / "shallow").is_file():
        shutil.copy2(each.source / "shallow", each.own / "shallow")


def _has(each: Submodule, commit: str) -> bool:
    return (each.own / "HEAD").is_file() and (
        each.git.ask("cat_file", "-e", f"{commit}^{{commit}}").status == 0
    )


def _fetch(git: Commands, source: Path, commit: str) -> None:
    """Take a commit from another repository on this disk; one that it lacks stays away."""
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
    git.ask("fetch", *options, "--", str(source), commit)


def _committed(each: Submodule, head: str) -> str:
    """What is not committed in it, as a commit on top; its index and files stay as they are."""
    index = each.own / "prd-supervise.index"
    index.unlink(missing_ok=True)
    if (each.own / "index").is_file():
        shutil.copy2(each.own / "index", index)
    git = each.git.with_index(index)
    git.ask("add", "--all", "--ignore-errors")
    tree = git.run("write_tree").line
    index.unlink(missing_ok=True)
    parents = ("-p", head) if head else ()
    git = each.git.at(each.path, environment=_IDENTITY)  # its repository may know nobody's name
    return git.run("commit_tree", tree, *parents, stdin=b"salvage: not committed\n").line
