"""A failed PRD's branch returns to where it began; what it had stands under a salvage ref."""

from __future__ import annotations

from ...messages.landing import RolledBack
from ..branch_record import checked_out, head_of, move
from ..commands import refusal
from ..occupants import Occupant
from ..place import Branch, Place
from ..prd_file.prd_taking import RACES_MAX
from ..salvage.keeping import WHOLE_BRANCH, keep

_OURS = "prd-supervise: "
_FORM = "--format=%H%x00%s%x00%(trailers:key=PRD-Story,valueonly,separator=%x20)"


def roll_back(place: Place, branch: Branch) -> RolledBack:
    """Salvage the head, then move the branch by compare-and-swap; a checked out one is left."""
    for _ in range(RACES_MAX):
        head = head_of(place, branch)
        target, stranger = _beginning(place, branch, head.commit)
        if stranger:
            return RolledBack(kept=f"{stranger[:10]} on {branch.name} is somebody else's commit")
        if head.commit == target:
            return RolledBack(commit=target)
        if head.worktree is not None:
            return RolledBack(kept=str(checked_out(branch, head)))
        ref = keep(place, Occupant(story_id=WHOLE_BRANCH, attempt=1), head=head.commit)
        note = "prd-supervise: roll back"
        answer = move(place, branch, target, onto=head.commit, note=note)
        if answer.status == 0:
            return RolledBack(commit=target, ref=ref)
        if head_of(place, branch).commit == head.commit:
            raise refusal("update-ref", answer)
    return RolledBack(kept=f"{branch.name} is moved by somebody else all the time")


def _beginning(place: Place, branch: Branch, head: str) -> tuple[str, str]:
    """Where our own commits begin; and a commit of somebody else's on top of one of them.

    A branch that was adopted had commits before: those are below, and stay.
    """
    target, has_ours = branch.base, False
    span = (f"^{branch.base}", head)
    answer = place.git.run("log", "--first-parent", "--reverse", _FORM, *span, "--")
    for line in answer.line.split("\n"):
        commit, _, about = line.partition("\0")
        if not commit:
            continue
        subject, _, trailers = about.partition("\0")
        stories = {story.partition("/")[0] for story in trailers.split()}
        if subject.startswith(_OURS) or place.prd_id in stories:
            has_ours = True
        elif has_ours:
            return target, commit
        else:
            target = commit
    return target, ""
