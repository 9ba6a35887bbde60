"""People are asked, once a question; and what they have refused comes to nothing.

Whoever waits has no worker, no lease and no place: what is green by itself goes on, once that is
approved, where its evidence was kept, or is verified anew.
"""

from __future__ import annotations

from .....policies.approval import Approval, Point, Word
from .....policies.outcomes.failure import FailureType
from .....policies.values import replace
from ..attempt.loss import Loss
from ..attempt.settle import finish, lose, note_loss, quarantine
from ..memory import StoryState
from ..outcome import outcome
from ..state import Prd, Run, Stage, Story
from ..turn import Turn, waits_for_budget
from .records import ApprovalWanted, PrdApprovalWanted
from .waits import (
    end_awaited,
    end_refused,
    merge_word,
    merge_work,
    prd_work,
    waits_for_person,
    wants_word_to_begin,
)

WAITING = "waiting"  # the result of an attempt whose work waits for a person
_NO_AGENT_YET = frozenset({Stage.LEASE, Stage.GATHER, Stage.SETUP, Stage.RESTART})


def asks_before_merge(turn: Turn, story: Story, run: Run) -> bool:
    """Let work that is green by itself wait, unless a person has approved it; say if it does."""
    known = merge_word(story)
    is_approved = known is not None and known.word is Word.APPROVED
    if is_approved or Point.MERGE not in story.approve:
        return False
    if known is None:
        about = "before it is merged: its work is done, and green by itself"
        story = _ask(turn, story, Point.MERGE, merge_work(story.memory), about)
    finish(turn, story, run, WAITING)
    return True


def weigh(turn: Turn) -> None:
    """After every event: ask whom nobody was asked about yet, and undo what was refused."""
    for story in turn.prd.stories:
        if story.memory.state is StoryState.PENDING and (story.approve or story.memory.approval):
            _weigh(turn, story)


def _weigh(turn: Turn, story: Story) -> None:
    known, run = story.memory.approval, story.run
    if run is not None:
        if run.stage in _NO_AGENT_YET and waits_for_person(story):
            _withdraw(turn, story, run)
        return
    of_merge = merge_word(story)
    if of_merge is not None and of_merge.word is Word.REJECTED:
        _lose(turn, story, of_merge)
    elif wants_word_to_begin(story):
        words = story.terms.told
        if known is None or not known.is_about(Point.STORY, words):
            if _is_its_turn(turn.prd, story):
                _ask(turn, story, Point.STORY, words, "before its first attempt")
        elif known.word is Word.REJECTED:
            quarantine(turn, story, _why(known), FailureType.REJECTED)


def _ask(turn: Turn, story: Story, point: Point, work: str, about: str) -> Story:
    asked = ApprovalWanted(
        story_id=story.story_id, attempt=story.memory.attempt, point=point, work=work
    )
    story = turn.record(story, asked)
    text = f"it waits for approval {about}; {how_to_answer(f'{turn.prd.prd_id}/{story.story_id}')}"
    turn.tell("approval_wanted", story, text)
    return story


def _is_its_turn(prd: Prd, story: Story) -> bool:
    """Say whether it could begin but for the person; who goes first, and the place, comes later."""
    if story.memory.is_held or story.lacks or story.awaits or waits_for_budget(story):
        return False
    needed = (prd.story(name) for name in story.depends_on)
    return all(each is not None and each.memory.state is StoryState.DONE for each in needed)


def _withdraw(turn: Turn, story: Story, run: Run) -> None:
    """The PRD says otherwise now: its words are not those that were approved, or it asks again."""
    reason = "its words in the PRD have changed since they were approved"
    if story.memory.is_open and not story.memory.is_claimed:
        loss = Loss(type=FailureType.PLAN_CHANGED, reason=reason, counts=False)
        lose(turn, story, run, loss)
    else:
        finish(turn, story, run, "interrupted")


def _lose(turn: Turn, story: Story, known: Approval) -> None:
    """A person has refused the work: the attempt is lost, and the next one is told why."""
    loss = Loss(type=FailureType.REJECTED, reason=_why(known), context=known.reason)
    note_loss(turn, story, loss)


def holds_the_end(turn: Turn) -> bool:
    """Ask whether the PRD is complete; say whether it has to wait for the answer."""
    prd = turn.prd
    if end_refused(prd) is not None or outcome(replace(prd, asks_at_end=False))[0] != "completed":
        return False
    if not end_awaited(prd):
        return False
    work, known = prd_work(prd), prd.approval
    if known is None or known.work != work:
        turn.record_approval(PrdApprovalWanted(work=work))
        then = "before it is complete" + (" and lands" if prd.merging.auto else "")
        text = f"all is done, and waits for approval {then}; {how_to_answer(prd.prd_id)}"
        turn.announce("approval_wanted", text)
    return True


def how_to_answer(name: str) -> str:
    """What a person can type."""
    return f'`prd-supervise approve {name}`, or `prd-supervise reject {name} "why"`'


def _why(known: Approval) -> str:
    return f"rejected by {known.by}: {known.reason}"
