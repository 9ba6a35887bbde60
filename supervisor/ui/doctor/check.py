"""One thing that doctor looks at: bounded in time, and told even where it cannot be looked at."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable

from msgspec import Struct

from ....policies.values import replace
from ...shell.repository.checkout import RepositoryError
from ..errors import ReportedError
from .deadline import TooLongError, within
from .words import Line, fail, warn

GIT, PLACES, AGENT, VERIFY, PRDS, MESSAGES, SYSTEM = (
    *("Git", "Places", "Agent", "Verification", "PRDs", "Messages", "System"),
)
SOON_S = 10.0
LATER_S = 60.0  # where an agent, or a worktree of many files, is waited for


class Check(Struct, frozen=True, kw_only=True):
    """What to look at, in which group; `subject` is told where nothing else can be."""

    group: str
    subject: str
    look: Callable[[], Line | Iterable[Line]]
    within_s: float = SOON_S  # 0: it has deadlines of its own


def done(check: Check) -> tuple[Line, ...]:
    """Look, and be done in time; what cannot be looked at is told as well."""
    try:
        with within(check.within_s):
            found = check.look()
            lines = (found,) if isinstance(found, Line) else tuple(found)
    except TooLongError:
        text = f"could not be looked at within {check.within_s:.0f} s"
        lines = (warn(check.subject, text, "is a disk of a network, or a program, in the way?"),)
    except (OSError, RepositoryError, subprocess.SubprocessError) as error:
        text = f"could not be looked at: {' '.join(str(error).split())}"
        lines = (warn(check.subject, text, "what it says; the rest was looked at"),)
    except ReportedError as error:
        lines = (fail(check.subject, error.lines()[0], "mend that first"),)
    return tuple(replace(line, group=check.group) for line in lines)
