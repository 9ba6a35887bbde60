"""`release --budget`: asked of the root that runs, or journalled for the next one."""

from __future__ import annotations

import sys
from pathlib import Path

from ..shell.control.offline_release import release_offline
from ..shell.control.targets import TargetError
from ..shell.storage.locks import LockBusyError
from ..shell.storage.store import StoreError
from .errors import FatalError, UsageError
from .prepare import place_of
from .remote import ask, root_of
from .whereabouts import layout_of


def release_budgets(folder: Path, targets: tuple[str, ...]) -> int:
    """Let these PRDs and stories spend their budgets once more; none named: all that waits."""
    root = root_of(layout_of(folder))
    if root is None:
        done, error = _offline(folder, targets)
        after = "; `prd-supervise resume` goes on"
    else:
        answer = ask(root, "release_budgets", targets=list(targets))
        if answer.get("unknown"):
            raise UsageError(str(answer["error"]))
        names = answer.get("done")
        done = [str(name) for name in names] if isinstance(names, list) else []
        error, after = str(answer["error"]), ""
    if done:
        print(f"may spend as much again: {', '.join(done)}{after}")  # noqa: T201
        return 0
    print(error, file=sys.stderr)  # noqa: T201
    return FatalError.exit_code


def _offline(folder: Path, targets: tuple[str, ...]) -> tuple[list[str], str]:
    place = place_of(folder, {})
    if not place.layout.state_dir.is_dir():
        return [], "nothing was run here yet: nothing waits for a budget"
    try:
        return release_offline(place.layout, targets, place.settings.budget.budget())
    except TargetError as error:
        raise UsageError(str(error)) from None
    except LockBusyError:
        raise FatalError("root has just come up here; ask once more") from None
    except (OSError, StoreError) as error:
        raise FatalError(f"cannot write the state: {error}") from None
