"""A PRD as the supervisor sees it, whatever format it was written in."""

from __future__ import annotations

from msgspec import Struct

from ...policies.costs.budget import Budget
from ...policies.values import replace


class PlannedStory(Struct, frozen=True, kw_only=True):
    """One user story. `rank` orders ready stories, the lowest first; ties go by document order."""

    story_id: str
    title: str
    description: str = ""
    criteria: tuple[str, ...] = ()
    rank: float = 0.0
    depends_on: tuple[str, ...] = ()  # stories of this PRD that have to be done
    needs: tuple[str, ...] = ()  # stories of other PRDs that have to be done, as PRD/STORY
    after: tuple[str, ...] = ()  # stories of this PRD that have to be over, done or not
    files: tuple[str, ...] = ()  # globs of what it will touch, from the repository's root
    mutex: tuple[str, ...] = ()  # names of which two stories that run hold none in common
    group: str = ""  # phase, epic or batch: a label
    verify: tuple[str, ...] | None = None  # None: the PRD's
    checks: tuple[str, ...] = ()  # commands of single criteria, which are run besides
    no_code: bool = False  # may be done without a change
    is_done: bool = False  # marked so in the document
    recorded: str = ""  # what else says that it is done: a log of earlier work
    is_skipped: bool = False  # cancelled, superseded, deferred
    agent: str = ""  # an agent or a role; empty: the PRD's, else the configuration's
    model: str = ""  # likewise
    complexity: str = ""  # low, medium or high
    budget: Budget | None = None  # None: the configuration's
    approve: tuple[str, ...] = ()  # where a person has the word besides: story, merge
    replay: str = ""  # the replay agent's script as JSON text


class Supervision(Struct, frozen=True, kw_only=True):
    """What a PRD says of its supervision, in the words of `Limits`; None: the configuration's."""

    strategy: str | None = None
    restart: str | None = None
    intensity: int | None = None
    period_s: float | None = None
    backoff_base_s: float | None = None
    backoff_cap_s: float | None = None
    max_attempts: int | None = None
    max_memory_kills: int | None = None
    max_hangs: int | None = None
    max_workers: int | None = None


class Parallel(Struct, frozen=True, kw_only=True):
    """What a PRD says of its stories side by side; None: the configuration's."""

    enabled: bool | None = None  # False: one story at a time
    max_workers: int | None = None  # AUTO_WORKERS: as it goes well
    conflict_strategy: str | None = None  # entity, file or none
    inference: str | None = None  # files, text, hybrid or none


class Plan(Struct, frozen=True, kw_only=True):
    """One PRD. `path` is absolute; `branch` is what the document asks for, or empty.

    `part` is this PRD's name in a file that holds several (a tag of task-master's).
    """

    prd_id: str
    title: str
    path: str
    stories: tuple[PlannedStory, ...]
    description: str = ""
    branch: str = ""
    verify: tuple[str, ...] | None = None  # None: the configuration's
    supervision: Supervision | None = None
    part: str = ""
    parallel: Parallel | None = None
    on_failure: str | None = None  # keep or rollback; None: the configuration's
    fail_fast: bool | None = None  # True: nothing more begins once a story has failed
    agent: str = ""  # of stories that name none
    model: str = ""
    budget: Budget | None = None  # of all its stories
    approve: tuple[str, ...] = ()  # where a person has the word besides: story, merge, prd
    own_id: str = ""  # the id that the document gives itself; empty: `prd_id` follows from a name
    # The document that this was read from: its file may say something else by now.
    source: bytes = b""

    def says_as(self, other: Plan | None) -> bool:
        """Say whether both mean the same, however their documents are written."""
        return other is not None and replace(self, source=other.source) == other


class LooseEnd(Struct, frozen=True, kw_only=True):
    """A dependency that no story of its own PRD has: a story of another PRD, or a mistake.

    Its story's `depends_on` does not have it. Who finds it elsewhere adds it to `needs`.
    """

    story_id: str  # who has it
    name: str  # as it was written
    line: int
    column: int
    near: str = ""  # the story of its own PRD that was probably meant
    part: str = ""  # the PRD's, where a file holds several
