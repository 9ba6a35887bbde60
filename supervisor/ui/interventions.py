"""`hold`, `release`, `retry`, `restart`: asked of the root that runs, which answers at once."""

from __future__ import annotations

import sys
from pathlib import Path

from .errors import FatalError, UsageError
from .remote import ask, root_of
from .whereabouts import layout_of

_DONE = {
    "hold": "held: {}; `prd-supervise release` lets it go on",
    "release": "released: {}",
    "release_agents": "released: {}; one start shows whether it can go on",
    "retry": "tried again: {}",
    "restart": "restarting: {}",
}
_INSTEAD = {
    "hold": "nothing of it begins before a `prd-supervise start` or `resume`",
    "release": "`prd-supervise resume` first: what is held stays so until then",
    "release_agents": "`prd-supervise resume` tries those that wait for you",
    "retry": "`prd-supervise resume --retry` gives what failed a new start",
    "restart": "`prd-supervise resume` starts what was not finished",
}


def order(folder: Path, verb: str, targets: tuple[str, ...]) -> int:
    """Ask the running root for one of these; say what was done, and what was refused and why."""
    return _ask(folder, verb, {"targets": list(targets)})


def release(folder: Path, targets: tuple[str, ...], agents: tuple[str, ...]) -> int:
    """Let go on what is held, and have agents started again."""
    if not (targets or agents):
        raise UsageError("release: nothing is named; name a PRD, PRD/STORY, or --agent NAME")
    codes = [order(folder, "release", targets)] if targets else []
    if agents:
        codes.append(_ask(folder, "release_agents", {"agents": list(dict.fromkeys(agents))}))
    return max(codes)


def _ask(folder: Path, verb: str, about: dict[str, object]) -> int:
    root = root_of(layout_of(folder))
    if root is None:
        raise FatalError(f"root does not run here; {_INSTEAD[verb]}")
    answer = ask(root, verb, **about)
    if answer.get("unknown"):
        raise UsageError(str(answer["error"]))
    done = answer.get("done")
    if isinstance(done, list) and done:
        print(_DONE[verb].format(", ".join(map(str, done))))  # noqa: T201
    if answer["ok"]:
        return 0
    print(answer["error"], file=sys.stderr)  # noqa: T201
    return FatalError.exit_code
