"""A completed PRD goes into another branch, one PRD at a time.

    TURN -> TRIAL -> VERIFY -> LAND -> [PLAN -> PUSH]

Whatever stands in the way, the PRD is completed all the same: its branch stays, and people are
told why it was not landed. What is in the branch already is seen there, so that a landing can be
begun again at any time.
"""

from __future__ import annotations

from typing import assert_never

from .....policies.merging.push_refusal import why_refused
from .....policies.values import replace
from .....workers.messages.git import EndingAnswer, EndingRequest, GitFailed
from .....workers.messages.landing import (
    LANDING_LEASE,
    Land,
    Landed,
    LandingTried,
    PlanPush,
    PushPlanned,
    RolledBack,
    TryLanding,
)
from .....workers.messages.prd import Happened, LeaseReturned, LeaseWanted, StoryAtRest
from .....workers.messages.story import Verified
from ...otp.commands import ChildNotice, ChildStarted, ChildUndead
from ..closing import close
from ..opening import drop_landing
from ..records import PrdLanded
from ..state import PrdPhase
from ..timing import note_verified
from ..train.train import named
from ..turn import Turn, git_serves
from ..words import AskGit, Say
from . import lander
from .landing_state import LANDER, LANDING_NAME, Landing, LandingStage

_REQUESTS = {
    LandingStage.TRIAL: "TryLanding",
    LandingStage.LAND: "Land",
    LandingStage.PLAN: "PlanPush",
}
REQUESTS = frozenset(_REQUESTS.values())
MOVES_MAX = 10


def begin(turn: Turn) -> None:
    """Ask root for the turn: one PRD lands at a time."""
    prd = turn.prd
    landing = Landing(
        stage=LandingStage.TURN, number=prd.landings + 1, into=prd.merging.into or "its base"
    )
    turn.prd = replace(
        prd, phase=PrdPhase.LANDING, landing=landing, landings=landing.number, landed=""
    )
    turn.do(Say(word=LeaseWanted(lease=LANDING_LEASE)))


def on_turn(turn: Turn) -> None:
    """It is this PRD's turn, or was."""
    landing = turn.prd.landing
    if landing is None:
        turn.do(Say(word=LeaseReturned(lease=LANDING_LEASE)))
    elif landing.stage is LandingStage.TURN:
        _try(turn, landing)


def on_answer(turn: Turn, answer: EndingAnswer) -> None:
    """Go on with what the integrator says, unless it is late."""
    landing = turn.prd.landing
    if isinstance(answer, RolledBack) or landing is None or answer.number != landing.number:
        return
    match answer:
        case LandingTried() if landing.stage is LandingStage.TRIAL:
            turn.prd = replace(turn.prd, opening=None)
            _on_tried(turn, landing, answer)
        case Landed() if landing.stage is LandingStage.LAND:
            turn.prd = replace(turn.prd, opening=None)
            _on_landed(turn, landing, answer)
        case PushPlanned() if landing.stage is LandingStage.PLAN:
            turn.prd = replace(turn.prd, opening=None)
            _on_planned(turn, landing, answer)
        case LandingTried() | Landed() | PushPlanned():
            pass  # late: asked twice, because the integrator died
        case _:
            assert_never(answer)


def on_failed(turn: Turn, answer: GitFailed) -> None:
    """Git refused: the branch stays as it is."""
    landing = turn.prd.landing
    if landing is not None and answer.request == _REQUESTS.get(landing.stage):
        turn.prd = replace(turn.prd, opening=None)
        what = "pushed" if landing.stage is LandingStage.PLAN else "landed"
        _end(turn, landing, f"not {what}: {answer.message}")


# --- what the worker says -----------------------------------------------------------------------


def on_notice(turn: Turn, notice: ChildNotice) -> None:
    """The landing's worker serves, or is gone."""
    if not isinstance(notice, ChildStarted | ChildUndead):
        turn.do(Say(word=StoryAtRest(story_id=LANDING_NAME)))
    landing = turn.prd.landing
    if landing is None:
        return
    if isinstance(notice, ChildStarted):
        lander.on_started(turn, landing, notice.incarnation)
    elif not isinstance(notice, ChildUndead) and turn.prd.phase is PrdPhase.LANDING:
        problem = lander.on_gone(turn, landing, notice.reason)
        if problem:
            _end(turn, landing, problem)


def on_verified(turn: Turn, incarnation: int, answer: Verified) -> None:
    """The verify commands have said what they think of the merged tree, or the push is over."""
    landing = turn.prd.landing
    if landing is None or landing.incarnation != incarnation or answer.run.interrupted:
        return  # late, or stopped: then a resume goes on
    if answer.stage == LandingStage.VERIFY.value and landing.stage is LandingStage.VERIFY:
        note_verified(turn, "", answer)
        if answer.run.is_green:
            _land(turn, landing)
        else:
            why = f"on top of {landing.into} {_why_red(answer)}{_by_itself(landing)}"
            _end(turn, landing, f"not landed: {why}")
    elif answer.stage == LandingStage.PUSH.value and landing.stage is LandingStage.PUSH:
        if answer.run.is_green:
            _tell(turn, "pushed", f"{landing.into} is pushed to {landing.remote}")
            _end(turn, landing, f"pushed to {landing.remote}")
        else:
            why = _why_not_pushed(landing, answer)
            _end(turn, landing, f"not pushed to {landing.remote}: {why}")


def _by_itself(landing: Landing) -> str:
    files = named(landing.resolved)
    return f"; conflicts resolved by themselves in {files}" if files else ""


def _why_red(answer: Verified) -> str:
    lines = [line.strip() for line in answer.tail.splitlines() if line.strip()]
    return f"{answer.run.failure}: {lines[-1][:200]}" if lines else answer.run.failure


def _why_not_pushed(landing: Landing, answer: Verified) -> str:
    """What git and the remote say; the command itself would tell nobody anything."""
    if any(each.exit_code is None for each in answer.run.commands):
        return "no answer in time"
    return why_refused(answer.tail, landing.remote)


# --- the steps ----------------------------------------------------------------------------------


def _try(turn: Turn, landing: Landing) -> None:
    rules = turn.prd.merging
    request = TryLanding(
        number=landing.number,
        title=turn.prd.title,
        into=rules.into,
        allow_protected=rules.allow_protected,
        reconcile=rules.reconcile,
        is_verified=bool(lander.commands_of(turn.prd, landing)),
    )
    _ask(turn, replace(landing, stage=LandingStage.TRIAL), request)


def _on_tried(turn: Turn, landing: Landing, answer: LandingTried) -> None:
    landing = replace(
        landing,
        commit=answer.commit,
        onto=answer.onto,
        folder=answer.worktree,
        deaths=0,
        resolved=tuple(each.path for each in answer.resolutions),
    )
    for each in answer.resolutions:
        text = f"{each.path}: both sides' changes are joined by themselves ({each.how})"
        _tell(turn, "conflict_resolved", text)
    if answer.problem:
        _end(turn, landing, f"not landed: {answer.problem}")
    elif answer.is_in:
        _has_landed(turn, replace(landing, commit=answer.onto), f"is in {landing.into}")
    elif not lander.commands_of(turn.prd, landing):
        _land(turn, landing)
    else:
        lander.work(turn, replace(landing, stage=LandingStage.VERIFY))


def _land(turn: Turn, landing: Landing) -> None:
    request = Land(
        number=landing.number, commit=landing.commit, onto=landing.onto, into=landing.into
    )
    _ask(turn, replace(landing, stage=LandingStage.LAND), request)


def _on_landed(turn: Turn, landing: Landing, answer: Landed) -> None:
    if answer.problem:
        _end(turn, landing, f"not landed: {answer.problem}")
    elif answer.moved and landing.moves >= MOVES_MAX:
        text = f"not landed: somebody else moved {landing.into} {MOVES_MAX} times meanwhile"
        _end(turn, landing, text)
    elif answer.moved:
        _tell(turn, "landing_moved", f"{landing.into} has moved: merged again on top of it")
        _try(turn, replace(landing, moves=landing.moves + 1))
    else:
        has_commands = lander.commands_of(turn.prd, landing)
        how = "verified on the merged tree" if has_commands else "unverified"
        text = f"landed in {landing.into} as {landing.commit[:10]}, {how}{_by_itself(landing)}"
        if answer.checkout:
            text += f"; {answer.checkout} was brought along"
        _has_landed(turn, landing, text)


def _has_landed(turn: Turn, landing: Landing, text: str) -> None:
    _tell(turn, "landed", text)
    landing = replace(landing, told=text)
    if not turn.prd.merging.push:
        _end(turn, landing, "")
    else:
        request = PlanPush(number=landing.number, into=landing.into)
        _ask(turn, replace(landing, stage=LandingStage.PLAN), request)


def _on_planned(turn: Turn, landing: Landing, answer: PushPlanned) -> None:
    if answer.problem:
        _end(turn, landing, f"not pushed: {answer.problem}")
    elif not answer.command:
        _end(turn, landing, "")  # the remote has it
    else:
        pushing = replace(
            landing,
            stage=LandingStage.PUSH,
            command=answer.command,
            remote=answer.remote,
            folder=landing.folder or answer.folder,
            deaths=0,
            not_before_s=0.0,
        )
        lander.work(turn, pushing)


def _ask(turn: Turn, landing: Landing, request: EndingRequest) -> None:
    turn.prd = replace(turn.prd, landing=landing, opening=request)
    if git_serves(turn.prd):
        turn.do(AskGit(request=request))


def _end(turn: Turn, landing: Landing, text: str) -> None:
    """The landing is over, for better or worse."""
    if text.startswith("not "):
        _tell(turn, "not_pushed" if landing.told else "not_landed", text)
    told = "; ".join(filter(None, (landing.told, text)))
    commit = landing.commit if landing.told else ""
    turn.write(PrdLanded(into=landing.into, commit=commit, text=told))
    lander.finish(turn, landing)
    drop_landing(turn)
    turn.prd = replace(turn.prd, landed=told)
    close(turn)


def _tell(turn: Turn, event: str, text: str) -> None:
    turn.note(LANDER, event, text)
    turn.do(Say(word=Happened(event=event, story_id="", attempt=0, text=text)))
