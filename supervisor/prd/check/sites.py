"""Where in its file a remark stands."""

from __future__ import annotations

from pathlib import Path

from ..defect import Defect
from ..documents.document import Document, JsonPath, UnreadableError
from ..documents.parse import parse
from ..documents.text import read_text
from ..forms.recognise import recognise
from ..members.draft import Draft
from ..members.fields import Findings, Record
from ..members.story import read_story
from .remark import Remark


class Sites:
    """The files of PRDs, each read again when the first remark on it has to be placed."""

    def __init__(self) -> None:
        self._files: dict[str, _File | None] = {}

    def defect(self, remark: Remark) -> Defect:
        """The remark at its place; without one if the file has changed meanwhile."""
        path = remark.plan.path
        if path not in self._files:
            self._files[path] = _file(path)
        file = self._files[path]
        line, column = (0, 0) if file is None else file.place(remark)
        return Defect(
            path=path,
            line=line,
            column=column,
            message=remark.message,
            severity=remark.severity,
            code=remark.code,
        )


class _File:
    """One file, with its PRDs by their parts and their stories by their ids."""

    def __init__(self, document: Document, drafts: tuple[Draft, ...]) -> None:
        self._document = document
        self._prds = {draft.part: draft.record for draft in drafts}
        self._stories: dict[tuple[str, str], Record] = {}
        for draft in drafts:
            for each in draft.stories:
                name = (draft.part, read_story(each).story.story_id)
                self._stories.setdefault(name, each.record)

    def place(self, remark: Remark) -> tuple[int, int]:
        record = self._prds.get(remark.plan.part)
        if remark.story_id:
            record = self._stories.get((remark.plan.part, remark.story_id), record)
        place = self._document.place(() if record is None else _where(record, remark))
        return place.line, place.column


def _where(record: Record, remark: Remark) -> JsonPath:
    member = record.find(remark.keys)
    if member is None:
        return record.where
    if remark.item is not None and isinstance(member.value, list):
        return (*member.where, remark.item)
    return member.where


def _file(path: str) -> _File | None:
    try:
        document = parse(read_text(Path(path)))
    except UnreadableError:
        return None
    findings = Findings(path=path, document=document)
    return _File(document, recognise(document.value, findings))
