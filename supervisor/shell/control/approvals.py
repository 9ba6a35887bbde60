"""`approve` and `reject`: which questions a person answers by what was named.

The same for a root that runs and for the journals of one that does not: both have a board.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ....policies.approval import Approval, Word
from ....policies.values import replace
from ....workers.messages.approval import Answer
from ...core.root.state import answer_to
from ..board import Board
from .targets import Target

_SHOWN_MAX = 10
_DONE = {Word.APPROVED: "approved", Word.REJECTED: "rejected"}


class Said(Struct, frozen=True, kw_only=True):
    """What a person says: the word, and where it is a refusal the reason."""

    word: Word
    by: str
    reason: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """The answers, by PRD; what was said before already; and what is refused, a line each."""

    answers: tuple[tuple[str, Answer], ...] = ()
    already: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def user_name() -> str:
    """Who we are: the socket lets nobody else in."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without a name
        return f"uid {os.getuid()}"


def waiting_in(board: Board) -> list[Target]:
    """What waits for a person and was not answered yet, PRDs behind their stories."""
    return [
        target
        for prd_id in board.rows
        for target in _of_prd(board, prd_id)
        if _answer_to(board, target) is None
    ]


def answered(board: Board, targets: Sequence[Target], said: Said, *, is_all: bool = False) -> Found:
    """What this says to whom: `is_all` takes in all that waits in the PRDs, or everywhere."""
    waiting = waiting_in(board)
    if not is_all:
        return _joined([_one(board, each, said, waiting) for each in dict.fromkeys(targets)])
    prds = {each.prd_id for each in targets if not each.story_id}
    wanted = [each for each in waiting if not targets or each.prd_id in prds]
    stories = [each for each in targets if each.story_id]
    empty = [name for name in sorted(prds) if name not in {each.prd_id for each in wanted}]
    found = [_one(board, each, said, waiting) for each in dict.fromkeys((*stories, *wanted))]
    nothing = tuple(f"{name}: nothing of it waits for approval" for name in empty)
    return _joined((*found, Found(refused=nothing)))


def _one(board: Board, target: Target, said: Said, waiting: Sequence[Target]) -> Found:
    asked, awaits = _asked(board, target)
    known = _answer_to(board, target) or asked
    if known is not None and known.word is not None:
        return _twice(target, known, said)
    if known is None or not awaits:
        return Found(refused=(f"{target}: {_why_not(target, waiting)}",))
    spoken = replace(known, word=said.word, by=said.by, reason=said.reason)
    return Found(answers=((target.prd_id, Answer(story_id=target.story_id, approval=spoken)),))


def _asked(board: Board, target: Target) -> tuple[Approval | None, str]:
    row = board.rows[target.prd_id]
    if not target.story_id:
        return row.approval, row.awaits
    view = row.stories.get(target.story_id)
    return (None, "") if view is None else (view.approval, view.awaits)


def _answer_to(board: Board, target: Target) -> Approval | None:
    asked, _ = _asked(board, target)
    return answer_to(board.answers, target.prd_id, target.story_id, asked)


def _twice(target: Target, known: Approval, said: Said) -> Found:
    if known.word is None:
        raise AssertionError(f"{target} was not answered")
    if known.word is said.word:
        return Found(already=(f"{target} was {_DONE[known.word]} already, by {known.by}",))
    text = f"{target} was {_DONE[known.word]} by {known.by} already"
    if known.word is Word.APPROVED:
        return Found(refused=(f"{text}; `prd-supervise hold {target}` keeps it back",))
    return Found(refused=(f"{text}; `prd-supervise retry {target}`, once it has failed",))


def _why_not(target: Target, waiting: Sequence[Target]) -> str:
    """What else could be meant."""
    inside = []
    if not target.story_id:
        inside = [each for each in waiting if each.prd_id == target.prd_id and each.story_id]
    if inside:
        names = ", ".join(str(each) for each in inside[:_SHOWN_MAX])
        return f"only stories of it wait ({names}); `--all` takes them all"
    names = ", ".join(str(each) for each in waiting[:_SHOWN_MAX])
    return f"it does not wait for approval; waiting: {names or 'nothing'}"


def _of_prd(board: Board, prd_id: str) -> Iterator[Target]:
    row = board.rows[prd_id]
    for name, view in row.stories.items():
        if view.awaits:
            yield Target(prd_id=prd_id, story_id=name)
    if row.awaits:
        yield Target(prd_id=prd_id)


def _joined(found: Sequence[Found]) -> Found:
    return Found(
        answers=tuple(each for one in found for each in one.answers),
        already=tuple(each for one in found for each in one.already),
        refused=tuple(each for one in found for each in one.refused),
    )


def names_answered(found: Found) -> list[str]:
    """What was answered, as people call it."""
    return [
        str(Target(prd_id=prd_id, story_id=answer.story_id)) for prd_id, answer in found.answers
    ]


def by_prd(found: Found) -> dict[str, tuple[Answer, ...]]:
    """The answers of each PRD."""
    told: dict[str, tuple[Answer, ...]] = {}
    for prd_id, answer in found.answers:
        told[prd_id] = (*told.get(prd_id, ()), answer)
    return told
