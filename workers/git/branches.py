"""The PRD's branch: found by the identity that git itself records, or made at the base."""

from __future__ import annotations

from pathlib import Path

from ...policies.values import replace
from ..messages.git import BranchOpened, OpenBranch
from .branch_record import follow, head_record, put_back
from .commands import GitRefused
from .mending.half_made import finish
from .mending.torn_refs import mend_refs
from .occupants import Occupant
from .place import BASES, HEADS, RECORDS, Branch, Place
from .prd_file.prd_blob import accepted_blob
from .prd_file.prd_place import path_in_branch
from .prd_file.prd_taking import ADDED
from .salvage.keeping import WHOLE_BRANCH, keep, unheld
from .trees import commit_file, entry_at

BRANCH_SUFFIX_MAX = 1000

_HEADS = "refs/heads/"
_OWN_BRANCHES = "prd-supervise"


def open_branch(place: Place, request: OpenBranch) -> tuple[Branch, BranchOpened]:
    """Go on with the PRD's recorded branch, or choose a name and make it."""
    with place.locked():
        finish(place)
        mend_refs(place, request)
        commits, symrefs = _read_refs(place)
        branch = _recorded(place, request, commits, symrefs)
        if branch is None:
            branch = _put_back(place, request, commits)
        if branch is None:
            branch = _chosen(place, request, commits, symrefs)
            _record(place, branch)
        head = commits.get(branch.ref, "")
        path = path_in_branch(place, request.prd_file, base=branch.base, head=head)
        branch = replace(branch, prd_file=path)
        if not head:
            head = _made(place, branch, request)
        known = commits.get(head_record(place), "")
        if known and known != head:
            follow(place, branch, known=known, head=head)
        elif not known:
            place.git.run("update_ref", head_record(place), head)
        place.rewritten.clear()  # what is answered now tells all
    return branch, _opened(place, branch, head)


def seen_again(place: Place, branch: Branch) -> BranchOpened | None:
    """What a branch has that somebody rewrote while we work on it; None where nobody did."""
    if not place.rewritten:
        return None
    opened = _opened(place, branch, place.rewritten[-1])
    place.rewritten.clear()
    return opened


def _opened(place: Place, branch: Branch, head: str) -> BranchOpened:
    merged = _merged(place, branch, head)
    return BranchOpened(branch=branch.name, base=branch.base, head=head, merged=merged)


def _read_refs(place: Place) -> tuple[dict[str, str], dict[str, str]]:
    """All branches and records: what they point at, and which of them stand for which branch."""
    form = "--format=%(refname)%00%(objectname)%00%(symref)"
    commits, symrefs = {}, {}
    answer = place.git.run("for_each_ref", form, _HEADS, RECORDS, BASES, HEADS)
    for line in answer.line.split("\n"):
        name, _, rest = line.partition("\0")
        commits[name], _, target = rest.partition("\0")
        if target:
            symrefs[name] = target
    return commits, symrefs


def _recorded(
    place: Place, request: OpenBranch, commits: dict[str, str], symrefs: dict[str, str]
) -> Branch | None:
    target = symrefs.get(RECORDS + place.prd_id, "")
    base = commits.get(BASES + place.prd_id, "")
    if target not in commits or not base:
        return None
    return _branch(request, target.removeprefix(_HEADS), base)


def _put_back(place: Place, request: OpenBranch, commits: dict[str, str]) -> Branch | None:
    """The branch that somebody deleted, where our record and the base of then are known.

    Between two runs that means a new beginning, unless its work is in another branch by now: then
    nothing of it has to be done again. What a new beginning leaves behind is kept.
    """
    record = head_record(place)
    known, base = commits.get(record, ""), commits.get(BASES + place.prd_id, "")
    named = place.git.ask("symbolic_ref", "--quiet", RECORDS + place.prd_id).line
    if not known or not base or not named:
        return None
    branch = _branch(request, named.removeprefix(_HEADS), base)
    if request.goes_on or (known != base and not unheld(place, (known,), but=record)):
        commits[branch.ref] = put_back(place, branch, known).commit
        return branch
    if _merged(place, branch, known):
        kept = keep(place, Occupant(story_id=WHOLE_BRANCH, attempt=1), head=known)
        text = f"{branch.name} was deleted, so it begins anew; its merges are kept as {kept}"
        place.tell(text, event="branch_begins_anew")
    place.git.run("update_ref", "-d", record, known)
    del commits[record]
    return None


def _branch(request: OpenBranch, name: str, base: str) -> Branch:
    path = request.prd_file
    return Branch(name=name, base=base, prd_file=path, user_file=path)


def _chosen(
    place: Place, request: OpenBranch, commits: dict[str, str], symrefs: dict[str, str]
) -> Branch:
    base = _resolved(place, request.base)
    wanted = request.wanted_branch
    others = {target for name, target in symrefs.items() if name != RECORDS + place.prd_id}
    heads = {name.removeprefix(_HEADS) for name in commits if name.startswith(_HEADS)}
    is_adopted = request.adopt and wanted in heads and _HEADS + wanted not in others
    taken = heads | {target.removeprefix(_HEADS) for target in others}
    name = wanted if is_adopted else _free_name(wanted, taken)
    return _branch(request, name, base)


def _resolved(place: Place, base: str) -> str:
    if base.startswith("-"):
        raise GitRefused(f"base {base!r} is no commit; a branch, a tag or a commit is allowed")
    return place.git.run("rev_parse", "--verify", f"{base or 'HEAD'}^{{commit}}").line


def _free_name(wanted: str, taken: set[str]) -> str:
    # Below this name are the stories' branches, which cannot stand beside a branch called like it.
    if wanted.startswith(f"{_OWN_BRANCHES}/"):
        raise GitRefused(f"branch {wanted!r}: names below {_OWN_BRANCHES}/ are the stories' own")
    # A ref cannot be a folder of refs as well: feature and feature/x exclude each other.
    folders = {_OWN_BRANCHES}
    for name in taken:
        parts = name.split("/")
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
    candidates = (wanted, *(f"{wanted}-{n}" for n in range(1, BRANCH_SUFFIX_MAX)))
    for name in candidates:
        parents = {str(parent) for parent in Path(name).parents}
        if name not in taken and name not in folders and not parents & taken:
            return name
    raise GitRefused(f"branch {wanted!r}: this name and its numbered ones are taken; name another")


def _record(place: Place, branch: Branch) -> None:
    """Write the identity before the branch: a crash between them leaves no branch without owner."""
    place.git.run("update_ref", BASES + place.prd_id, branch.base)
    place.git.run("symbolic_ref", RECORDS + place.prd_id, branch.ref)


def _made(place: Place, branch: Branch, request: OpenBranch) -> str:
    """Make the branch, in one step with the commit of a PRD file that its base does not have so."""
    head = branch.base
    if branch.prd_file and request.document:
        known = entry_at(place.git, head, branch.prd_file)
        blob = accepted_blob(place, branch, Path(request.document), known)
        if known.blob != blob:
            head = commit_file(
                place.git,
                parent=head,
                path=branch.prd_file,
                entry=known.holding(blob),
                subject=f"{ADDED}{branch.prd_file}",
            )
    place.git.run("update_ref", "-m", "prd-supervise: open", branch.ref, head, "")
    return head


def _merged(place: Place, branch: Branch, head: str) -> tuple[tuple[str, str], ...]:
    """The stories whose trailer is in the branch itself; an agent's commits are never there.

    Not only merges: where a story has no commit of its own, its merge has one parent.
    """
    form = "--format=%H%x00%(trailers:key=PRD-Story,valueonly,separator=%x00)"
    span = (f"^{branch.base}", head)
    answer = place.git.run("log", "--first-parent", "--reverse", form, *span, "--")
    merged = {}
    for line in answer.line.split("\n"):
        commit, *stories = line.split("\0")
        for story in stories:
            prd_id, _, story_id = story.strip().partition("/")
            if prd_id == place.prd_id and story_id:
                merged[story_id] = commit
    return tuple(merged.items())
