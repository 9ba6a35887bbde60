"""What Codex records of its account's limits, in the file of its conversation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from .jsonline import Json, at, json_object, number_at, text_at
from .resets import reset_at

_READ_BYTES_MAX = 256 << 10  # of its end
_FILES_MAX = 16
_USED_UP = 99.5  # percent


def reset_recorded(home: Path, session: str, *, now_s: float) -> float | None:
    """Say when the limits that are used up are lifted, by the last record of them."""
    if not session:
        return None
    files = islice(home.glob(f"sessions/*/*/*/rollout-*-{session}.jsonl"), _FILES_MAX)
    for path in sorted(files, reverse=True):
        for line in reversed(_last_lines(path)):
            limits = _limits(json_object(line))
            if limits is not None:
                return max(_resets(limits, now_s), default=None)
    return None


def _last_lines(path: Path) -> list[str]:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _READ_BYTES_MAX, 0))
            return file.read(_READ_BYTES_MAX).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _limits(record: Json | None) -> object:
    payload = at(record, "payload")
    return at(payload, "rate_limits") if text_at(payload, "type") == "token_count" else None


def _resets(limits: object, now_s: float) -> Iterator[float]:
    for name in ("primary", "secondary"):
        window = at(limits, name)
        moment = reset_at(number_at(window, "resets_at"), now_s=now_s)
        if moment is not None and (number_at(window, "used_percent") or 0.0) >= _USED_UP:
            yield moment
