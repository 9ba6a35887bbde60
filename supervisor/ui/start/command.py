"""`start` and `resume`: handed to the root that runs, else run: on screen, in lines, detached."""

from __future__ import annotations

import os

from ...shell.service.launchd import take_variables
from ...shell.service.manager import is_service, manager
from ..dashboard.capability import why_no_screen
from ..looks.journal import Priority, complain
from ..place import refuse_inside_agent
from ..whereabouts import layout_of, unread_layout_of
from .background import detach
from .hand_over import Following, hand_over
from .prepare import Request
from .repairing import finish_taking_over, repair
from .run import run


def begin(request: Request, *, is_detached: bool, is_plain: bool) -> int:
    """Do it; return the exit code."""
    # Asked first: the tree in the background is not what a manager has started, and watches.
    is_managed = is_service()
    if manager().is_launchd:
        for told in take_variables(os.environ):
            complain(f"note: {told}", Priority.WARNING)
    refuse_inside_agent()
    finish_taking_over(unread_layout_of(request.folder))
    following = _following(is_detached=is_detached, is_plain=is_plain or is_managed)
    handed = hand_over(request, following)
    if handed is not None:
        return handed
    if request.repairs:
        repair(layout_of(request.folder), request.names)
    match following:
        case Following.NOT:
            return detach(request)
        case Following.IN_LINES:
            return run(request)
        case Following.ON_SCREEN:
            from .shown import run_shown  # noqa: PLC0415  blessed is needed only here

            return run_shown(request)


def _following(*, is_detached: bool, is_plain: bool) -> Following:
    if is_detached:
        return Following.NOT
    return Following.IN_LINES if is_plain or why_no_screen() else Following.ON_SCREEN
