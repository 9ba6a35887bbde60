"""A person's answer arrives, perhaps twice, late, or to a question that is there no more."""

from __future__ import annotations

from .....policies.approval import Approval, Point, Word
from .....workers.messages.approval import Answer, AnswerTaken
from ..state import Story
from ..turn import Turn
from ..words import Say
from .records import Approved, PrdApproved, PrdAskedAnew, PrdRejected, Rejected
from .waits import awaited_of, end_refused

_ABOUT = {Point.STORY: "it may begin", Point.MERGE: "its work may be merged"}


def take(turn: Turn, answer: Answer) -> None:
    """Journal the answer, whatever the PRD is at; what follows from it is seen to later."""
    if answer.story_id:
        story = turn.prd.story(answer.story_id)
        # Where the setting is gone, it may have gone on without a word.
        is_idle = story is not None and bool(awaited_of(story))
        if story is not None and is_idle and _is_open(story.memory.approval, answer):
            _take(turn, story, answer.approval)
        elif story is None or not _is_known(story.memory.approval, answer):
            _tell_late(turn, answer, story)
    elif _is_open(turn.prd.approval, answer):
        _take_for_prd(turn, answer.approval)
    elif not _is_known(turn.prd.approval, answer):
        _tell_late(turn, answer, None)
    turn.do(Say(word=AnswerTaken(story_id=answer.story_id, work=answer.approval.work)))


def _is_open(known: Approval | None, answer: Answer) -> bool:
    """Say whether this is what is asked, and nobody was quicker."""
    asked = answer.approval
    return known is not None and known.word is None and known.is_about(asked.point, asked.work)


def _is_known(known: Approval | None, answer: Answer) -> bool:
    """Say whether root has said it before, and did not hear that it was taken."""
    return known is not None and known == answer.approval


def _take(turn: Turn, story: Story, said: Approval) -> None:
    name, attempt = story.story_id, story.memory.attempt
    if said.word is Word.APPROVED:
        approved = Approved(
            story_id=name, attempt=attempt, point=said.point, work=said.work, by=said.by
        )
        story = turn.record(story, approved)
        turn.tell("approved", story, f"{_ABOUT[said.point]}, says {said.by}")
    else:
        rejected = Rejected(
            story_id=name,
            attempt=attempt,
            point=said.point,
            work=said.work,
            by=said.by,
            reason=said.reason,
        )
        story = turn.record(story, rejected)
        turn.tell("rejected", story, f"by {said.by}: {said.reason}")


def _take_for_prd(turn: Turn, said: Approval) -> None:
    if said.word is Word.APPROVED:
        turn.record_approval(PrdApproved(work=said.work, by=said.by))
        turn.announce("approved", f"it is complete, says {said.by}")
    else:
        turn.record_approval(PrdRejected(work=said.work, by=said.by, reason=said.reason))
        turn.announce("rejected", f"by {said.by}: {said.reason}")


def _tell_late(turn: Turn, answer: Answer, story: Story | None) -> None:
    said = answer.approval
    word = said.word.value if said.word is not None else "asked"
    text = f"{word} by {said.by}, but what that was about is not there any more: nothing is changed"
    if story is not None:
        turn.tell("answer_late", story, text)
    else:
        turn.announce("answer_late", f"{answer.story_id}: {text}" if answer.story_id else text)


def ask_anew(turn: Turn) -> bool:
    """A PRD that a person has refused gets a new start: it is asked about again."""
    if end_refused(turn.prd) is None:
        return False
    turn.record_approval(PrdAskedAnew())
    return True
