"""Which logs there are of a PRD or a story, as the folders tell it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path

from msgspec import Struct

from ...shell.control.targets import Target
from ...shell.storage.layout import Layout


class Stage(Enum):
    """What has printed it."""

    SETUP = "setup"
    AGENT = "agent"
    VERIFY = "verify"
    REVIEW = "review"


class Log(Struct, frozen=True, kw_only=True):
    """One log; of a PRD's landing the story is "" and the attempt 0."""

    path: Path
    prd_id: str
    story_id: str
    attempt: int
    stage: Stage
    label: str  # the stage as it is shown: verify commands run at three places
    rank: int  # within its attempt


class Wanted(Struct, frozen=True, kw_only=True):
    """Which of the logs that there are."""

    stages: frozenset[Stage] = frozenset(Stage)
    attempt: int | None = None
    is_last_only: bool = True  # of a whole PRD: the last attempt of each story


_LOGS = {  # in the order in which an attempt comes to them
    "setup.log": (Stage.SETUP, "setup"),
    "verify.base.log": (Stage.VERIFY, "base"),
    "agent.log": (Stage.AGENT, "agent"),
    "verify.story.log": (Stage.VERIFY, "verify"),
    "review.log": (Stage.REVIEW, "review"),
    "verify.merged.log": (Stage.VERIFY, "merged"),
}
LANDING = "landing"
LABEL_CHARS = max(map(len, (LANDING, *(label for _, label in _LOGS.values()))))
_BESIDE = frozenset({"verify.base.log"})  # runs while the agent works


def logs_of(layout: Layout, targets: Sequence[Target], wanted: Wanted) -> Iterator[Log]:
    """The logs that there are now."""
    for target in targets:
        prd_id = target.prd_id
        names = [target.story_id] if target.story_id else folders(layout.prd(prd_id) / "stories")
        for name in names:
            attempts = attempts_of(layout, prd_id, name)
            if wanted.attempt is not None:
                attempts = [each for each in attempts if each == wanted.attempt]
            elif wanted.is_last_only and not target.story_id:
                attempts = attempts[-1:]
            for attempt in attempts:
                yield from _of_attempt(
                    layout, Target(prd_id=prd_id, story_id=name), attempt, wanted
                )
        if not target.story_id and wanted.attempt is None and Stage.VERIFY in wanted.stages:
            yield from _of_landing(layout, prd_id)


def attempts_of(layout: Layout, prd_id: str, story_id: str) -> list[int]:
    """The attempts of a story that have a folder, the first one first."""
    names = folders(layout.prd(prd_id) / "stories" / story_id)
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def begun_at(log: Log) -> float:
    """When a log was begun, as far as files tell: none says so of itself.

    What stands before it in its attempt had been written to its end by then.
    """
    folder = log.path.parent
    names = list(_LOGS)[: log.rank]
    before = [_changed_at(folder / "prompt.md")]
    if log.path.name not in _BESIDE:
        before += [_changed_at(folder / name) for name in names if name not in _BESIDE]
    return min(max(before), _changed_at(log.path)) or _changed_at(log.path)


def changed_at(log: Log) -> float:
    """When it was written to last; 0 where it is gone."""
    return _changed_at(log.path)


def folders(folder: Path) -> list[str]:
    """The folders in this one, by name; none where it is not there."""
    try:
        with os.scandir(folder) as found:
            return sorted(each.name for each in found if each.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _of_attempt(layout: Layout, story: Target, attempt: int, wanted: Wanted) -> Iterator[Log]:
    folder = layout.attempt(story.prd_id, story.story_id, attempt)
    there = set(_entries(folder))
    for rank, (name, (stage, label)) in enumerate(_LOGS.items()):
        if name in there and stage in wanted.stages:
            yield Log(
                path=folder / name,
                prd_id=story.prd_id,
                story_id=story.story_id,
                attempt=attempt,
                stage=stage,
                label=label,
                rank=rank,
            )


def _of_landing(layout: Layout, prd_id: str) -> Iterator[Log]:
    folder = layout.landing(prd_id)
    for rank, name in enumerate(sorted(_entries(folder))):
        if name.endswith(".log"):
            yield Log(
                path=folder / name,
                prd_id=prd_id,
                story_id="",
                attempt=0,
                stage=Stage.VERIFY,
                label=LANDING,
                rank=rank,
            )


def _entries(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
