"""What a PRD's state has besides its stories: what was shown, who mends, when work is compared."""

from __future__ import annotations

from msgspec import Struct

from ....policies.outcomes.outcome import VerifyRun
from ....workers.messages.review import WorkShown


class Shown(Struct, frozen=True, kw_only=True):
    """What verify commands have shown, to be run for it no more.

    Of a commit that stories begin from, to know what was red already; and where they were green,
    of a story's own work in its worktree, or of a train's tree.
    """

    of: str  # the commit, or the tree
    commands: tuple[str, ...]
    run: VerifyRun
    story_id: str = ""  # where the run was for one story


class Mender(Struct, frozen=True, kw_only=True):
    """The story that goes again first where the branch itself is red; the others wait for it."""

    story_id: str
    onto: str  # the commit that is red ...
    commands: tuple[str, ...]  # ... by these


class Reviewing(Struct, frozen=True, kw_only=True):
    """A review under way."""

    work: WorkShown | None = None  # what the reviewer is to see, until it is told
    is_at_work: bool = False
    is_answered: bool = False  # its model has answered


class Growth(Struct, frozen=True, kw_only=True):
    """When the work of stories that run is compared; what came out is each story's to remember."""

    every_s: float = 0.0  # 0: never
    at_s: float = 0.0  # of the next look; 0: there is nothing to look at
    is_asked: bool = False
    goes_on: bool = False  # the integrator has not come to the end of a look
