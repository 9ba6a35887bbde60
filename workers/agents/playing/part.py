"""How the player plays a real agent's part: what it says of itself, and what it waits for.

The player imports it, so it imports nothing of ours. `replay_listener` hears what it says.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from .script_checks import STEPS_OF_IF

_LOOK_S = 0.02  # how often a file is looked for
_FAILED = 1  # how it exits after an end that is not a good one

Circumstances = dict[str, object]  # of this run: agent, model, resumed, review


def say_word(name: str, value: object) -> None:
    """Say one line that the listener understands."""
    sys.stdout.write(f"replay: {json.dumps({name: value})}\n")
    sys.stdout.flush()


def play_limit(value: dict[str, Any]) -> None:
    """Meet the account's limit and end; near it, and by `stays`, go on."""
    word = {
        "is_rejected": "warning" not in value,
        "utilization": value.get("warning"),
        "until_s": _until_s(value),
        "text": value.get("message", "You've hit your limit"),
    }
    say_word("limit", word)
    if "warning" not in value:
        _end(value)


def play_fail(value: dict[str, Any]) -> None:
    """Fail in the words of a real agent, and end; by `stays` it only says so and goes on."""
    word = {
        "kind": value["kind"],
        "text": value.get("message", f"failed: {value['kind']}"),
        "status": value.get("status"),
        "until_s": _until_s(value),
        "is_last": not value.get("stays", False),
    }
    say_word("fail", word)
    _end(value)


def play_until(value: dict[str, str]) -> None:
    """Wait for a file, or until there is none any more."""
    while not holds(value, {}):
        time.sleep(_LOOK_S)


def holds(conditions: dict[str, Any], circumstances: Circumstances) -> bool:
    """Say whether all holds that is named there."""
    named = {name: value for name, value in conditions.items() if name not in STEPS_OF_IF}
    return all(_holds(name, wanted, circumstances) for name, wanted in named.items())


def _holds(name: str, wanted: Any, circumstances: Circumstances) -> bool:  # noqa: ANN401  JSON's
    if name in {"exists", "missing"}:
        return Path(wanted).exists() is (name == "exists")
    return bool(circumstances.get(name) == wanted)


def _until_s(value: dict[str, Any]) -> float | None:
    return time.time() + value["in_s"] if "in_s" in value else None


def _end(value: dict[str, Any]) -> None:
    if not value.get("stays", False):
        sys.exit(value.get("exit", _FAILED))
