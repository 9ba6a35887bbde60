"""`release --agent`: asked of the root that runs, or journalled for the next one."""

from __future__ import annotations

import sys
from pathlib import Path

from ...shell.control.offline_agents import release_agents_offline
from ..errors import FatalError
from ..remote import ask, done_by, root_of
from ..settings.tree import root_settings
from ..whereabouts import unread_layout_of
from .offline import journalling, place_with_state


def release_agents(folder: Path, agents: tuple[str, ...]) -> int:
    """Let these agents be started again; one start shows whether they can go on."""
    names = list(dict.fromkeys(agents))
    root = root_of(unread_layout_of(folder))
    if root is None:
        done, refused = _offline(folder, names)
        after = "`prd-supervise resume` tries it"
    else:
        answer = ask(root, "release_agents", agents=names)
        done, refused = done_by(answer), str(answer["error"]).splitlines()
        after = "one start shows whether it can go on"
    if done:
        print(f"released: {', '.join(done)}; {after}")  # noqa: T201
    for line in refused:
        print(line, file=sys.stderr)  # noqa: T201
    return FatalError.exit_code if refused else 0


def _offline(folder: Path, names: list[str]) -> tuple[list[str], list[str]]:
    place = place_with_state(folder)
    if place is None:
        return [], ["nothing was run here yet: no agent is held back"]
    rules = root_settings(place.settings, place.checkout.top).gates
    with journalling():
        return release_agents_offline(place.layout, names, rules)
