"""How far a completed PRD has come on its way into another branch."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

# No story can be called so: its worker verifies what no story alone is responsible for.
LANDER = "lander/verify"
LANDING_NAME = "(landing)"  # what its processes are called


class LandingStage(Enum):
    """What a landing is waiting for."""

    TURN = "turn"  # another PRD lands
    TRIAL = "trial"  # the merge that nobody sees yet
    VERIFY = "landing"  # the verify commands over it
    LAND = "land"  # the branch moves
    PLAN = "plan"  # how it is pushed
    PUSH = "push"


class Landing(Struct, frozen=True, kw_only=True):
    """A landing under way; `number` tells its answers from those of one that was given up."""

    stage: LandingStage
    number: int
    into: str
    commit: str = ""
    onto: str = ""
    resolved: tuple[str, ...] = ()  # the files whose conflicts nobody had to look at
    folder: str = ""  # where its worker works
    command: str = ""  # that pushes
    remote: str = ""  # to there
    told: str = ""  # what has become of it so far, for people
    moves: int = 0  # that it was merged again because somebody else moved the branch
    deaths: int = 0  # of its worker, or refusals to start it
    not_before_s: float = 0.0  # its next worker is started
    incarnation: int = 0  # of its worker, once that is ready

    @property
    def attempt(self) -> int:
        """By which its worker is told from those before."""
        return 100 * self.number + self.deaths
