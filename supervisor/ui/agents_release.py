"""`release --agent`: asked of the root that runs, or journalled for the next one."""

from __future__ import annotations

import sys
from pathlib import Path

from ..shell.control.offline_agents import release_agents_offline
from ..shell.storage.locks import LockBusyError
from ..shell.storage.store import StoreError
from .errors import FatalError
from .prepare import place_of
from .remote import ask, root_of
from .settings.tree import root_settings
from .whereabouts import layout_of


def release_agents(folder: Path, agents: tuple[str, ...]) -> int:
    """Let these agents be started again; one start shows whether they can go on."""
    names = list(dict.fromkeys(agents))
    root = root_of(layout_of(folder))
    if root is None:
        done, refused = _offline(folder, names)
        after = "`prd-supervise resume` tries it"
    else:
        answer = ask(root, "release_agents", agents=names)
        found = answer.get("done")
        done = [str(name) for name in found] if isinstance(found, list) else []
        refused = str(answer["error"]).splitlines()
        after = "one start shows whether it can go on"
    if done:
        print(f"released: {', '.join(done)}; {after}")  # noqa: T201
    for line in refused:
        print(line, file=sys.stderr)  # noqa: T201
    return FatalError.exit_code if refused else 0


def _offline(folder: Path, names: list[str]) -> tuple[list[str], list[str]]:
    place = place_of(folder, {})
    if not place.layout.state_dir.is_dir():
        return [], ["nothing was run here yet: no agent is held back"]
    rules = root_settings(place.settings, place.checkout.top).gates
    try:
        return release_agents_offline(place.layout, names, rules)
    except LockBusyError:
        raise FatalError("root has just come up here; ask once more") from None
    except (OSError, StoreError) as error:
        raise FatalError(f"cannot write the state: {error}") from None
