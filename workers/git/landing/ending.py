"""What becomes of a PRD's branch at its end."""

from __future__ import annotations

from typing import assert_never

from ...messages.git import EndingAnswer, EndingRequest
from ...messages.landing import Land, PlanPush, RollBack, TryLanding
from ..place import Branch, Place
from .landing import land, try_landing
from .pushing import plan_push
from .rollback import roll_back


def end(place: Place, branch: Branch, request: EndingRequest) -> EndingAnswer:
    """Do what is asked."""
    match request:
        case RollBack():
            return roll_back(place, branch)
        case TryLanding():
            return try_landing(place, branch, request)
        case Land():
            return land(place, request)
        case PlanPush():
            return plan_push(place, request)
        case _:
            assert_never(request)
