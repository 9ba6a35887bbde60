"""People's answers on their way: journalled here, and said again until a PRD has taken them.

A PRD takes an answer into its own journal, at once or when it is run again. Until then it is known
here, over any number of crashes, and where no root ran when it was given.
"""

from __future__ import annotations

from ....workers.messages.approval import AnswerTaken
from .records import AnswerSettled, InteractiveSet, PersonAnswered
from .turn import RootTurn
from .words import AnswersGiven, PassOn, RunOpened


def open_run(turn: RootTurn, event: RunOpened) -> None:
    """Know whether people have the word in this run; one that goes on is as it was begun."""
    was = turn.root.is_interactive
    is_on = event.is_interactive or (was and not event.is_new)
    if is_on != was:
        turn.record(InteractiveSet(is_on=is_on))


def give(turn: RootTurn, event: AnswersGiven) -> None:
    """Keep answers, and tell them to the PRD's supervisor if it lives."""
    for answer in event.answers:
        turn.record(PersonAnswered(prd_id=event.prd_id, answer=answer))
        turn.do(PassOn(prd_id=event.prd_id, order=answer))


def has_taken(turn: RootTurn, prd_id: str, word: AnswerTaken) -> None:
    """The PRD's own journal has it."""
    known = turn.root.answers.get((prd_id, word.story_id))
    if known is not None and known.approval.work == word.work:
        turn.record(AnswerSettled(prd_id=prd_id, story_id=word.story_id))


def ask_again(turn: RootTurn, prd_id: str) -> None:
    """A PRD's supervisor serves, perhaps again: what its predecessor has not taken."""
    for (name, _), answer in turn.root.answers.items():
        if name == prd_id:
            turn.do(PassOn(prd_id=prd_id, order=answer))
