"""Git, and what in a repository concerns parallel work: hooks, filters, submodules, names."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from ...shell.repository.checkout import Checkout, git_says
from .words import Line, fail, ok, warn

GIT_MIN = (2, 38)  # merge-tree --write-tree
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_SHOWN = 4
_IDENTITY = ("name", "email")


def program_lines() -> Iterator[Line]:
    """Git itself."""
    if shutil.which("git") is None:
        yield fail("git", "is not on PATH", "install git 2.38 or newer")
        return
    answer = git_says(Path.cwd(), "--version")
    found = _VERSION.search(answer)
    if found is None:
        told = f": {answer[:80]!r}" if answer else ""
        advice = "see what `git --version` says, or install git anew"
        yield fail("git", f"does not tell its version{told}", advice)
        return
    version = int(found[1]), int(found[2])
    if version < GIT_MIN:
        yield fail(
            "git",
            f"{found[0]} is too old to merge beside a branch",
            "install git 2.38 or newer (merge-tree --write-tree)",
        )
    else:
        yield ok("git", f"{found[0]}, merges beside every branch (merge-tree)")


def repository_lines(checkout: Checkout) -> Iterator[Line]:
    """Whether git can merge in it."""
    at = f"on {checkout.branch}" if checkout.branch else "with a detached HEAD"
    if not os.access(checkout.common_dir / "objects", os.W_OK | os.X_OK):
        advice = "take the right, or clone it to where you may write"
        yield fail("repository", f"{checkout.common_dir} cannot be written", advice)
        return
    tree = git_says(checkout.top, "merge-tree", "--write-tree", "HEAD", "HEAD")
    if not tree:
        advice = "`git fsck` says what is broken"
        yield fail("repository", f"{checkout.top}: git merge-tree fails here", advice)
    else:
        yield ok("repository", f"{checkout.top}, {at}")


def kind_lines(checkout: Checkout) -> Iterator[Line]:
    """What stands in the repository that our commits and worktrees meet."""
    if (checkout.top / ".gitmodules").is_file():
        yield warn(
            "submodules",
            "there are some; worktrees begin without them",
            'name what fetches them in [worktree] setup: "git submodule update --init"',
        )
    if git_says(checkout.top, "config", "--get", "core.ignorecase") == "true":
        yield warn(
            "names of files",
            "this file system does not tell A from a",
            "let no two stories add files whose names differ by case alone",
        )


def identity_line(checkout: Checkout) -> Line:
    """Who the commits of the supervisor and of agents are by."""
    name, mail = (git_says(checkout.top, "config", "--get", f"user.{key}") for key in _IDENTITY)
    if name and mail:
        return ok("identity", f"{name} <{mail}>")
    lacks = " and ".join(
        f"user.{key}" for key, value in zip(_IDENTITY, (name, mail), strict=True) if not value
    )
    advice = 'git config --global user.name "..." and user.email'
    return warn("identity", f"git has no {lacks}: commits are by prd-supervise", advice)


def hook_lines(checkout: Checkout) -> Iterator[Line]:
    """Hooks that agents run, and we do not."""
    path = git_says(checkout.top, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
    try:
        found = sorted(
            entry.name
            for entry in os.scandir(path or checkout.common_dir / "hooks")
            if entry.is_file() and not entry.name.endswith(".sample") and os.access(entry, os.X_OK)
        )
    except OSError:
        found = []
    if found:
        names = ", ".join(found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else "")
        yield warn(
            "hooks",
            f"{names}: agents run them, commits and merges of prd-supervise do not",
            "name what they check in [verify] commands",
        )


def filter_lines(checkout: Checkout) -> Iterator[Line]:
    """Filters without which no file can be checked out as it is."""
    listed = git_says(
        checkout.top, "grep", "-h", "-I", "filter=", "HEAD", "--", ":(glob)**/.gitattributes"
    )
    names = sorted(set(re.findall(r"\bfilter=([\w.-]+)", listed)))
    for name in names:
        is_set_up = git_says(checkout.top, "config", "--get", f"filter.{name}.clean")
        if not is_set_up:
            yield fail(
                "filters",
                f".gitattributes wants filter={name}, which is not set up here",
                "git lfs install" if name == "lfs" else f"configure filter.{name}",
            )
        elif name == "lfs" and shutil.which("git-lfs") is None:
            yield fail("filters", "files are kept by LFS, and git-lfs is not on PATH", "install it")
        else:
            yield ok("filters", f"filter={name} is set up")
