"""`release --budget`: asked of the root that runs, or journalled for the next one."""

from __future__ import annotations

import sys
from pathlib import Path

from ...shell.control.offline_release import release_offline
from ...shell.control.targets import TargetError
from ..errors import FatalError, UsageError
from ..remote import ask, done_by, root_of
from ..whereabouts import unread_layout_of
from .offline import journalling, place_with_state


def release_budgets(folder: Path, targets: tuple[str, ...]) -> int:
    """Let these PRDs and stories spend their budgets once more; none named: all that waits."""
    root = root_of(unread_layout_of(folder))
    if root is None:
        done, error = _offline(folder, targets)
        after = "; `prd-supervise resume` goes on"
    else:
        answer = ask(root, "release_budgets", targets=list(targets))
        if answer.get("unknown"):
            raise UsageError(str(answer["error"]))
        done, error, after = done_by(answer), str(answer["error"]), ""
    if done:
        print(f"may spend as much again: {', '.join(done)}{after}")  # noqa: T201
        return 0
    print(error, file=sys.stderr)  # noqa: T201
    return FatalError.exit_code


def _offline(folder: Path, targets: tuple[str, ...]) -> tuple[list[str], str]:
    place = place_with_state(folder)
    if place is None:
        return [], "nothing was run here yet: nothing waits for a budget"
    try:
        with journalling():
            return release_offline(place.layout, targets, place.settings.budget.budget())
    except TargetError as error:
        raise UsageError(str(error)) from None
