"""Reading a PRD file: which form it has is decided by what stands in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from ...policies.values import replace
from .defect import Defect, Severity
from .documents.document import Document, UnreadableError
from .documents.parse import parse
from .documents.text import decode, read_bytes
from .forms.recognise import recognise
from .members.draft import Draft
from .members.fields import Findings
from .members.plan import read_draft
from .model import LooseEnd, Plan
from .names import is_safe_name

NO_STORIES = (
    "no stories were found; put them into a list 'userStories', "
    "in Markdown under headings such as '### US-001: Title'"
)
STORIES_MAX = 20_000  # each costs about a millisecond wherever the file is read, marked or compared


class Reading(Struct, frozen=True, kw_only=True):
    """A file as it was read: its PRDs, and its defects in the order of its lines.

    Where there is an error its PRDs are `flawed`: as far as they could be read, to be checked and
    never to be run. Whether a loose end is an error is for those to say who know the other PRDs.
    """

    path: Path
    plans: tuple[Plan, ...] = ()
    flawed: tuple[Plan, ...] = ()
    defects: tuple[Defect, ...] = ()
    loose: tuple[LooseEnd, ...] = ()

    @property
    def errors(self) -> tuple[Defect, ...]:
        """The defects that keep the file from being run."""
        return tuple(each for each in self.defects if each.severity is Severity.ERROR)


def read_file(path: Path, *, base_branch: str = "") -> Reading:
    """Read a PRD file. `base_branch` is the branch that no PRD may ask for, if that is known."""
    place = absolute(path)
    parsed = _parsed(place)
    if isinstance(parsed, Defect):
        return Reading(path=place, defects=(parsed,))
    document, data = parsed
    findings = Findings(path=str(place), document=document)
    drafts = recognise(document.value, findings)
    if not drafts and not any(remark.is_error for remark in document.remarks):
        findings.add((), NO_STORIES)
    findings.defects.extend(_remarked(place, document))
    sound = [draft for draft in drafts if not _is_too_long(draft)]
    read = [read_draft(draft, place, base_branch=base_branch) for draft in sound]
    found = sorted(findings.defects, key=lambda defect: (defect.line, defect.column))
    reading = Reading(
        path=place,
        plans=tuple(replace(plan, source=data) for plan, _ in read),
        defects=tuple(found),
        loose=tuple(end for _, ends in read for end in ends),
    )
    if not reading.errors:
        return reading
    return replace(reading, plans=(), flawed=tuple(_showable(reading.plans)))


def _showable(plans: Iterable[Plan]) -> Iterator[Plan]:
    """The plans and stories with names that may be shown."""
    for plan in plans:
        if is_safe_name(plan.prd_id):
            stories = tuple(each for each in plan.stories if is_safe_name(each.story_id))
            yield replace(plan, stories=stories)


def _is_too_long(draft: Draft) -> bool:
    if len(draft.stories) <= STORIES_MAX:
        return False
    message = f"this PRD has {len(draft.stories)} stories; {STORIES_MAX} are allowed, split it"
    draft.record.findings.add(draft.stories[STORIES_MAX].record.where, message)
    return True


def parse_file(path: Path) -> Document | Defect:
    """Parse a file; what keeps it from being parsed is a defect."""
    parsed = _parsed(path)
    return parsed if isinstance(parsed, Defect) else parsed[0]


def _parsed(path: Path) -> tuple[Document, bytes] | Defect:
    """The document, and the bytes that it was read from."""
    try:
        data = read_bytes(path)
        return parse(decode(data).text), data
    except UnreadableError as error:
        return Defect(
            path=str(path),
            line=error.line,
            column=error.column,
            message=error.message,
            excerpt=error.excerpt,
        )


def _remarked(path: Path, document: Document) -> Iterator[Defect]:
    for remark in document.remarks:
        yield Defect(
            path=str(path),
            line=remark.place.line,
            column=remark.place.column,
            message=remark.message,
            severity=Severity.ERROR if remark.is_error else Severity.WARNING,
            excerpt=remark.excerpt,
        )


def why_no_prd(path: Path) -> str:
    """Why a file that was found, not named, is no PRD; empty if `read_file` has a word to say.

    It has on a PRD, a defective one too, and on a file that cannot be read or is broken: it may be
    one. A sound document without stories is no PRD.
    """
    place = absolute(path)
    document = parse_file(place)
    if isinstance(document, Defect):
        return ""
    drafts = recognise(document.value, Findings(path=str(place), document=document))
    if not drafts:
        return "no list of stories"
    if all(draft.is_plain_list for draft in drafts):
        return "a plain list of checkboxes, to be run if it is named"
    return ""


def absolute(path: Path) -> Path:
    """Where a PRD file really stands: a link may only name the PRD of the moment."""
    place = Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow its folders' links
    try:
        return place.resolve() if place.is_symlink() else place
    except (OSError, RuntimeError):  # links in a ring: reading it says so
        return place
