"""The PRD's branch: found by the identity that git itself records, or made at the base."""

from __future__ import annotations

from pathlib import Path

from ...policies.values import replace
from ..messages.git import BranchOpened, OpenBranch
from .branch_record import follow, owners_of, put_back
from .commands import GitRefused
from .mending.half_made import finish
from .mending.torn_refs import mend_refs
from .occupants import Occupant
from .place import BASES, BRANCHES, RECORDS, Branch, Place
from .prd_file.prd_blob import accepted_blob
from .prd_file.prd_place import path_in_branch
from .prd_file.prd_taking import ADDED
from .salvage.keeping import WHOLE_BRANCH, keep, unheld
from .trees import commit_file, entry_at

BRANCH_SUFFIX_MAX = 1000

_OWN_BRANCHES = "prd-supervise"


def open_branch(place: Place, request: OpenBranch) -> tuple[Branch, BranchOpened]:
    """Go on with the PRD's recorded branch, or choose a name and make it."""
    with place.locked():
        finish(place)
        mend_refs(place, request)
        commits = _read_refs(place)
        branch = _recorded(place, request, commits)
        if branch is None:
            branch = _chosen(place, request, commits)
            _record(place, branch, commits)
        head = commits.get(branch.ref, "")
        path = path_in_branch(place, request.prd_file, base=branch.base, head=head)
        branch = replace(branch, prd_file=path)
        if not head:
            head = _made(place, branch, request)
        record = place.record_ref(branch.name)
        known = commits.get(record, "")
        if known and known != head:
            follow(place, branch, known=known, head=head)
        elif not known:
            place.git.run("update_ref", record, head)
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


def _read_refs(place: Place) -> dict[str, str]:
    """What all branches, bases and records point at."""
    form = "--format=%(refname) %(objectname)"
    answer = place.git.run("for_each_ref", form, BRANCHES, RECORDS, BASES)
    return dict(line.split(" ") for line in answer.line.split("\n") if line)


def _recorded(place: Place, request: OpenBranch, commits: dict[str, str]) -> Branch | None:
    """The branch that git, or else our journal, knows as the PRD's; None: it begins anew."""
    base = commits.get(BASES + place.prd_id, "")
    owners = owners_of(commits)
    own = [name for name, prd_id in owners.items() if prd_id == place.prd_id]
    if not own and request.branch and f"{BRANCHES}{request.branch}" not in owners:
        own = [f"{BRANCHES}{request.branch}"]
    if not own or not base:
        return None
    branch = _branch(request, own[0].removeprefix(BRANCHES), base)
    is_there = branch.ref in commits or _is_put_back(place, request, branch, commits)
    return branch if is_there else None


def _is_put_back(
    place: Place, request: OpenBranch, branch: Branch, commits: dict[str, str]
) -> bool:
    """Put the branch back that somebody deleted, where that is no new beginning.

    Between two runs it is one, unless its work is in another branch by now: then nothing of it
    has to be done again. What a new beginning leaves behind is kept.
    """
    record = place.record_ref(branch.name)
    known = commits.get(record, "")
    if not known:
        return False
    if request.goes_on or (known != branch.base and not unheld(place, (known,), but=record)):
        commits[branch.ref] = put_back(place, branch, known).commit
        return True
    if _merged(place, branch, known):
        kept = keep(place, Occupant(story_id=WHOLE_BRANCH, attempt=1), head=known)
        text = f"{branch.name} was deleted, so it begins anew; its merges are kept as {kept}"
        place.tell(text, event="branch_begins_anew")
    return False


def _branch(request: OpenBranch, name: str, base: str) -> Branch:
    path = request.prd_file
    return Branch(name=name, base=base, prd_file=path, user_file=path)


def _chosen(place: Place, request: OpenBranch, commits: dict[str, str]) -> Branch:
    base = _resolved(place, request.base)
    wanted = request.wanted_branch
    owners = owners_of(commits)
    others = {name for name, prd_id in owners.items() if prd_id != place.prd_id}
    heads = {name for name in commits if name.startswith(BRANCHES)}
    is_adopted = request.adopt and f"{BRANCHES}{wanted}" in heads - others
    taken = {name.removeprefix(BRANCHES) for name in heads | others}
    return _branch(request, wanted if is_adopted else _free_name(wanted, taken), base)


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


def _record(place: Place, branch: Branch, commits: dict[str, str]) -> None:
    """Write the identity before the branch: a crash between them leaves no branch without owner."""
    record = place.record_ref(branch.name)
    for name in [name for name in commits if name.startswith(place.record_ref(""))]:
        place.git.run("update_ref", "-d", name, commits.pop(name))
    place.git.run("update_ref", BASES + place.prd_id, branch.base)
    commits[record] = commits.get(branch.ref, branch.base)
    place.git.run("update_ref", record, commits[record])


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
