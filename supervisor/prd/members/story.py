"""One user story from its record: every subject has its own module, this one puts them together."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from ..documents.document import JsonPath
from ..model import PlannedStory
from ..names import clean_title
from .approve import read_story_approve
from .budget import read_budget
from .commands import read_commands
from .complexity import read_complexity
from .criteria import read_criteria
from .dependencies import Mention, read_blocks, read_depends, read_starts_after
from .draft import StoryDraft
from .identity import read_id, read_title
from .progress import read_progress
from .prose import read_aliases, read_text
from .rank import read_rank
from .replay import read_replay
from .scope import read_files, read_mutex

AGENT = ("agent",)
TOOL = ("tool", "targetAgent", "runner")
MODEL = ("model", "suggestedModel", "modelHint", "recommendedModel")
NO_CODE = ("noCode",)
# Labels of all sorts: where the form itself has no groups.
GROUP = ("group", "phase", "epic", "parallelGroup", "workstream", "component", "stage", "category")


class ReadStory(Struct, frozen=True, kw_only=True):
    """A story as it was read; what it waits for still stands as it was written."""

    story: PlannedStory
    where: JsonPath
    id_where: JsonPath
    has_own_id: bool
    depends: tuple[Mention, ...]
    blocks: tuple[Mention, ...]
    starts_after: tuple[Mention, ...]
    aliases: tuple[str, ...]


def read_story(draft: StoryDraft, *, folder: Path | None = None) -> ReadStory:
    """Read one story; a replay script is looked for from `folder`, where one is given.

    Its `depends_on` has the names as they are written: `linked` says which stories they mean.
    """
    record = draft.record
    story_id, id_where = read_id(draft)
    depends = tuple(read_depends(record))
    commands = read_commands(record)
    told = read_criteria(record)
    progress = read_progress(record)
    story = PlannedStory(
        story_id=story_id,
        title=read_title(record),
        description=read_text(record, steps=told.steps, gates=commands.prose),
        criteria=told.criteria,
        rank=read_rank(record),
        depends_on=tuple(dict.fromkeys(mention.text for mention in depends)),
        files=read_files(record),
        mutex=read_mutex(record),
        group=clean_title(draft.group or _label(draft)),
        verify=commands.run,
        checks=told.commands,
        no_code=record.flag(NO_CODE) is True,
        is_done=progress.is_done,
        is_skipped=progress.is_skipped,
        agent=record.text(AGENT) or record.word(TOOL),
        model=record.word(MODEL),
        complexity=read_complexity(record),
        budget=read_budget(record),
        approve=read_story_approve(record),
        replay="" if folder is None else read_replay(record, folder),
    )
    return ReadStory(
        story=story,
        where=record.where,
        id_where=id_where,
        has_own_id=not draft.made_id,
        depends=depends,
        blocks=tuple(read_blocks(record)),
        starts_after=tuple(read_starts_after(record)),
        aliases=read_aliases(record, story_id),
    )


def _label(draft: StoryDraft) -> str:
    labels = (member.value for member in draft.record.find_all(GROUP))
    return next((str(label) for label in labels if isinstance(label, (str, int))), "")
