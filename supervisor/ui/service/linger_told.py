"""Lingering as `service install` sees to it, and what is said of it."""

from __future__ import annotations

import time

from . import lingering, systemctl
from .target import Target
from .telling import tell

_MANAGER_S = 5.0  # until the user's manager is up, once lingering is on
_NAP_S = 0.1


def see_to_lingering(target: Target, *, is_wanted: bool) -> bool:
    """Say whether it is on, after it was turned on where that is wanted."""
    user = lingering.user_name()
    if lingering.lingers(user):
        tell("lingering", "on: it runs while you are logged out, and from boot on")
        return True
    if not is_wanted:
        tell("lingering", "off: it ends when you log out, and starts when you log in;")
        tell("", "`prd-supervise service install --linger` has it run from boot on")
        return False
    answer = lingering.turn_on(user, target.state)
    if not answer.is_good:
        tell("lingering", f"was refused: {answer.problem}")
        tell("", f"`sudo loginctl enable-linger {user}` turns it on")
        return False
    tell("lingering", "turned on: it runs while you are logged out, and from boot on")
    _wait_for_manager()
    return True


def _wait_for_manager() -> None:
    """It starts when lingering is turned on, if nobody is logged in."""
    deadline_s = time.monotonic() + _MANAGER_S
    while systemctl.why_no_manager() and systemctl.is_booted() and time.monotonic() < deadline_s:
        time.sleep(_NAP_S)
