"""Marking a story as done in its PRD, with every other byte of the file left as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
    marked = _marked(data, (story_id,), part)
    return None if marked == data else marked


def mark_all(data: bytes, story_ids: Collection[str], part: str = "") -> bytes:
    """The same file with the flags of all these stories set, as far as they can be."""
    marked = _marked(data, story_ids, part)
    if marked is not None:
        return marked
    for story_id in story_ids:  # one of them stands in the others' way
        data = mark_done(data, story_id, part) or data
    return data


def _marked(data: bytes, story_ids: Collection[str], part: str) -> bytes | None:
    """The same bytes where nothing is to be set, None where more would change than the flags."""
    try:
        text = decode(data)
        document = parse(text.text)
    except UnreadableError:
        return data
    edits = _edits(document, story_ids, part)
    if not edits:
        return data
    marked = _applied(text.text, edits.values())
    # A document may be spoilt by no means, not even by a gap in what gave the places.
    return text.encoded(marked) if _only_marked(document, marked, edits.keys(), part) else None


def _edits(document: Document, story_ids: Collection[str], part: str) -> dict[str, Edit]:
    drafts = _drafts(document, part)
    wanted = {name: drafts[name] for name in dict.fromkeys(story_ids) if name in drafts}
    edits = {name: _edit(document, draft) for name, draft in wanted.items()}
    return {name: edit for name, edit in edits.items() if edit is not None}


def _applied(text: str, edits: Iterable[Edit]) -> str:
    pieces, end = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join((*pieces, text[end:]))


def _edit(document: Document, draft: StoryDraft) -> Edit | None:
    if read_story(draft).story.is_done:
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


def _only_marked(before: Document, after: str, marked: Collection[str], part: str) -> bool:
    try:
        documents = before, parse(after)
    except UnreadableError:
        return False
    then, now = (
        {name: read_story(each).story for name, each in _drafts(document, part).items()}
        for document in documents
    )
    for name in marked:
        then[name] = replace(then[name], is_done=True, is_skipped=False)
    return then == now
