"""What Codex keeps of a conversation itself: of a turn that failed it says nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from ..jsonline import at, json_object, number_at, text_at
from ..meaning.resets import reset_at

_READ_BYTES_MAX = 256 << 10  # of its end
_FILES_MAX = 16
_USED_UP = 99.5  # percent


class Rollout(Struct, frozen=True, kw_only=True):
    """The last that was recorded of each."""

    used: object = None  # the tokens of the conversation
    limits: object = None
    model: str = ""


def rollout_of(home: Path, session: str) -> Rollout:
    """Read the end of the file of that conversation; nothing where there is none."""
    pattern = f"sessions/*/*/*/rollout-*-{session}.jsonl"
    files = sorted(islice(home.glob(pattern), _FILES_MAX)) if session else []
    return _read(reversed(_last_lines(files[-1]))) if files else Rollout()


def _read(lines: Iterator[str]) -> Rollout:
    """Go backwards, until all is known."""
    count: object = None
    model = ""
    for line in lines:
        if count and model:
            break
        record = json_object(line)
        payload = at(record, "payload")
        if not count and text_at(payload, "type") == "token_count":
            count = payload
        if not model and text_at(record, "type") == "turn_context":
            model = text_at(payload, "model")
    used = at(count, "info", "total_token_usage")
    return Rollout(used=used, limits=at(count, "rate_limits"), model=model)


def reset_of(limits: object, *, now_s: float) -> float | None:
    """Say when all limits are lifted that are used up."""
    return max(_resets(limits, now_s), default=None)


def _resets(limits: object, now_s: float) -> Iterator[float]:
    for name in ("primary", "secondary"):
        window = at(limits, name)
        moment = reset_at(number_at(window, "resets_at"), now_s=now_s)
        if moment is not None and (number_at(window, "used_percent") or 0.0) >= _USED_UP:
            yield moment


def _last_lines(path: Path) -> list[str]:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _READ_BYTES_MAX, 0))
            return file.read(_READ_BYTES_MAX).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
