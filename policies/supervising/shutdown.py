"""The stop ladder: by when each level of the tree has to be done, and by what it is made to.

One absolute deadline goes down the tree, and each level keeps a margin before it, a fraction of the
whole grace, so that 5 s work as well as 60 s. With 60 s: an agent is asked to end at 38 s and
killed at 44 s, workers end at 49 s, integrators at 52 s, PRD supervisors at 54 s. Who is late gets
SIGTERM then, and SIGKILL 1.5 s later.
"""

from __future__ import annotations

from msgspec import Struct

AGENT_ASKED = 22 / 60
AGENT_KILLED = 16 / 60
WORKER_ENDED = 11 / 60
GIT_ENDED = 8 / 60
PRD_ENDED = 6 / 60

HURRIED_GRACE_S = 5.0  # after the second signal


class Deadline(Struct, frozen=True, kw_only=True):
    """The end of a stop, in monotonic seconds, and how long the whole stop may take."""

    at_s: float
    grace_s: float

    def before(self, margin: float) -> float:
        """The moment at which the level with this margin acts, in monotonic seconds."""
        return self.at_s - margin * self.grace_s


def deadline_from(now_s: float, grace_s: float) -> Deadline:
    """The deadline of a stop that begins now."""
    return Deadline(at_s=now_s + grace_s, grace_s=grace_s)


def sooner(old: Deadline | None, new: Deadline) -> Deadline:
    """Keep the earlier deadline: a second request can hurry a stop, never slow it down."""
    return new if old is None or new.at_s < old.at_s else old
