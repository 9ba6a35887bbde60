"""Commits and trees without secret files: what an agent committed itself is made anew."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..secrecy.names import SecretNames
from .commands import Commands
from .place import BASES, RECORDS, Place
from .trees import commit_tree

_NEW = ("--name-only", "--no-renames", "--no-ext-diff", "-z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A commit in whose history no secret file is new; `without` are those that it had."""

    commit: str
    without: tuple[str, ...] = ()


def secret_among(place: Place, names: Iterable[bytes], *, bases: tuple[str, ...]) -> list[str]:
    """Those of the files that are secret by their names, and in none of the bases."""
    secret = SecretNames(place.rules.secrets.files)
    found = [os.fsdecode(name) for name in names if name and secret.match(name)]
    for base in bases:
        if found:
            out = place.git.run("ls_tree", "-z", "--name-only", "--full-tree", base, "--", *found)
            found = sorted(set(found).difference(os.fsdecode(out.out).split("\0")))
    return sorted(set(found))


def take_out(git: Commands, names: Iterable[str]) -> None:
    """Take files out of the index that `git` works on; they stay where they are."""
    told = b"".join(os.fsencode(name) + b"\0" for name in names)
    if told:
        git.run("update_index", "--force-remove", "-z", "--stdin", stdin=told)


def clean_commit(place: Place, commit: str, *, base: str) -> Cleaned:
    """Make one commit on `base` of all since, if a secret file came in on the way.

    The same commits make the same one, whenever they are asked for.
    """
    names = _new_since(place, commit, (base,))
    secrets = secret_among(place, names, bases=(base,))
    if not secrets:
        return Cleaned(commit=commit)
    return Cleaned(
        commit=_made_one(place, commit, secrets, parents=(base,)), without=tuple(secrets)
    )


def clean_commits(place: Place, commits: Iterable[str]) -> list[Cleaned]:
    """The same for commits of anybody's that are to be kept, with the PRD's own as their base."""
    known = tuple(place.refs(BASES + place.prd_id, RECORDS + place.prd_id))
    cleaned = []
    for commit in commits:
        secrets = secret_among(place, _new_since(place, commit, known), bases=known)
        if secrets and known:
            at = place.git.ask("merge_base", "--octopus", commit, known[0]).line
            made = _made_one(place, commit, secrets, parents=(at,) if at else ())
            cleaned.append(Cleaned(commit=made, without=tuple(secrets)))
        else:
            cleaned.append(Cleaned(commit=commit))
    return cleaned


def clean_tree(place: Place, tree: str, *, beside: str) -> str:
    """The tree without the secret files that the commit `beside` it does not have."""
    known = tuple(place.refs(BASES + place.prd_id, RECORDS + place.prd_id))
    compared = beside or (known[0] if known else "")
    if not compared:
        return tree
    options = ("-r", "--name-only", "--no-renames", "--diff-filter=A", "-z")
    out = place.git.run("diff_tree", *options, compared, tree).out
    secrets = secret_among(place, out.split(b"\0"), bases=(compared,))
    return _tree_without(place, tree, secrets) if secrets else tree


def _new_since(place: Place, commit: str, known: tuple[str, ...]) -> set[bytes]:
    """The files that came in on any way to the commit that the known ones do not have."""
    if not known or commit in known:
        return set()
    without = [f"^{each}" for each in known]
    options = ("--format=", "--diff-filter=A", "-m", *_NEW)
    out = place.git.run("log", *options, commit, *without, "--").out
    return {name.lstrip(b"\n") for name in out.split(b"\0")}


def _made_one(place: Place, commit: str, secrets: list[str], *, parents: tuple[str, ...]) -> str:
    tree = _tree_without(place, commit, secrets)
    form = "--format=%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%s"
    options = ("-1", "--no-patch", "--date=raw", form)
    *who, subject = place.git.run("log", *options, commit, "--").line.split("\0")
    roles = ("AUTHOR_NAME", "AUTHOR_EMAIL", "AUTHOR_DATE")
    names = (*roles, *(role.replace("AUTHOR", "COMMITTER") for role in roles))
    told = {f"GIT_{name}": value for name, value in zip(names, who, strict=True) if value}
    git = place.git.at(place.checkout, environment=told)
    return commit_tree(git, tree, parents=parents, message=f"{subject}\n")


def _tree_without(place: Place, tree: str, secrets: list[str]) -> str:
    with tempfile.TemporaryDirectory(prefix="prd-supervise-") as folder:
        git = place.git.with_index(Path(folder) / "index")
        git.run("read_tree", tree)
        take_out(git, secrets)
        return git.run("write_tree").line
