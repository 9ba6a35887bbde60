"""A completed PRD's branch goes into another branch: tried beside both, then moved in one step."""

from __future__ import annotations

from ....policies.merging.protected import why_protected
from ....policies.values import replace
from ...messages.git import CheckOut
from ...messages.landing import Land, Landed, LandingTried, TryLanding
from ...messages.merging import Resolution
from ..branch_record import head_of
from ..commands import one_line, refusal
from ..merging.joining import join
from ..merging.reconciled import reconciled
from ..place import Branch, Place
from ..trees import commit_tree
from ..worktree.own_worktree import check_out_commit
from .checkouts import Checkout, checkouts_of
from .half_way import how_to_finish, is_half_way

TRAILER = "PRD-Landed"
_HEADS = "refs/heads/"
_SHOWN_MAX = 5


def try_landing(place: Place, branch: Branch, request: TryLanding) -> LandingTried:
    """Make the commit that would land and check it out; or say why nothing can be landed."""
    tried = LandingTried(number=request.number)
    head, onto = head_of(place, branch).commit, _tip(place, request.into)
    problem = _why_not(place, branch, request, onto)
    if problem:
        return replace(tried, problem=problem)
    if place.is_ancestor(head, onto):
        return replace(tried, is_in=True, onto=onto)
    checkout, problem = _occupied(place, request.into)
    if problem and not (checkout and checkout.is_dirty):
        return replace(tried, problem=problem)  # before the verify commands take their time
    joined = join(place.git, onto, head)
    resolutions: tuple[Resolution, ...] = ()
    if request.reconcile:
        joined, resolutions = reconciled(
            place.git, joined, left=onto, right=head, is_verified=request.is_verified
        )
    if joined.conflicts:
        paths = ", ".join(joined.conflicts[:_SHOWN_MAX])
        problem = f"it conflicts with {request.into} in {paths}; merge {request.into} into "
        return replace(tried, problem=one_line(f"{problem}{branch.name} by hand first"))
    subject = one_line(place.hiding.text(f"Merge {place.prd_id}: {request.title}"))
    message = f"{subject}\n\n{TRAILER}: {place.prd_id}\n"
    commit = commit_tree(place.git, joined.tree, parents=(onto, head), message=message)
    if checkout and checkout.is_dirty:
        return replace(tried, problem=_half_way(checkout, request, commit) or problem)
    shown = check_out_commit(place, CheckOut(story_id="-", attempt=0, commit=commit))
    tried = replace(tried, commit=commit, onto=onto, worktree=shown.worktree)
    return replace(tried, resolutions=resolutions)


def land(place: Place, request: Land) -> Landed:
    """Move the branch, by compare-and-swap; a clean checkout of it is brought along by git."""
    landed = Landed(number=request.number)
    now = _tip(place, request.into)
    # An earlier request of ours may have been killed after the move and before its answer.
    if now and place.is_ancestor(request.commit, now):
        return landed
    if now != request.onto:
        return replace(landed, moved=True)
    checkout, problem = _occupied(place, request.into)
    if problem:
        return replace(landed, problem=problem)
    if checkout is not None:
        return _brought_along(place, checkout, request)
    ref, note = f"{_HEADS}{request.into}", f"prd-supervise: {place.prd_id}"
    answer = place.git.ask("update_ref", "-m", note, ref, request.commit, request.onto)
    if answer.status == 0:
        return landed
    if _tip(place, request.into) == request.onto:
        raise refusal("update-ref", answer)
    return replace(landed, moved=True)


def _brought_along(place: Place, checkout: Checkout, request: Land) -> Landed:
    """Fast-forward a clean checkout as its user would.

    Git looks at each file under the lock of the index: one that was edited since we looked, or that
    nobody tracks, is not written over, and then nothing at all is changed.
    """
    landed = Landed(number=request.number, checkout=str(checkout.path))
    words = ("--ff-only", "--no-autostash", "--no-stat", "--quiet", request.commit)
    answer = checkout.git.ask("merge", *words)
    if answer.status == 0:
        return landed
    now = _tip(place, request.into)
    if now != request.onto:
        return replace(landed, moved=not place.is_ancestor(request.commit, now))
    return replace(landed, problem=one_line(f"in {checkout.path}, {refusal('merge', answer)}"))


def _half_way(checkout: Checkout, request: TryLanding, commit: str) -> str:
    """What to tell whose checkout a killed git of ours has left half-way; "" if it is his own."""
    if not is_half_way(checkout, commit):
        return ""
    return (
        f"{request.into}: git was killed while it brought {checkout.path} along; the changes there "
        f"are this PRD's, none is yours: {how_to_finish(checkout, commit)}"
    )


def _why_not(place: Place, branch: Branch, request: TryLanding, onto: str) -> str:
    if not request.into:
        return "it started from no branch, and merge.base names none"
    if not onto:
        return f"there is no branch {request.into}"
    if request.into == branch.name:
        return f"{request.into} is the branch of the PRD itself"
    if request.allow_protected:
        return ""
    return why_protected(request.into, _defaults(place))


def _defaults(place: Place) -> tuple[str, ...]:
    """The branches that git itself is told to begin with, here and at the remote."""
    here = place.git.ask("config", "--get", "init.defaultBranch").line
    remote = place.git.ask("symbolic_ref", "--quiet", "refs/remotes/origin/HEAD").line
    return (here, remote.removeprefix("refs/remotes/origin/"))


def _occupied(place: Place, into: str) -> tuple[Checkout | None, str]:
    """The one clean checkout of the branch, if there is one; or why nobody may move it."""
    found = checkouts_of(place, f"{_HEADS}{into}")
    problem = next((each.problem for each in found if each.problem), "")
    if not problem and len(found) > 1:
        problem = f"{into} is checked out in {len(found)} places"
    return (found[0] if found else None), (f"{into}: {problem}" if problem else "")


def _tip(place: Place, branch: str) -> str:
    ref = f"{_HEADS}{branch}"
    found = place.refs(ref).get(ref) if branch else None
    return "" if found is None else found.commit
