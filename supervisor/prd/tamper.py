"""What an agent changed in a PRD that is not its to change."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from .defect import quoted
from .documents.document import UnreadableError
from .documents.parse import parse
from .documents.text import decode
from .forms.recognise import recognise
from .members.commands import read_commands
from .members.fields import Findings
from .members.story import read_story
from .model import PlannedStory


class _Prd(Struct, frozen=True, kw_only=True):
    verify: tuple[str, ...] | None
    stories: dict[str, PlannedStory]


def tampering(before: bytes, after: bytes, part: str = "") -> tuple[str, ...]:
    """One line for each term of `before` that does not hold in `after` as it did.

    Terms are what decides when and whether a story is done: that it is there, its id, criteria,
    verify commands, dependencies, and whether it may be done without a change. Done flags, status,
    notes, titles, file scopes, new stories and unknown keys are no reproach: many prompts make
    agents write them. `part` names the PRD in a file that holds several.
    """
    try:
        terms = _prd(before, part)
    except UnreadableError:
        return ()  # nothing that could have been kept
    try:
        left = _prd(after, part)
    except UnreadableError as error:
        line = f" (line {error.line})" if error.line else ""
        return (f"the PRD file is no longer readable{line}",)
    if terms is None:
        return ()
    if left is None:
        what = f"PRD {quoted(part)} in it" if part else "list of stories"
        return (f"the PRD file has no longer a {what}",)
    return tuple(_changes(terms, left))


def _prd(data: bytes, part: str) -> _Prd | None:
    document = parse(decode(data).text)
    drafts = recognise(document.value, Findings(path="", document=document))
    draft = next((draft for draft in drafts if draft.part == part), None)
    if draft is None:
        return None
    stories: dict[str, PlannedStory] = {}
    for story in (read_story(each).story for each in draft.stories):
        stories.setdefault(story.story_id, story)
    return _Prd(verify=read_commands(draft.record).run, stories=stories)


def _changes(before: _Prd, after: _Prd) -> Iterator[str]:
    if before.verify != after.verify:
        yield "the PRD's verify commands were changed"
    new_ids = {
        story.title: story_id
        for story_id, story in after.stories.items()
        if story_id not in before.stories
    }
    for story_id, story in before.stories.items():
        now = after.stories.get(story_id)
        if now is not None:
            yield from _changed_terms(story, now)
        elif story.title and story.title in new_ids:
            yield f"{story_id}: its id was changed to {quoted(new_ids[story.title])}"
        else:
            yield f"{story_id}: the story was removed"


def _changed_terms(before: PlannedStory, after: PlannedStory) -> Iterator[str]:
    if before.criteria != after.criteria:
        what = "removed" if before.criteria and not after.criteria else "changed"
        yield f"{before.story_id}: acceptance criteria were {what}"
    if (before.verify, before.checks) != (after.verify, after.checks):
        yield f"{before.story_id}: verify commands were changed"
    if before.depends_on != after.depends_on:
        yield f"{before.story_id}: dependencies were changed"
    if before.no_code != after.no_code:
        yield f"{before.story_id}: noCode was changed"
