"""`hold`, `release`, `retry`, `restart`: asked of the root that runs, which answers at once."""

from __future__ import annotations

import sys
from pathlib import Path

from ..errors import FatalError, UsageError
from ..remote import ask, done_by, root_of
from ..whereabouts import unread_layout_of
from .agents_release import release_agents

_DONE = {
    "hold": "held: {}; `prd-supervise release` lets it go on",
    "release": "released: {}",
    "retry": "tried again: {}",
    "restart": "restarting: {}",
}
_INSTEAD = {
    "hold": "nothing of it begins before a `prd-supervise start` or `resume`",
    "release": "`prd-supervise resume` first: what is held stays so until then",
    "retry": "`prd-supervise resume --retry` gives what failed a new start",
    "restart": "`prd-supervise resume` starts what was not finished",
}


def order(folder: Path, verb: str, targets: tuple[str, ...]) -> int:
    """Ask the running root for one of these; say what was done, and what was refused and why."""
    root = root_of(unread_layout_of(folder))
    if root is None:
        raise FatalError(f"root does not run here; {_INSTEAD[verb]}")
    answer = ask(root, verb, targets=list(targets))
    if answer.get("unknown"):
        raise UsageError(str(answer["error"]))
    done = done_by(answer)
    if done:
        print(_DONE[verb].format(", ".join(done)))  # noqa: T201
    if answer["ok"]:
        return 0
    print(answer["error"], file=sys.stderr)  # noqa: T201
    return FatalError.exit_code


def release(folder: Path, targets: tuple[str, ...], agents: tuple[str, ...]) -> int:
    """Let go on what is held, and have agents started again."""
    if not (targets or agents):
        raise UsageError("release: nothing is named; name PRD, PRD/STORY, --agent NAME or --budget")
    codes = [order(folder, "release", targets)] if targets else []
    codes += [release_agents(folder, agents)] if agents else []
    return max(codes)
