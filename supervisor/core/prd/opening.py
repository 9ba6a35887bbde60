"""How the PRD's branch is opened: at first, after what passes, and when a PRD that ends goes on."""

from __future__ import annotations

from ....policies.supervising.backoff import delay_s, jitter_of
from ....policies.supervising.shutdown import deadline_from
from ....policies.supervising.spec import Backoff
from ....policies.values import replace
from ....workers.messages.git import OpenBranch
from ....workers.messages.landing import LANDING_LEASE
from ....workers.messages.prd import LeaseReturned
from ..otp.events import ChildStopRequested
from .landing.landing_state import LANDER
from .state import GIT, Prd, PrdPhase
from .turn import OTHER_GRACE_S, Turn, git_serves
from .words import AskGit, Say

OPENINGS_MAX = 8  # tries again: some three minutes


def open_branch_of(prd: Prd) -> OpenBranch:
    """What the integrator is asked first, and whenever the branch is to be looked at again."""
    return OpenBranch(
        prd_id=prd.prd_id,
        wanted_branch=prd.wanted_branch,
        base=prd.base,
        prd_file=prd.prd_file,
        adopt=prd.adopt_branch,
        branch=prd.branch,
        goes_on=prd.phase is PrdPhase.RUNNING,
    )


def open_again(turn: Turn) -> None:
    """Go back to the beginning of a PRD that was winding up."""
    drop_landing(turn)
    request = open_branch_of(turn.prd)
    turn.prd = replace(turn.prd, phase=PrdPhase.OPENING, opening=request)
    if git_serves(turn.prd):
        turn.do(AskGit(request=request))


def open_later(turn: Turn, why: str) -> None:
    """The system is short of something: that is no reason to give a PRD up."""
    prd, limits = turn.prd, turn.prd.limits
    backoff = Backoff(base_s=limits.backoff_base_s, cap_s=limits.backoff_cap_s)
    wait_s = delay_s(prd.openings + 1, backoff, jitter_of(prd.workers.seed, GIT, prd.openings))
    at_s = turn.now_s + wait_s
    turn.prd = replace(prd, openings=prd.openings + 1, open_at_s=at_s)
    turn.wake_at(at_s)
    text = f"the branch cannot be opened: {why}; again in {wait_s:.1f} s"
    turn.announce("branch_delayed", text)


def open_if_due(turn: Turn) -> None:
    """Ask for the branch again that could not be opened for what passes."""
    prd = turn.prd
    if prd.open_at_s and prd.open_at_s <= turn.now_s:
        turn.prd = replace(prd, open_at_s=0.0)
        if git_serves(prd):  # else it is asked as soon as it does
            turn.do(AskGit(request=open_branch_of(prd)))


def drop_landing(turn: Turn) -> None:
    """Give back what a landing has: root's turn, and its worker."""
    if turn.prd.landing is None:
        return
    turn.prd = replace(turn.prd, landing=None)
    turn.do(Say(word=LeaseReturned(lease=LANDING_LEASE)))
    if turn.prd.workers.child(LANDER) is not None:
        deadline = deadline_from(turn.now_s, OTHER_GRACE_S)
        turn.supervise(ChildStopRequested(child_id=LANDER, deadline=deadline))
