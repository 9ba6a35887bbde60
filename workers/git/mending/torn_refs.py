"""Refs of ours that a power loss tore, or left without their commit: restored, or dropped."""

from __future__ import annotations

import re
from pathlib import Path

from ...messages.git import OpenBranch
from ..place import BASES, BRANCHES, Place

_TORN = re.compile(r"^warning: ignoring broken ref (refs/\S+)$", re.MULTILINE)
_LOGGED = re.compile(r"^[0-9a-f]+ ([0-9a-f]{40}(?:[0-9a-f]{24})?) ")


def mend_refs(place: Place, request: OpenBranch) -> None:
    """Give each torn ref of this PRD its last commit back. The caller holds the lock."""
    folders = (place.story_ref(""), place.salvage_refs("")[:-1], place.record_ref(""))
    base = f"{BASES}{place.prd_id}"
    journalled = (f"{BRANCHES}{request.branch}",) if request.branch else ()
    form = "--format=%(refname) %(objectname)"
    seen = place.git.run("for_each_ref", form, *folders, base, *journalled)
    for name in dict.fromkeys(_TORN.findall(seen.err)):
        _drop(place, name)
        _restore(place, name, "it was torn", known=request.base if name == base else "")
    commits = dict(line.split(" ") for line in seen.line.split("\n") if line)
    for name, commit in _without_object(place, commits).items():
        _restore(place, name, f"its object {commit} is missing or corrupt")


def _without_object(place: Place, commits: dict[str, str]) -> dict[str, str]:
    asked = "".join(f"{commit}\n" for commit in commits.values()).encode()
    if not asked:
        return {}
    answer = place.git.ask("cat_file", "--batch-check=%(objecttype)", stdin=asked)
    said = answer.line.split("\n")
    pairs = zip(commits.items(), said, strict=False)
    lost = {name: commit for (name, commit), kind in pairs if kind != "commit"}
    return lost if len(said) == len(commits) else {}


def _restore(place: Place, name: str, reason: str, *, known: str = "") -> None:
    log = place.common_dir / "logs" / name
    commit = next((each for each in (*commits_in(log), known) if place.has_commit(each)), "")
    if commit:
        place.git.run("update_ref", "-m", "prd-supervise: mended", name, commit)
        place.tell(f"{name}: {reason}; it is {commit} again")
        return
    if name.startswith((place.story_ref(""), place.salvage_refs("")[:-1], place.record_ref(""))):
        _drop(place, name)
        advice = "`git fsck --lost-found` may find what it named"
        place.tell(f"{name}: {reason}, and nothing tells where it was; {advice}")


def commits_in(log: Path) -> list[str]:
    """The commits that a ref had, by its log, the last one first."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.is_file() else []
    return [found[1] for line in reversed(lines) if (found := _LOGGED.match(line))]


def _drop(place: Place, name: str) -> None:
    # Git refuses to delete or replace what it cannot read.
    (place.common_dir / name).unlink(missing_ok=True)
