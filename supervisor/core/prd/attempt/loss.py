"""Why an attempt came to nothing, and what follows for the next one."""

from __future__ import annotations

from msgspec import Struct

from .....policies.outcomes.failure import FailureType
from .....policies.outcomes.setbacks import Course
from .....policies.supervising.spec import Cause


class Loss(Struct, frozen=True, kw_only=True):
    """The end of an attempt without a merge; what is journalled of it is AttemptLost."""

    type: FailureType
    reason: str
    context: str = ""
    is_fresh: bool = False
    counts: bool = True
    keeps_claim: bool = False
    waits: bool = False  # although it does not count: it would be in the way again
    cause: Cause = Cause.ORDINARY
    conflict: bool = False
    is_final: bool = False  # the story is given up for it at once
    course: Course | None = None  # where its agent's end decides how the story goes on
    bars: bool = False  # ... without whom it has had
    ends_conversation: bool = False
