"""Lingering: whether systemd keeps the user's services when nobody is logged in."""

from __future__ import annotations

import getpass
import json
import os
from contextlib import suppress
from pathlib import Path

from ...shell.storage.atomic import write_atomically
from .asking import Answer, ask

_KEPT_BY_SYSTEMD = Path("/var/lib/systemd/linger")
_FILE = "lingering.json"


def user_name() -> str:
    """The user's name; their number, where they have none, as in many a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # KeyError before Python 3.13
        return str(os.geteuid())


def lingers(user: str) -> bool:
    """Say whether it is on."""
    if (_KEPT_BY_SYSTEMD / user).exists():
        return True
    answer = ask("loginctl", "show-user", "--property=Linger", "--", user)
    return answer.is_good and answer.out.strip() == "Linger=yes"


def turn_on(user: str, state: Path) -> Answer:
    """Have it on, and remember that it was us."""
    answer = ask("loginctl", "--no-ask-password", "enable-linger", user)
    if answer.is_good:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(state / _FILE, json.dumps({"enabled_for": user}).encode() + b"\n")
    return answer


def turn_off(user: str, state: Path) -> Answer:
    """Have it off again, and forget that it was us."""
    answer = ask("loginctl", "--no-ask-password", "disable-linger", user)
    if answer.is_good:
        (state / _FILE).unlink(missing_ok=True)
        with suppress(OSError):  # something else is remembered there
            state.rmdir()
    return answer


def is_ours(user: str, state: Path) -> bool:
    """Say whether it was `service install` that has turned it on."""
    try:
        found = json.loads((state / _FILE).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("enabled_for") == user
