"""What verify commands said in an attempt: its result.json, which its worker has written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
from msgspec import Struct

from ....policies.outcomes.outcome import VerifyRun
from .layout import Layout

RESULT_BYTES_MAX = 4 << 20


class Runs(Struct, frozen=True, kw_only=True):
    """Verify commands over three trees; None: none were run, or nobody has kept what they said."""

    base: VerifyRun | None = None  # where the story started from
    story: VerifyRun | None = None  # its own work
    merged: VerifyRun | None = None  # what the branch shows since


NO_RUNS = Runs()


class _Result(Struct, frozen=True, kw_only=True):
    """What is of interest in an attempt's result.json, of whatever version."""

    base_run: VerifyRun | None = None
    story_run: VerifyRun | None = None
    merged_run: VerifyRun | None = None


def runs_of(layout: Layout, prd_id: str, story_id: str, attempt: int) -> Runs:
    """What the verify commands of an attempt said, as far as the worker could write it."""
    path = layout.attempt(prd_id, story_id, attempt) / "result.json"
    result = _read(path) if attempt else None
    if result is None:
        return NO_RUNS
    return Runs(base=result.base_run, story=result.story_run, merged=result.merged_run)


def _read(path: Path) -> _Result | None:
    """The result; None where there is none, or none that can be read: it is there for people."""
    try:
        # Whoever could write there might have left a pipe, which nobody ever fills.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            about = os.fstat(fd)
            if not stat.S_ISREG(about.st_mode) or about.st_size > RESULT_BYTES_MAX:
                return None
            return msgspec.json.decode(file.read(), type=_Result)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
