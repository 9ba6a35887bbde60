"""How a heading of a Markdown text, or the text of a box, names a story."""

from __future__ import annotations

import re
from enum import IntEnum

from msgspec import Struct

from .blocks import without_box
from .labels import key_of, symbols

# An id and what stands around it are looked for in so many characters of a heading.
HEAD_MAX = 200
WRAPS_MAX = 3  # ~~**[US-001](link)**~~ has two


class Shape(IntEnum):
    """How a heading names a story; what comes first says it more surely."""

    CODED = 1  # US-001: Title
    COUNTED = 2  # Story 1.2: Title, Task 3: Title
    OTHER_CODE = 3  # BUG-001: Title; it may number anything
    WORD = 4  # login-form: Title, with a status below
    NUMBERED = 5  # 3. Title; chapters are numbered, too
    BOXED = 6  # [ ] Title


class Named(Struct, frozen=True, kw_only=True):
    """What a heading or the text of a box says, as the name of a story."""

    shape: Shape
    story_id: str
    title: str


_OPEN = r"[\[(`*~]{0,4}"
_CLOSE = r"[\])`*~]{0,4}"
_BREAK = (
    r"(?:\s{0,9}[:\uff1a]\s{0,9}|\s{1,9}[-\u2013\u2014|>]{1,3}\s{1,9}|\s{0,9}[\u2013\u2014]\s{0,9}|"
    r"\.\s{1,9}|\s{0,9}$)"
)
_COUNTED_WORDS = (
    r"(?:user[ -]story|story|task|hist[óo]ria(?:\s+d[eo]\s+usu[áa]ri[oa])?|tarefa|tarea)"
)
_CODE = re.compile(
    rf"(?:{_COUNTED_WORDS}[\s:]{{1,3}})?{_OPEN}"
    r"(?P<id>[A-Za-z][A-Za-z0-9]{0,30}(?:[-_.][A-Za-z0-9]{1,40}){0,8})"
    rf"{_CLOSE}(?P<gap>{_BREAK}|\s{{1,9}})",
    re.IGNORECASE,
)
_SURE_CODE = re.compile(r"(?:US|HU|STORY|TASK|USER-STORY)(?:[-_]|(?=\d))[A-Z0-9_.-]*\d[A-Z]?")
_ANY_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*[-_]\d[\d.]*[A-Za-z]?|[A-Z]{1,6}\d[\d.]*[a-z]?")
_NO_STORIES = re.compile(
    r"(?:phase|step|part|level|tier|week|day|sprint|option|chapter|section|appendix|milestone|"
    r"round|version|fase|etapa|parte|semana|nivel|v)[-_]?\d",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"{_OPEN}{_COUNTED_WORDS}\s{{0,3}}[-#№\s]\s{{0,3}}#?"
    rf"(?P<id>\d{{1,9}}(?:[-.][A-Za-z0-9]{{1,20}}){{0,8}}[a-z]?){_CLOSE}{_BREAK}",
    re.IGNORECASE,
)
_UNCOUNTED = re.compile(
    rf"{_OPEN}{_COUNTED_WORDS}{_CLOSE}\s{{0,3}}[:\uff1a]\s{{1,9}}(?=\S)", re.IGNORECASE
)
_NUMBERED = re.compile(
    r"#?(?P<id>\d{1,4}(?:\.\d{1,4}){0,4})(?:[.):\uff1a]\s{1,9}|\s{1,9}[-\u2013\u2014]\s{1,9}|\s{1,9})(?=\S)"
)
_WORD = re.compile(rf"{_OPEN}(?P<id>[A-Za-z][A-Za-z0-9_-]{{0,63}}){_CLOSE}[:\uff1a]\s{{1,9}}(?=\S)")
_WRAPPED = re.compile(r"(\*\*|__|~~)(?P<inner>.*)\1")


def named(text: str) -> Named | None:
    """What a heading says; None if it cannot be a story's."""
    bare = bare_title(text)
    if not bare:
        return None
    head = bare[:HEAD_MAX]
    return (
        _coded(head, bare)
        or _counted(head, bare)
        or _numbered(head, bare)
        or _worded(head, bare)
        or (
            Named(shape=Shape.BOXED, story_id="", title=bare) if without_box(text) != text else None
        )
    )


def bare_title(text: str) -> str:
    """A heading without its box, its emphasis as a whole and leading symbols."""
    bare = without_box(text).strip()
    for _ in range(WRAPS_MAX):
        found = _WRAPPED.fullmatch(bare)
        if found is None:
            break
        bare = found.group("inner").strip()
    return bare[symbols(bare) :]


def is_struck(text: str) -> bool:
    """Say whether a title is struck through: ~~so~~."""
    bare = without_box(text).strip().strip("*_ ")
    return bare.startswith("~~") and "~~" in bare[2:]


def _coded(head: str, bare: str) -> Named | None:
    found = _CODE.match(head)
    if found is None:
        return None
    story_id = found.group("id")
    if story_id.startswith(("Story-", "Task-")):  # it counts, as `Story 1.2` does
        return None
    is_sure = _SURE_CODE.fullmatch(story_id.upper()) is not None
    if not is_sure:
        is_code = _ANY_CODE.fullmatch(story_id) is not None
        if not is_code or found.group("gap").isspace() or _NO_STORIES.fullmatch(story_id):
            return None
    return Named(
        shape=Shape.CODED if is_sure else Shape.OTHER_CODE,
        story_id=story_id,
        title=_rest(bare, found.end()),
    )


def _counted(head: str, bare: str) -> Named | None:
    found = _COUNTED.match(head)
    if found is not None:
        return Named(
            shape=Shape.COUNTED, story_id=found.group("id"), title=_rest(bare, found.end())
        )
    found = _UNCOUNTED.match(head)
    if found is None:
        return None
    return Named(shape=Shape.COUNTED, story_id="", title=_rest(bare, found.end()))


def _numbered(head: str, bare: str) -> Named | None:
    found = _NUMBERED.match(head)
    if found is None or key_of(bare[found.end() :]):
        return None
    return Named(shape=Shape.NUMBERED, story_id=found.group("id"), title=_rest(bare, found.end()))


def _worded(head: str, bare: str) -> Named | None:
    found = _WORD.match(head)
    if found is None or key_of(found.group("id")):
        return None
    return Named(shape=Shape.WORD, story_id=found.group("id"), title=_rest(bare, found.end()))


def _rest(bare: str, end: int) -> str:
    return bare[end:].strip().strip("*").strip()
