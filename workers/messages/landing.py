"""What is said of a PRD's branch at its end: it goes into another branch, or back to its start."""

from __future__ import annotations

from msgspec import Struct

from .merging import Resolution

# The lease by which root lets one PRD at a time go into a branch; leases of agents have a `#`.
LANDING_LEASE = "landing"


class RollBack(Struct, frozen=True, kw_only=True):
    """Let the PRD's branch return to where it began, once its head stands under a salvage ref."""


class RolledBack(Struct, frozen=True, kw_only=True):
    """The branch stands at `commit`, what it had under `ref`; or `kept` says why it was left."""

    commit: str = ""
    ref: str = ""
    kept: str = ""


class TryLanding(Struct, frozen=True, kw_only=True):
    """Merge the PRD's branch with `into`, touching neither; check the result out.

    `number` comes back in the answer: that of a landing that was given up is late.
    """

    number: int
    title: str
    into: str
    allow_protected: bool
    reconcile: bool = False  # resolve what is trivial
    is_verified: bool = False  # commands are run over the merge


class LandingTried(Struct, frozen=True, kw_only=True):
    """The merged commit, which no branch shows yet; or why there is none, or need be none."""

    number: int
    commit: str = ""
    onto: str = ""  # where `into` stood
    worktree: str = ""
    is_in: bool = False  # `into` has the PRD's branch already
    problem: str = ""
    resolutions: tuple[Resolution, ...] = ()  # conflicts that nobody had to look at


class Land(Struct, frozen=True, kw_only=True):
    """Move `into` from `onto` to `commit`, if nobody has moved it and no file is in danger."""

    number: int
    commit: str
    onto: str
    into: str


class Landed(Struct, frozen=True, kw_only=True):
    """The branch moved; with `moved` somebody else moved it first; else `problem` says why not."""

    number: int
    moved: bool = False
    problem: str = ""
    checkout: str = ""  # the clean checkout that was brought along


class PlanPush(Struct, frozen=True, kw_only=True):
    """Say how `into` is pushed: a worker does it, because it may hang."""

    number: int
    into: str


class PushPlanned(Struct, frozen=True, kw_only=True):
    """A shell command that pushes with a lease; none: nothing to push, or `problem` says why."""

    number: int
    remote: str = ""
    command: str = ""
    folder: str = ""  # to run it in
    problem: str = ""
