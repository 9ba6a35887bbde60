"""`approve` and `reject`: asked of the root that runs, or journalled for the next one."""

from __future__ import annotations

import sys
from pathlib import Path

from msgspec import Struct

from ....policies.approval import Word, reason_problem
from ....policies.values import replace
from ...shell.control.approvals import Said, names_answered, user_name, waiting_in
from ...shell.control.offline_approvals import answer_offline
from ...shell.control.targets import TargetError
from ..errors import FatalError, UsageError
from ..hiding import hiding_of
from ..known import known_board
from ..remote import ask, done_by, lines_of, root_of
from ..whereabouts import layout_of, unread_layout_of
from .offline import journalling, place_with_state


class Spoken(Struct, frozen=True, kw_only=True):
    """What came of it."""

    done: list[str]
    already: list[str]
    refused: list[str]
    later: list[str]  # PRDs that are not at work, which take it when they are


def approve(folder: Path, targets: tuple[str, ...], *, is_all: bool, attempt: int | None) -> int:
    """Let these go on; `is_all` with all that waits in the PRDs that are named, or everywhere."""
    if not (targets or is_all):
        raise UsageError(f"approve: nothing is named; {_what_waits(folder)}")
    root = root_of(unread_layout_of(folder))
    if root is None:
        said = Said(word=Word.APPROVED, by=user_name(), attempt=attempt)
        return _told("approved", _offline(folder, targets, said, is_all=is_all))
    answer = ask(root, "approve", targets=list(targets), is_all=is_all, attempt=attempt)
    return _told("approved", _spoken(answer))


def reject(folder: Path, target: str, reason: str, *, attempt: int | None) -> int:
    """Refuse this one; its next attempt is told why."""
    if problem := reason_problem(reason):
        raise UsageError(f"reject: {problem}")
    root = root_of(unread_layout_of(folder))
    if root is None:
        said = Said(word=Word.REJECTED, by=user_name(), reason=reason.strip(), attempt=attempt)
        return _told("rejected", _offline(folder, (target,), said, is_all=False))
    answer = ask(root, "reject", targets=[target], reason=reason, attempt=attempt)
    return _told("rejected", _spoken(answer))


def _spoken(answer: dict[str, object]) -> Spoken:
    if answer.get("unknown"):
        raise UsageError(str(answer["error"]))
    return Spoken(
        done=done_by(answer),
        already=lines_of(answer, "already"),
        refused=str(answer["error"]).splitlines(),
        later=lines_of(answer, "later"),
    )


def _offline(folder: Path, targets: tuple[str, ...], said: Said, *, is_all: bool) -> Spoken:
    place = place_with_state(folder)
    if place is None:
        raise FatalError("nothing was run here yet: nothing waits for approval")
    if said.reason:  # as a root that runs would hide it
        said = replace(said, reason=hiding_of(place.layout).text(said.reason))
    try:
        with journalling():
            found = answer_offline(place.layout, targets, said, is_all=is_all)
    except TargetError as error:
        raise UsageError(str(error)) from None
    return Spoken(
        done=names_answered(found),
        already=list(found.already),
        refused=list(found.refused),
        later=list(dict.fromkeys(prd_id for prd_id, _ in found.answers)),
    )


def _told(word: str, spoken: Spoken) -> int:
    after = ""
    if spoken.later:
        after = f"; `prd-supervise resume {' '.join(spoken.later)}` goes by that"
    if spoken.done:
        print(f"{word}: {', '.join(spoken.done)}{after}")  # noqa: T201
    for line in spoken.already:
        print(line)  # noqa: T201
    for line in spoken.refused:
        print(line, file=sys.stderr)  # noqa: T201
    if not (spoken.done or spoken.already or spoken.refused):
        print("nothing waits for approval")  # noqa: T201
    return FatalError.exit_code if spoken.refused else 0


def _what_waits(folder: Path) -> str:
    waiting = ", ".join(str(each) for each in waiting_in(known_board(layout_of(folder))))
    return f"waiting: {waiting} (`--all` is all of them)" if waiting else "nothing waits either"
