"""What a PRD supervisor and its integrator say of a merge train: stories merged on each other."""

from __future__ import annotations

from msgspec import Struct

from .merging import Conflict, Finding, Resolution
from .rules import Strategy


class PrdCopy(Struct, frozen=True, kw_only=True):
    """The PRD file of a commit: a file of ours with its bytes, or why it cannot be marked."""

    path: str = ""
    problem: str = ""


class Car(Struct, frozen=True, kw_only=True):
    """A story that wants to be merged: its work, and the commit that it was built on."""

    story_id: str
    title: str
    head: str
    base: str
    is_verified: bool = True  # commands are run over its merge


class AssembleTrain(Struct, frozen=True, kw_only=True):
    """Merge the cars one on the other, the first on the PRD's branch, touching no branch.

    `copy` is where the PRD file of the merges is written to; empty: nobody marks it.
    """

    number: int
    cars: tuple[Car, ...]
    reconcile: bool = True  # resolve what is trivial
    strategy: Strategy = Strategy.ENTITY
    copy: str = ""


class Coupled(Struct, frozen=True, kw_only=True):
    """What became of a car: `commit` has it and all in front of it, and no branch shows it yet.

    Without a commit it is not in the train. `is_unfounded`: it was built on a commit that is not
    in the branch. `is_behind`: it conflicts only with a car in front, so the next train may do.
    """

    story_id: str
    commit: str = ""
    tree: str = ""
    conflicts: tuple[Conflict, ...] = ()  # at most CONFLICTS_MAX of them
    is_behind: bool = False
    is_unfounded: bool = False
    findings: tuple[Finding, ...] = ()  # of a merge that git finds clean
    resolutions: tuple[Resolution, ...] = ()
    prd_file: PrdCopy | None = None  # the PRD file in the commit, if it has one


class TrainAssembled(Struct, frozen=True, kw_only=True):
    """The answer to AssembleTrain: every car, in the order that was asked for."""

    number: int
    onto: str  # where the PRD's branch stood
    cars: tuple[Coupled, ...]


class TakeFormatted(Struct, frozen=True, kw_only=True):
    """Take what a formatter made of these files of `commit`, which `worktree` shows.

    Whatever else it changed stays where it is, and is thrown away.
    """

    number: int
    commit: str
    worktree: str
    paths: tuple[str, ...]


class FormattedTaken(Struct, frozen=True, kw_only=True):
    """The answer: the commit with these files changed, or the same one if none of them was."""

    number: int
    commit: str
    paths: tuple[str, ...] = ()


class PublishTrain(Struct, frozen=True, kw_only=True):
    """Move the PRD's branch from `onto` to `commit`, and mark its stories done in the PRD file."""

    number: int
    commit: str
    onto: str
    stories: tuple[str, ...]
    prd_file: PrdCopy | None = None  # with the stories marked; None: nothing to mark


class TrainPublished(Struct, frozen=True, kw_only=True):
    """The PRD's branch moved; with `moved`, somebody else moved it first and nothing happened."""

    number: int
    commit: str
    head: str
    moved: bool = False
