"""What must be known of the user's repository before the tree starts. Nothing here changes it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from ..storage.layout import Layout

STATE_DIR = ".prd-supervise"
GIT_S_MAX = 30.0
TRACKED_MAX = 200_000  # files that are looked at
_ANSWERS = 4
_SHOWN = 10  # characters of a commit
_MAGIC = re.compile(r"([\\*?\[])")
_OURS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR")


class RepositoryError(Exception):
    """No repository that we can work on; the text says what to do."""


class Checkout(Struct, frozen=True, kw_only=True):
    """The checkout that we were called on: `branch` is empty when HEAD is detached."""

    top: Path
    common_dir: Path
    head: str
    branch: str

    def layout(self, worktrees: str = "") -> Layout:
        """Where everything lies; linked worktrees share the main one's state."""
        home = self.common_dir.parent if self.common_dir.name == ".git" else self.common_dir
        state_dir = home / STATE_DIR
        return Layout(
            repository=self.top,
            common_dir=self.common_dir,
            state_dir=state_dir,
            worktrees=self.top / _expanded(worktrees) if worktrees else state_dir / "worktrees",
        )


def _expanded(folder: str) -> str:
    """A home in it is meant, as in a shell; one that nobody has is a name like any other."""
    return os.path.expanduser(folder)  # noqa: PTH111  Path's own raises for that one


def find_checkout(folder: Path) -> Checkout:
    """Look up the checkout that `folder` lies in."""
    folder = folder.absolute()
    if not folder.is_dir():
        raise RepositoryError(f"{folder}: no such folder; name one inside a git repository")
    asked = ("--path-format=absolute", "--show-toplevel", "--git-common-dir")
    answer, _ = _git(folder, "rev-parse", *asked, "HEAD^{commit}", "--symbolic-full-name", "HEAD")
    lines = answer.split("\n")
    if len(lines) != _ANSWERS:
        raise RepositoryError(_problem(folder))
    top, common, head, branch = lines
    if not _is_utf8(top):  # messages and journals are JSON
        raise RepositoryError(f"{top!r}: the path is not UTF-8; move the repository")
    name = branch.removeprefix("refs/heads/") if branch != "HEAD" else ""
    return Checkout(top=Path(top), common_dir=Path(common), head=head, branch=name)


def _problem(folder: Path) -> str:
    """Why git did not say all that is to be known of a checkout."""
    top, error = _git(folder, "rev-parse", "--show-toplevel")
    if not top:
        return _no_repository(folder, error)
    if "\n" in top:  # git's own answers are lines
        return f"{top!r}: a line break in the path; move the repository"
    named, _ = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    if named:
        return f"{top}: git has no commit {named[:_SHOWN]}, its HEAD; `git fsck` says what is lost"
    return f"{top}: the repository has no commit yet; make a first one"


def commit_of(checkout: Checkout, revision: str) -> str:
    """The commit that a branch name or revision stands for."""
    commit, _ = _git(
        checkout.top, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"
    )
    if not commit:
        raise RepositoryError(f"merge.base: {revision!r} is no commit here; name a branch")
    return commit


def is_branch(checkout: Checkout, name: str) -> bool:
    """Say whether there is a local branch of this name."""
    commit, _ = _git(checkout.top, "rev-parse", "--verify", "--quiet", f"refs/heads/{name}")
    return bool(commit)


def default_branches(checkout: Checkout) -> tuple[str, ...]:
    """The branches that git itself is told to begin with, here and at the remote."""
    here, _ = _git(checkout.top, "config", "--get", "init.defaultBranch")
    remote, _ = _git(checkout.top, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
    return tuple(filter(None, (here, remote.removeprefix("refs/remotes/origin/"))))


def tracked_files(checkout: Checkout) -> tuple[str, ...]:
    """The files that git knows here, from the repository's root; the first ones of very many."""
    names, _ = _git(checkout.top, "ls-files", "-z")
    return tuple(names.split("\0", TRACKED_MAX)[:TRACKED_MAX])


def untracked_among(checkout: Checkout, names: Sequence[str]) -> tuple[str, ...]:
    """Those of these files that git neither knows nor is told to ignore."""
    if not names:
        return ()
    options = ("--literal-pathspecs", "ls-files", "--others", "--exclude-standard", "-z", "--")
    found, _ = _git(checkout.top, *options, *names)
    return tuple(filter(None, found.split("\0")))


def git_says(folder: Path, *arguments: str) -> str:
    """What git prints on its standard output; nothing where it fails or is missing."""
    try:
        return _git(folder, *arguments)[0]
    except (RepositoryError, OSError):
        return ""


def head_time(checkout: Checkout) -> float | None:
    """When the commit that is checked out was made, in seconds of the epoch."""
    found = git_says(checkout.top, "show", "--no-patch", "--format=%ct", checkout.head)
    return float(found) if found.isdecimal() else None


def keep_out_of_git(checkout: Checkout, *folders: Path) -> None:
    """Have git ignore these folders of ours, in a file that is never committed."""
    outer = [each for each in folders if not {*folders} & {*each.parents}]
    tops = (checkout.common_dir.parent, checkout.top)
    lines = [
        _pattern(folder.relative_to(top))
        for folder in outer
        for top in tops
        if folder != top and folder.is_relative_to(top)
    ]
    exclude = checkout.common_dir / "info" / "exclude"
    text = exclude.read_bytes() if exclude.exists() else b""
    new = [line for line in dict.fromkeys(lines) if line not in text.splitlines()]
    if not new:
        return
    exclude.parent.mkdir(exist_ok=True)
    gap = b"" if not text or text.endswith(b"\n") else b"\n"
    with exclude.open("ab") as file:
        file.write(gap + b"".join(line + b"\n" for line in new))


def _pattern(folder: Path) -> bytes:
    """The folder alone, as a line of git's; a blank at its end is not at the line's."""
    return b"/" + os.fsencode(_MAGIC.sub(r"\\\1", str(folder))) + b"/"


def _is_utf8(path: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in path)


def _no_repository(folder: Path, error: str) -> str:
    first = next(iter(error.splitlines()), "git ended without a word")
    if "dubious ownership" in error:
        trust = "git config --global --add safe.directory"
        return f"{folder}: git does not trust this folder: {first}; `{trust} ...` with its root"
    if "must be run in a work tree" in error:
        if _git(folder, "rev-parse", "--is-bare-repository")[0] == "true":
            return f"{folder}: a bare repository has no checkout to work on; clone it"
        return f"{folder}: this is git's own folder; go to the checkout that it is of"
    if "not a git repository" in error:
        return f"{folder}: not a git repository; run `git init` and make a first commit"
    return f"{folder}: git cannot be used here: {first}; `git status` shows when that is mended"


def _git(folder: Path, *arguments: str) -> tuple[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in _OURS}
    try:
        done = subprocess.run(
            ("git", *arguments),
            cwd=folder,
            env=env | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",  # as in every path that Python knows
            timeout=GIT_S_MAX,
            check=False,
        )
    except FileNotFoundError:
        raise RepositoryError("git: no such command on PATH; install git 2.38 or newer") from None
    except subprocess.TimeoutExpired:
        raise RepositoryError(f"git {arguments[0]}: no answer in {GIT_S_MAX:.0f} s") from None
    return (done.stdout.rstrip("\n") if done.returncode == 0 else ""), done.stderr.strip()
