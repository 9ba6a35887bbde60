"""The end of a PRD: tidy up, take back what a failed one has merged if that is wanted, leave."""

from __future__ import annotations

from ....policies.supervising.shutdown import deadline_from
from ....policies.values import replace
from ....workers.messages.git import CloseBranch, GitFailed
from ....workers.messages.landing import RollBack, RolledBack
from ....workers.messages.prd import Happened
from ....workers.messages.rules import OnFailure
from .approvals.waits import end_refused
from .attempt import slots
from .memory import StoryState
from .outcome import outcome
from .records import BegunAnew, RollbackDecided, RollbackRefused, StoryReset
from .state import Prd, PrdPhase, Story
from .turn import Turn, git_serves
from .words import AskGit, Say

ENDING_GRACE_S = 10.0
REQUESTS = frozenset({"CloseBranch", "RollBack"})


def close(turn: Turn) -> None:
    """Have the worktrees tidied away that nobody needs."""
    prd = turn.prd
    known = (*prd.stories, *prd.left)
    request = CloseBranch(
        done=tuple(each.story_id for each in known if each.memory.state is StoryState.DONE),
        keep_slots=slots.kept_at_the_end(turn),
    )
    _ask(turn, request)


def on_closed(turn: Turn) -> None:
    """All is tidied up: the branch of a PRD that failed may have to go back."""
    if turn.prd.phase is not PrdPhase.CLOSING:
        return  # a retry came meanwhile
    turn.prd = replace(turn.prd, opening=None)
    if not _goes_back(turn.prd):
        end(turn)
        return
    if not turn.prd.is_rolled_back:
        # Before it happens: who finds merges missing afterwards knows that this was our doing.
        turn.write(RollbackDecided())
        turn.prd = replace(turn.prd, is_rolled_back=True)
    _ask(turn, RollBack())


def on_rolled_back(turn: Turn, answer: RolledBack) -> None:
    """The branch is where it began, or was left as it is."""
    if turn.prd.phase is not PrdPhase.CLOSING:
        return  # a retry came meanwhile
    if answer.kept:
        text = f"not rolled back: {answer.kept}"
        turn.write(RollbackRefused(text=text))
        turn.prd = replace(turn.prd, is_rolled_back=False)
    else:
        text = f"rolled back: {turn.prd.branch} stands at {answer.commit[:10]} again"
        text += f", what it had is kept as {answer.ref}" if answer.ref else ""
    _tell(turn, "not_rolled_back" if answer.kept else "rolled_back", text)
    turn.prd = replace(turn.prd, opening=None, rollback=text)
    end(turn)


def on_failed(turn: Turn, answer: GitFailed) -> None:
    """What cannot be tidied up, or cannot go back, stays: it changes no decision."""
    is_closing = turn.prd.phase is PrdPhase.CLOSING  # else a retry came meanwhile
    if answer.request == "CloseBranch":
        _tell(turn, "tidy_up_failed", f"the worktrees could not be tidied up: {answer.message}")
        if is_closing:
            on_closed(turn)
    elif is_closing:
        on_rolled_back(turn, RolledBack(kept=answer.message))


def end(turn: Turn) -> None:
    """Let the children end."""
    if turn.prd.phase in {PrdPhase.OPENING, PrdPhase.CLOSING}:
        turn.prd = replace(turn.prd, phase=PrdPhase.ENDING)
        turn.stop_children(deadline_from(turn.now_s, ENDING_GRACE_S))


def stays_rolled_back(prd: Prd) -> bool:
    """Say whether nothing is to be done about a PRD that we have rolled back."""
    if not prd.is_rolled_back or not all(story.is_decided for story in prd.stories):
        return False
    lost = {StoryState.FAILED, StoryState.SKIPPED}
    is_lost = any(s.lacks or s.memory.state in lost for s in prd.stories)
    return is_lost or end_refused(prd) is not None


def begin_anew(turn: Turn, merged: dict[str, str]) -> None:
    """Something of a PRD that was rolled back is tried again: what it had merged is open, too."""
    turn.write(BegunAnew())
    turn.prd = replace(turn.prd, is_rolled_back=False, rollback="")
    for story in turn.prd.stories:
        if _is_undone(story, merged):
            reset = StoryReset(story_id=story.story_id)
            text = f"its merge {story.memory.commit[:10]} was rolled back: open again"
            turn.tell("reopened", turn.record(story, reset), text)


def _is_undone(story: Story, merged: dict[str, str]) -> bool:
    memory = story.memory
    return memory.state is StoryState.DONE and bool(memory.commit) and story.story_id not in merged


def _goes_back(prd: Prd) -> bool:
    is_wanted = prd.merging.on_failure is OnFailure.ROLLBACK
    return is_wanted and not prd.failure and outcome(prd)[0] == "failed"


def _ask(turn: Turn, request: CloseBranch | RollBack) -> None:
    turn.prd = replace(turn.prd, phase=PrdPhase.CLOSING, opening=request)
    if git_serves(turn.prd):
        turn.do(AskGit(request=request))


def _tell(turn: Turn, event: str, text: str) -> None:
    turn.note("", event, text)
    turn.do(Say(word=Happened(event=event, story_id="", attempt=0, text=text)))
