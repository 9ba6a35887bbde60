"""The branch's copy of the PRD file follows the document that was accepted."""

from __future__ import annotations

from pathlib import Path

from ....policies.merging.prd_folders import completed_path
from ....policies.values import replace
from ...messages.git import PrdFileTaken, TakePrdFile
from ..branch_record import checked_out, head_of, move
from ..commands import GitRefused, one_line, refusal
from ..place import Branch, Place
from ..trees import commit_file, entry_at
from .prd_blob import accepted_blob, is_pointer
from .prd_place import moved_to

SUBJECT = "prd-supervise: the PRD file as it was accepted"
ADDED = "prd-supervise: add "
RACES_MAX = 5
_OURS = "prd-supervise: "


def take_prd_file(
    place: Place, branch: Branch, request: TakePrdFile
) -> tuple[Branch, PrdFileTaken]:
    """Bring place and content of the PRD file up to date, by compare-and-swap on the branch."""
    if not branch.prd_file:
        return branch, PrdFileTaken()
    for _ in range(RACES_MAX):
        head = head_of(place, branch)
        after, commit = _followed(place, branch, request, head.commit)
        if commit == head.commit:
            return branch, PrdFileTaken()
        if head.worktree is not None:
            raise checked_out(branch, head)
        answer = move(place, branch, commit, onto=head.commit, note=SUBJECT)
        if answer.status == 0:
            return after, PrdFileTaken(commit=commit)
        if head_of(place, branch).commit == head.commit:
            raise refusal("update-ref", answer)
    raise GitRefused(f"{branch.name} is moved by somebody else all the time")


def _followed(place: Place, branch: Branch, request: TakePrdFile, head: str) -> tuple[Branch, str]:
    """The branch with the content first and the move last: a completed PRD has all its marks."""
    if not request.is_completed:
        branch, head = _back(place, branch, head)
    head = _with_content(place, branch, request, head)
    target = completed_path(branch.prd_file)
    if request.is_completed and target:
        subject = f"prd-supervise: {place.prd_id} is completed"
        commit = moved_to(place, branch, target, head=head, subject=subject)
        if commit:
            return replace(branch, prd_file=target), commit
    return branch, head


def _back(place: Place, branch: Branch, head: str) -> tuple[Branch, str]:
    """A PRD that was completed and has open stories again is active again."""
    if branch.prd_file == branch.user_file:
        return branch, head
    subject = f"prd-supervise: {place.prd_id} is active again"
    commit = moved_to(place, branch, branch.user_file, head=head, subject=subject)
    return (replace(branch, prd_file=branch.user_file), commit) if commit else (branch, head)


def _with_content(place: Place, branch: Branch, request: TakePrdFile, head: str) -> str:
    if not request.document:
        return head
    known = entry_at(place.git, head, branch.prd_file)
    if is_pointer(place, known):
        return head
    blob = accepted_blob(place, branch, Path(request.document), known)
    if known.is_file and known.blob == blob:
        return head
    _tell_of_loss(place, branch, head)
    subject = SUBJECT if known.blob else f"{ADDED}{branch.prd_file}"
    entry = known.holding(blob)
    return commit_file(place.git, parent=head, path=branch.prd_file, entry=entry, subject=subject)


def _tell_of_loss(place: Place, branch: Branch, head: str) -> None:
    """Say so where the copy was changed by somebody else: what he wrote stays in the history."""
    form, span = "--format=%h%x00%s", (f"^{branch.base}", head)
    options = ("-1", "--first-parent", form, *span, "--", branch.prd_file)
    commit, _, subject = place.git.run("log", *options).line.partition("\0")
    if commit and not subject.startswith(_OURS):
        text = (
            f"{branch.prd_file} in {branch.name} was changed by {commit} ({one_line(subject)}); "
            "the document that was accepted takes its place"
        )
        place.tell(text, event="prd_file_replaced")
