"""The pool of worktrees: who gets which slot, and what happens where no further one can be made."""

from __future__ import annotations

import sys

from .....policies.outcomes.failure import FailureType
from .....policies.scheduling.slots import Holder, Pool, choose_slot, kept_slots
from .....policies.supervising.backoff import delay_s, jitter_of
from .....policies.supervising.shutdown import deadline_from
from .....policies.supervising.spec import Backoff
from .....policies.values import replace
from .....workers.messages.prd import Happened
from .....workers.messages.worktrees import NoWorktree
from ..memory import StoryState
from ..records import WorktreeGivenUp
from ..state import GIT, Prd, PrdPhase, Run, Story
from ..turn import Turn, running
from ..words import Say
from .loss import Loss
from .settle import lose
from .shortage import Shortage

AGAIN = Backoff(base_s=10.0, cap_s=300.0)  # between tries to make one more worktree
TRIES_MAX = 8  # without a single worktree: some ten minutes
PROBE_S = 60.0  # a try that nobody answers, because its attempt ended, is over then
ENDING_GRACE_S = 10.0


def slot_for(turn: Turn, story: Story) -> int:
    """Choose the story's slot; whoever gives up a worktree for it, gives it up for good."""
    prd, shortage = turn.prd, turn.prd.shortage
    usable = None if shortage is None or _tries_one_more(turn) else shortage.slots
    limits = prd.limits
    pool = Pool(width=limits.max_workers, kept=limits.worktrees_kept, usable=usable)
    choice = choose_slot(story.memory.slot, _holders(prd, besides=story.story_id), pool)
    if shortage is not None and choice.slot not in shortage.slots:
        probed = replace(shortage, again_at_s=turn.now_s + PROBE_S)
        turn.prd = replace(turn.prd, shortage=probed)
        turn.wake_at(probed.again_at_s)
    for name in choice.evicted:
        _give_up(turn, name, f"its worktree serves {story.story_id} now")
    return choice.slot


def kept_at_the_end(turn: Turn) -> tuple[int, ...]:
    """The slots that stay with a PRD that ends, for people to look at."""
    slots, gone = kept_slots(_holders(turn.prd, besides=""), turn.prd.limits.worktrees_kept)
    for name in gone:
        text = f"its worktree is removed: {turn.prd.limits.worktrees_kept} of failed stories stay"
        _give_up(turn, name, text)
    return slots


def _give_up(turn: Turn, story_id: str, why: str) -> None:
    story = turn.prd.story(story_id)
    if story is not None:
        record = WorktreeGivenUp(story_id=story_id, slot=story.memory.slot)
        story = turn.record(story, record)
        kept = "its work is on its branch, what was not committed under the salvage refs"
        turn.tell("worktree_given_up", story, f"{why}; {kept}")


def _holders(prd: Prd, *, besides: str) -> tuple[Holder, ...]:
    """The stories whose worktree is of use to them or to people."""
    wanted = (StoryState.PENDING, StoryState.FAILED)
    return tuple(
        Holder(
            story_id=story.story_id,
            slot=story.memory.slot,
            is_busy=story.run is not None,
            is_failed=story.memory.state is StoryState.FAILED,
            has_open_work=not story.memory.is_kept,
        )
        for story in prd.stories
        if story.story_id != besides
        and story.memory.slot
        and (story.run is not None or story.memory.state in wanted)
    )


# --- where no further worktree can be made ----------------------------------------------------


def room(turn: Turn) -> int:
    """How many more stories can begin with the worktrees that there are, and one to try."""
    shortage = turn.prd.shortage
    if shortage is None:
        return sys.maxsize
    more = len(shortage.slots) - len(running(turn.prd))
    return more + 1 if _tries_one_more(turn) else max(0, more)


def _tries_one_more(turn: Turn) -> bool:
    shortage = turn.prd.shortage
    if shortage is None or turn.now_s < shortage.again_at_s:
        return False
    return len(running(turn.prd)) >= len(shortage.slots)


def on_no_worktree(turn: Turn, story: Story, run: Run, answer: NoWorktree) -> None:
    """Go on with the worktrees that stand. That costs the story nothing."""
    known = turn.prd.shortage
    times = 1 if known is None else known.times + 1
    wait_s = delay_s(times, AGAIN, jitter_of(turn.prd.workers.seed, GIT, times))
    count = len(answer.slots)
    is_news = known is None or count < known.told
    shortage = Shortage(
        slots=answer.slots,
        reason=answer.message,
        again_at_s=turn.now_s + wait_s,
        times=times,
        told=count if known is None else min(count, known.told),
    )
    turn.prd = replace(turn.prd, shortage=shortage)
    turn.wake_at(shortage.again_at_s)
    if is_news:
        _tell(turn, "worktrees_short", shortage.note)
    reason = f"no worktree: {answer.message}"
    lose(turn, story, run, Loss(type=FailureType.NO_WORKTREE, reason=reason, counts=False))
    if not answer.slots and times >= TRIES_MAX and turn.prd.phase is PrdPhase.RUNNING:
        failure = f"not a single worktree can be made: {answer.message}"
        turn.prd = replace(turn.prd, failure=failure, phase=PrdPhase.ENDING)
        turn.stop_children(deadline_from(turn.now_s, ENDING_GRACE_S))


def on_prepared(turn: Turn, story: Story) -> None:
    """A worktree stands: where that is one more than before, the next one is tried at once."""
    shortage, slot = turn.prd.shortage, story.memory.slot
    if shortage is None or slot in shortage.slots:
        return
    slots = (*shortage.slots, slot)
    width = turn.prd.limits.max_workers
    if width and len(slots) >= width:
        turn.prd = replace(turn.prd, shortage=None)
        _tell(turn, "worktrees_again", f"there are {len(slots)} worktrees, as many as are wanted")
    else:
        grown = replace(shortage, slots=slots, again_at_s=turn.now_s, times=1)
        turn.prd = replace(turn.prd, shortage=grown)


def _tell(turn: Turn, event: str, text: str) -> None:
    turn.note(GIT, event, text)
    turn.do(Say(word=Happened(event=event, story_id="", attempt=0, text=text)))
