"""Reading a PRD file: which form it has is decided by what stands in it."""

from __future__ import annotations

import os
from pathlib import Path

from .defect import Defect
from .fields import Findings
from .model import Plan
from .ralph import read_document, story_list
from .source import BOM, Source, UnreadableError, read_text

_HINT = "write a JSON object with a list 'userStories'"
_OTHER_FORMS = {
    ".md": "Markdown",
    ".markdown": "Markdown",
    ".yaml": "YAML",
    ".yml": "YAML",
}


def read_plan(path: Path, *, base_branch: str = "") -> tuple[Plan | None, tuple[Defect, ...]]:
    """Read a PRD: the plan, or every defect of the file in the order of its lines.

    `base_branch` is the branch that the PRD must not ask for, if that is known.
    """
    place = absolute(path)
    try:
        text = read_text(place)
        problem = _other_form(text, place)
        if problem:
            return None, (Defect(path=str(place), line=1, column=1, message=problem),)
        source = Source(text)
    except UnreadableError as error:
        defect = Defect(
            path=str(place), line=error.line, column=error.column, message=error.message
        )
        return None, (defect,)
    return _read_source(source, place, base_branch=base_branch)


def is_story_document(path: Path) -> bool:
    """Say whether `read_plan` has a word to say on a file that was found, not named.

    That is a PRD, a defective one too, and a file that cannot be read or is broken JSON: it may be
    one. Sound JSON without a list of stories, and files in another form, are no PRD.
    """
    place = absolute(path)
    try:
        text = read_text(place)
        if _other_form(text, place):
            return False
        source = Source(text)
    except UnreadableError:
        return True
    return story_list(source.value) is not None


def absolute(path: Path) -> Path:
    """Where a PRD file really stands: a link may only name the PRD of the moment."""
    place = Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow its folders' links
    try:
        return place.resolve() if place.is_symlink() else place
    except (OSError, RuntimeError):  # links in a ring: reading it says so
        return place


def _read_source(
    source: Source, place: Path, *, base_branch: str
) -> tuple[Plan | None, tuple[Defect, ...]]:
    findings = Findings(path=str(place), source=source)
    if not isinstance(source.value, dict):
        found = "a list" if isinstance(source.value, list) else "a single value"
        message = f"a JSON document that is {found} is no PRD form that is read yet; {_HINT}"
        findings.add((), message)
        return None, tuple(findings.defects)
    plan = read_document(source.value, place, findings, base_branch=base_branch)
    defects = tuple(sorted(findings.defects, key=lambda defect: (defect.line, defect.column)))
    return (None if defects else plan), defects


def _other_form(text: str, place: Path) -> str:
    start = text.removeprefix(BOM).lstrip()[:1]
    suffix = place.suffix.casefold()
    named = _OTHER_FORMS.get(suffix)
    if start == "{" or (named is None and (start in {"", "["} or suffix == ".json")):
        return ""
    return f"{named or 'text that is not JSON'} is no PRD form that is read yet; {_HINT}"
