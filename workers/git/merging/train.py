"""A merge train: stories merged on each other beside every branch, then shown by one step."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from ....policies.values import replace
from ...messages.merging import Resolution
from ...messages.train import (
    AssembleTrain,
    Car,
    Coupled,
    PrdCopy,
    PublishTrain,
    TrainAssembled,
    TrainPublished,
)
from ..branch_record import checked_out, free_head_of, head_of, move
from ..commands import GitRefused, one_line, refusal
from ..place import Branch, Place
from ..prd_file.prd_blob import copied, marked_blob, prd_entry
from ..salvage.keeping import is_whole
from ..trees import commit_file, commit_tree
from .joining import Joined, join
from .judging import Judged, judge
from .reconciled import reconciled

_NAMED_MAX = 5


class _Copied(Struct, frozen=True, kw_only=True):
    """The PRD file that was copied last, and its blob: all cars have the same one, as a rule."""

    blob: str = ""
    file: PrdCopy | None = None
    number: int = 0


def assemble(place: Place, branch: Branch, request: AssembleTrain) -> TrainAssembled:
    """Merge each car on the one before; whatever does not fit stays out of the train."""
    head = onto = free_head_of(place, branch).commit  # or verify commands would run in vain
    told: list[Coupled] = []
    known = _Copied()
    for car in request.cars:
        coupled = _coupled(place, request, car, onto=onto, head=head)
        if coupled.commit:
            head = coupled.commit
            known = _copy(place, branch, request, head, known)
            coupled = replace(coupled, prd_file=known.file)
        told.append(coupled)
    return TrainAssembled(number=request.number, onto=onto, cars=tuple(told))


def _coupled(place: Place, request: AssembleTrain, car: Car, *, onto: str, head: str) -> Coupled:
    out = Coupled(story_id=car.story_id)
    if car.base and not place.is_ancestor(car.base, onto):
        return replace(out, is_unfounded=True)
    joined, resolutions = _joined(place, request, head, car)
    if not joined.conflicts:
        return replace(
            out,
            commit=_commit(place, car, joined, head),
            tree=joined.tree,
            resolutions=resolutions,
            findings=_judged(place, request, car, joined, head).findings,
        )
    is_behind = False
    if head != onto:
        alone, _ = _joined(place, request, onto, car)
        is_behind = not alone.conflicts
        joined, head = (joined, head) if is_behind else (alone, onto)
    conflicts = _judged(place, request, car, joined, head).conflicts
    return replace(out, conflicts=conflicts, is_behind=is_behind)


def _joined(
    place: Place, request: AssembleTrain, head: str, car: Car
) -> tuple[Joined, tuple[Resolution, ...]]:
    """The merge of a car, with what is trivial of it resolved."""
    joined = join(place.git, head, car.head)
    # Where nobody else has done anything since, the merge is the car's own work.
    if not request.reconcile or (not joined.conflicts and car.base == head):
        return joined, ()
    return reconciled(place.git, joined, left=head, right=car.head, is_verified=car.is_verified)


def _judged(place: Place, request: AssembleTrain, car: Car, joined: Joined, head: str) -> Judged:
    if car.base == head:  # nobody else has done anything since
        return Judged(conflicts=(), findings=())
    return judge(place.git, left=head, right=car.head, joined=joined, strategy=request.strategy)


def _commit(place: Place, car: Car, joined: Joined, head: str) -> str:
    subject = one_line(place.hiding.text(f"Merge {car.story_id}: {car.title}"))
    message = f"{subject}\n\nPRD-Story: {place.prd_id}/{car.story_id}\n"
    # Git would warn of the same parent twice: a story without code has no commit of its own.
    parents = tuple(dict.fromkeys((head, car.head)))
    return commit_tree(place.git, joined.tree, parents=parents, message=message)


def _copy(
    place: Place, branch: Branch, request: AssembleTrain, commit: str, known: _Copied
) -> _Copied:
    """Copy the PRD file of a merge out, unless it is the one that was copied last."""
    entry = prd_entry(place, branch, commit) if request.copy else None
    if entry is None or not entry.blob:
        return replace(known, blob="", file=None)
    if entry.blob == known.blob:
        return known
    number = known.number + 1
    file = copied(place, entry, Path(f"{request.copy}.{number}"))
    return _Copied(blob=entry.blob, file=file, number=number)


def publish(place: Place, branch: Branch, request: PublishTrain) -> TrainPublished:
    """Move the PRD's branch to the last car, if it still stands where the first one was merged."""
    head = head_of(place, branch)
    published = TrainPublished(number=request.number, commit=request.commit, head=head.commit)
    if head.commit != request.onto:
        # An earlier one of ours may have been killed after the move and before its answer.
        is_in = place.is_ancestor(request.commit, head.commit)
        return replace(published, moved=not is_in)
    if head.worktree is not None:
        raise checked_out(branch, head)
    target = _marked(place, branch, request)
    note = f"prd-supervise: {_names(request.stories)}"
    answer = move(place, branch, target, onto=request.onto, note=note)
    if answer.status == 0:
        _check_whole(place, branch, target, onto=request.onto)
        return replace(published, head=target)
    now = head_of(place, branch).commit
    if now == request.onto:  # somebody deleted it at this very moment: it stands again
        answer = move(place, branch, target, onto=request.onto, note=note)
        if answer.status == 0:
            _check_whole(place, branch, target, onto=request.onto)
            return replace(published, head=target)
        raise refusal("update-ref", answer)
    return replace(published, head=now, moved=True)


def _check_whole(place: Place, branch: Branch, target: str, *, onto: str) -> None:
    """Take the move back where `git prune` took an object of it before the branch held it."""
    if not is_whole(place, target, known=onto):
        move(place, branch, onto, onto=target, note="prd-supervise: not whole")
        text = f"objects were removed while {target[:12]} was made"
        raise GitRefused(f"{text}; is `git prune` at work?")


def _marked(place: Place, branch: Branch, request: PublishTrain) -> str:
    """The commit with the stories marked as done in the PRD file on top, where there is a mark."""
    entry = prd_entry(place, branch, request.commit) if request.prd_file is not None else None
    if request.prd_file is None or entry is None:
        return request.commit
    blob = marked_blob(place, request.prd_file)
    names = _names(request.stories)
    if not blob:
        word = "is" if len(request.stories) == 1 else "are"
        text = f"{names} {word} merged, but git could not take the marked PRD file"
        place.tell(text, event="not_marked")
    if blob in {"", entry.blob}:
        return request.commit
    return commit_file(
        place.git,
        parent=request.commit,
        path=branch.prd_file,
        entry=entry.holding(blob),
        subject=f"prd-supervise: {names} {'is' if len(request.stories) == 1 else 'are'} done",
    )


def _names(stories: tuple[str, ...]) -> str:
    more = len(stories) - _NAMED_MAX
    named = ", ".join(stories[:_NAMED_MAX])
    return f"{named} and {more} more" if more > 0 else named
