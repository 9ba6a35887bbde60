"""What stands under the salvage refs, for people: listed, shown, and brought back.

Nothing here touches a checkout: work comes back as a new branch, or as files in a new folder.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from msgspec import Struct

from ..commands import GitRefused, refusal
from ..mending.holders import repository_folders
from ..place import Place
from ..trees import path_text

SALVAGE = "refs/prd-supervise/salvage/"
BRANCHES = "salvaged/"
_COMMITS_MAX = 1000
_USERS = ("--branches", "--tags", "--remotes")


class Salvage(Struct, frozen=True, kw_only=True):
    """A salvage ref; `name` is what people call it: PRD/STORY/ATTEMPT."""

    name: str
    commit: str
    at_s: int
    subject: str

    @property
    def ref(self) -> str:
        """The full name."""
        return SALVAGE + self.name

    @property
    def prd_id(self) -> str:
        """Whose work it is."""
        return self.name.split("/")[0]

    @property
    def story_id(self) -> str:
        """The story, or what stands in its place."""
        return "/".join(self.name.split("/")[1:-1])

    @property
    def attempt(self) -> str:
        """The attempt, with a number where it left several."""
        return self.name.rpartition("/")[2]


class Content(Struct, frozen=True, kw_only=True):
    """What is in one: the commit that it begins after, and the files that differ from that."""

    salvage: Salvage
    origin: str  # empty: it has no beginning
    commits: tuple[str, ...]  # short id and subject, the latest first
    files: tuple[str, ...]


def salvages(place: Place, prd_id: str = "") -> tuple[Salvage, ...]:
    """All of them, or those of one PRD, the latest first."""
    form = "--format=%(refname)%00%(objectname)%00%(committerdate:unix)%00%(contents:subject)"
    pattern = f"{SALVAGE}{prd_id}/" if prd_id else SALVAGE
    found = []
    for line in place.git.run("for_each_ref", form, "--sort=-committerdate", pattern).line.split(
        "\n"
    ):
        ref, *about = line.split("\0")
        if about:
            commit, at_s, subject = about
            name = ref.removeprefix(SALVAGE)
            found.append(Salvage(name=name, commit=commit, at_s=int(at_s), subject=subject))
    return tuple(found)


def content_of(place: Place, salvage: Salvage) -> Content:
    """Look into one."""
    span = (salvage.commit, "--not", *_USERS, "--")
    options = ("--first-parent", f"--max-count={_COMMITS_MAX}", "--format=%H%x00%h %s")
    lines = place.git.run("log", *options, *span).line.split("\n")
    pairs = [line.partition("\0")[::2] for line in lines if line]
    last = pairs[-1][0] if pairs else salvage.commit
    origin = place.git.ask("rev_parse", "--verify", "--quiet", f"{last}^1").line
    names = place.git.run(
        "diff_tree",
        "-r",
        "-z",
        "--name-only",
        "--no-renames",
        *_between(place, origin, salvage.commit),
    ).out
    return Content(
        salvage=salvage,
        origin=origin,
        commits=tuple(said for _, said in pairs),
        files=tuple(path_text(name) for name in names.split(b"\0") if name),
    )


def difference(place: Place, content: Content, *, is_patch: bool) -> bytes:
    """What it has against where it began: as a patch that git applies, or as statistics."""
    form = ("--patch", "--binary", "--full-index") if is_patch else ("--stat=100",)
    options = ("-r", "--no-ext-diff", "--no-textconv", *form)
    return place.git.run(
        "diff_tree", *options, *_between(place, content.origin, content.salvage.commit)
    ).out


def restore_branch(place: Place, salvage: Salvage, branch: str) -> None:
    """Make a new branch at the salvaged commit."""
    ref = f"refs/heads/{branch}"
    is_name = place.git.ask("check_ref_format", "--branch", branch).status == 0
    if branch.startswith("-") or not is_name:
        raise GitRefused(f"{branch!r} is no name for a branch; see git-check-ref-format(1)")
    if branch.startswith("prd-supervise/"):
        raise GitRefused(f"{branch!r}: names below prd-supervise/ are the stories' own")
    if place.refs(ref):
        raise GitRefused(f"there is a branch {branch} already; name another with --branch")
    note = f"prd-supervise: restored {salvage.name}"
    answer = place.git.ask("update_ref", "-m", note, ref, salvage.commit, "0" * len(salvage.commit))
    if answer.status != 0:
        raise refusal("update-ref", answer)


def restore_folder(place: Place, salvage: Salvage, folder: Path) -> int:
    """Write the files into a new folder outside of every checkout, and count them."""
    target = folder.absolute().parent.resolve() / folder.name
    for taken in map(Path.resolve, repository_folders(place)):
        if target == taken or target.is_relative_to(taken):
            raise GitRefused(f"{folder} lies in {taken}; name a folder outside of the repository")
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise GitRefused(f"{folder} is there already, and is no folder; name another")
    if target.is_dir() and any(target.iterdir()):
        raise GitRefused(f"{folder} is there already, and is not empty; name another")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="prd-supervise-") as scratch:
        environment = {"GIT_WORK_TREE": str(target), "GIT_INDEX_FILE": f"{scratch}/index"}
        git = place.git.at(target, environment=environment)
        git.run("read_tree", salvage.commit)
        git.run("checkout_index", "--all")
        return git.run("ls_files", "-z").out.count(b"\0")


def _between(place: Place, origin: str, commit: str) -> tuple[str, str]:
    empty = place.git.run("hash_object", "-t", "tree", "--stdin", stdin=b"").line
    return origin or empty, commit
