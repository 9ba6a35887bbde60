"""Marking a story as done in its PRD, with every other byte of the file left as it is."""

from __future__ import annotations

from dataclasses import replace

from .documents.document import Document, Edit, UnreadableError
from .documents.parse import parse
from .documents.text import decode
from .forms.draft import StoryDraft
from .forms.fields import Findings
from .forms.progress import done_member
from .forms.recognise import recognise
from .forms.story import read_story


def mark_done(data: bytes, story_id: str, part: str = "") -> bytes | None:
    """The same file with that story's flag set; `part` names the PRD where it holds several.

    None if the file cannot be read, has no such story, or has it as done already.
    """
    try:
        text = decode(data)
        document = parse(text.text)
    except UnreadableError:
        return None
    edit = _edit(document, story_id, part)
    if edit is None:
        return None
    marked = edit.apply(text.text)
    # A document may be spoilt by no means, not even by a gap in what gave the places.
    return text.encoded(marked) if _only_marked(text.text, marked, story_id, part) else None


def _edit(document: Document, story_id: str, part: str) -> Edit | None:
    draft = _drafts(document, part).get(story_id)
    if draft is None or read_story(draft).story.is_done:
        return None
    key, value = done_member(draft.record.members)
    return document.put((*draft.record.where, key), value=value)


def _drafts(document: Document, part: str) -> dict[str, StoryDraft]:
    """The stories of a PRD by their ids; of two with one id the first one counts."""
    found: dict[str, StoryDraft] = {}
    for draft in recognise(document.value, Findings(path="", document=document)):
        if draft.part == part:
            for story in draft.stories:
                found.setdefault(read_story(story).story.story_id, story)
    return found


def _only_marked(before: str, after: str, story_id: str, part: str) -> bool:
    try:
        documents = parse(before), parse(after)
    except UnreadableError:
        return False
    then, now = (
        {name: read_story(each).story for name, each in _drafts(document, part).items()}
        for document in documents
    )
    then[story_id] = replace(then[story_id], is_done=True, is_skipped=False)
    return then == now
