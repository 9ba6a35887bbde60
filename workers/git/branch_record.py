"""Our own record of where the PRD's branch stands, so that other hands on it are noticed.

The record is a ref, `PRD/BRANCH` below a folder of ours: its name tells which branch it is, and no
`git gc` takes what the branch had, whatever becomes of the branch.
"""

from __future__ import annotations

from collections.abc import Iterable

from .commands import Answer, GitRefused, one_line
from .occupants import Occupant
from .place import BRANCHES, RECORDS, Branch, Place, Ref
from .salvage.keeping import WHOLE_BRANCH, keep, unheld

_OURS = "prd-supervise: "
_NAMED_MAX = 3
_SHORT = 10


def owners_of(refs: Iterable[str]) -> dict[str, str]:
    """The branches that are of PRDs, full names, by the records among these refs; and the PRDs."""
    records = (name.removeprefix(RECORDS) for name in refs if name.startswith(RECORDS))
    parted = (record.partition("/") for record in records)
    return {f"{BRANCHES}{branch}": prd_id for prd_id, _, branch in parted}


def recorded_branch(place: Place) -> str:
    """The short name of the PRD's branch, which may be gone; empty where it never had one."""
    folder = place.record_ref("")
    return next((name.removeprefix(folder) for name in place.refs(folder)), "")


def head_of(place: Place, branch: Branch) -> Ref:
    """Where the PRD's branch stands; put back where it is gone, followed where it was moved."""
    record = place.record_ref(branch.name)
    refs = place.refs(branch.ref, record)
    found, known = refs.get(branch.ref), refs.get(record)
    if found is None:
        if known is None:
            raise GitRefused(f"branch {branch.name} is gone; make it again at {branch.base}")
        return put_back(place, branch, known.commit)
    if known is None:
        place.git.run("update_ref", record, found.commit)
    elif known.commit != found.commit:
        follow(place, branch, known=known.commit, head=found.commit)
    return found


def free_head_of(place: Place, branch: Branch) -> Ref:
    """The same, for who is going to move it: refused while somebody looks at the branch."""
    head = head_of(place, branch)
    if head.worktree is not None:
        raise checked_out(branch, head)
    return head


def checked_out(branch: Branch, head: Ref) -> GitRefused:
    """Why a branch is not moved that somebody looks at: it would look like a change of his."""
    return GitRefused(
        f"{branch.name} is checked out in {head.worktree}; switch it to another branch"
    )


def move(place: Place, branch: Branch, target: str, *, onto: str, note: str) -> Answer:
    """Move branch and record in one step, if the branch still stands on `onto`."""
    record = place.record_ref(branch.name)
    orders = f"update {branch.ref} {target} {onto}\nupdate {record} {target}\n"
    return place.git.ask("update_ref", "-m", note, "--stdin", stdin=orders.encode())


def follow(place: Place, branch: Branch, *, known: str, head: str) -> None:
    """Somebody moved the branch: what he added stays, and what he took away is kept."""
    if place.is_ancestor(known, head):
        strangers = _strangers(place, known, head)
        if strangers:
            more = len(strangers) - _NAMED_MAX
            named = ", ".join(strangers[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
            text = f"{branch.name} has commits of somebody else's, which stay: {named}"
            place.tell(text, event="branch_moved")
    else:
        text = f"{branch.name} was rewritten: {head[:_SHORT]} does not have {known[:_SHORT]}"
        if unheld(place, (known,), but=place.record_ref(branch.name)):
            who = Occupant(story_id=WHOLE_BRANCH, attempt=1)
            text += f", which is kept as {keep(place, who, head=known)}"
        place.tell(text, event="branch_rewritten")
        place.rewritten.append(head)
    place.git.run("update_ref", place.record_ref(branch.name), head)


def put_back(place: Place, branch: Branch, known: str) -> Ref:
    """Make the branch again that somebody deleted or renamed."""
    place.git.run("update_ref", "-m", f"{_OURS}put back", branch.ref, known, "")
    form = "--format=%(refname:short)"
    same = place.git.run("for_each_ref", form, f"--points-at={known}", "refs/heads/").line
    others = [name for name in same.split("\n") if name and name != branch.name]
    renamed = f" ({', '.join(others[:_NAMED_MAX])} has the same commit)" if others else ""
    place.tell(
        f"{branch.name} was deleted or renamed{renamed}: it is put back at {known[:_SHORT]}",
        event="branch_put_back",
    )
    return Ref(commit=known, worktree=None)


def _strangers(place: Place, known: str, head: str) -> list[str]:
    """The commits on top of the record that are none of ours."""
    form = "--format=%h%x00%s%x00%(trailers:key=PRD-Story,valueonly,separator=%x20)"
    options = ("--first-parent", "--max-count=100", form, f"^{known}", head, "--")
    found = []
    for line in place.git.run("log", *options).line.split("\n"):
        commit, _, about = line.partition("\0")
        subject, _, trailers = about.partition("\0")
        prds = {story.partition("/")[0] for story in trailers.split()}
        if commit and not subject.startswith(_OURS) and place.prd_id not in prds:
            found.append(f"{commit} ({one_line(subject)[:60]})")
    return found
