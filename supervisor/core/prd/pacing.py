"""What root is told after each step; with max_workers = "auto" also how the PRD fares."""

from __future__ import annotations

from ....policies.values import replace
from ....workers.messages.pace import Faring, PlacesChanged
from .candidates import startable
from .memory import StoryState
from .records import AttemptLost
from .state import Prd, PrdPhase
from .turn import Turn, running
from .view import reports
from .words import Say, Write


def take(turn: Turn, word: PlacesChanged) -> None:
    """Go by root's number from now on."""
    limits = replace(turn.prd.limits, max_workers=word.max_workers)
    turn.prd = replace(turn.prd, limits=limits)


def tell_root(turn: Turn, before: Prd) -> None:
    """Say what has changed."""
    for word in reports(before, turn.prd):
        turn.do(Say(word=word))
    _tell_faring(turn, before)


def _tell_faring(turn: Turn, before: Prd) -> None:
    prd = turn.prd
    if not prd.limits.auto_workers or prd.phase is not PrdPhase.RUNNING:
        return
    conflicts = sum(_is_conflict(command) for command in turn.commands)
    merged = _done(prd) - _done(before) if before.phase is PrdPhase.RUNNING else 0
    faring = Faring(
        width=len(running(prd)) + len(startable(prd, turn.now_s)),
        running=len(running(prd)),
        merged=prd.faring.merged + max(0, merged),
        conflicts=prd.faring.conflicts + conflicts,
    )
    if faring != prd.faring:
        turn.prd = replace(prd, faring=faring)
        turn.do(Say(word=faring))


def _done(prd: Prd) -> int:
    return sum(story.memory.state is StoryState.DONE for story in prd.stories)


def _is_conflict(command: object) -> bool:
    """Say whether an attempt was lost because of a merge; a red train is no reason to be slow."""
    if not isinstance(command, Write) or not isinstance(command.record, AttemptLost):
        return False
    return command.record.conflict
