"""PRDs whose records are damaged: set aside with a message; gone on with where that is asked."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from ...prd.defect import Defect
from ...prd.model import Plan
from ...shell.board import Board
from ...shell.children.sweep import sweep_survivors
from ...shell.control.offline import no_root
from ...shell.storage.eventlog import EventLog
from ...shell.storage.found import StoreError
from ...shell.storage.layout import Layout
from ...shell.storage.locks import LockBusyError, holder_of
from ...shell.storage.repairing import damaged_prds, repair_prd, repair_root
from ...shell.storage.versions import is_half_taken_over
from ..errors import FatalError, StateError
from ..whereabouts import already_running

_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<line>\d+))?: (?P<message>.+)", re.DOTALL)


def repair(layout: Layout, names: Sequence[str]) -> None:
    """Go on with what can be read of these PRDs, and of root; say what was done."""
    try:
        with no_root(layout):
            sweep_survivors(layout.marker)
            told = {"": repair_root(layout)}
            told |= {each: repair_prd(layout, each) for each in damaged_prds(layout, names)}
    except LockBusyError:
        raise FatalError(already_running(holder_of(layout.root_lock) or {})) from None
    except OSError as error:
        raise FatalError(f"cannot write the state: {error}") from None
    log = EventLog(layout.events)
    for prd_id, lines in told.items():
        for line in lines:
            log.tell("repaired", line, prd_id=prd_id)
            print(f"repaired: {line}", file=sys.stderr)  # noqa: T201
    if not any(told.values()):
        print("note: nothing has to be repaired", file=sys.stderr)  # noqa: T201


def finish_taking_over(layout: Layout) -> None:
    """Take over the rest of an older state where a root was killed in the middle of that.

    Before it nobody can read what there is, and so no new root would ever come as far.
    """
    if not is_half_taken_over(layout):
        return
    try:
        with no_root(layout):
            pass
    except LockBusyError:
        return  # a root is at it
    except StoreError as error:
        raise StateError(str(error)) from None
    except OSError as error:
        raise FatalError(f"cannot write the state: {error}") from None


def damaged(plans: Sequence[Plan], board: Board) -> tuple[Defect, ...]:
    """What keeps these PRDs from being gone on with."""
    rows = (board.rows.get(plan.prd_id) for plan in plans)
    return tuple(_defect(row.damage) for row in rows if row is not None and row.damage)


def without_damaged(plans: Sequence[Plan], board: Board) -> tuple[Plan, ...]:
    """The plans that can be gone on with."""
    rows = board.rows
    return tuple(each for each in plans if each.prd_id not in rows or not rows[each.prd_id].damage)


def _defect(text: str) -> Defect:
    found = _PLACE.fullmatch(text)
    if found is None:
        return Defect(path="", message=text)
    line = int(found["line"] or 0)
    return Defect(path=found["path"], line=line, column=min(line, 1), message=found["message"])
