"""Which headings of a Markdown text are stories: decided for the whole text, not one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from .blocks import without_box
from .labels import key_of, symbols

# An id and what stands around it are looked for in so many characters of a heading.
HEAD_MAX = 200
# So many parts are looked at to tell an epic from a story.
PARTS_MAX = 50
WRAPS_MAX = 3  # ~~**[US-001](link)**~~ has two


class Shape(IntEnum):
    """How a heading names a story; what comes first says it more surely."""

    CODED = 1  # US-001: Title
    COUNTED = 2  # Story 1.2: Title, Task 3: Title
    OTHER_CODE = 3  # BUG-001: Title; it may number anything
    WORD = 4  # login-form: Title, with a status below
    NUMBERED = 5  # 3. Title; chapters are numbered, too
    BOXED = 6  # [ ] Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a heading or the text of a box says, as the name of a story."""

    shape: Shape
    story_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A heading that may be a story, and what its section has of one before the next heading.

    `end` is where its section ends, as a count of blocks; `signs` are labels, boxes and sentences.
    """

    block: int
    end: int
    level: int
    named: Named
    signs: frozenset[str]

    def has(self, *signs: str) -> bool:
        """Say whether its section has any of these."""
        return not self.signs.isdisjoint(signs)

    @property
    def has_signs(self) -> bool:
        """Whether it looks like a story at all."""
        return self.has(*_TERMS, "box", "status")


# A chapter of prose has a user's sentence or a list of dependencies as well.
_SURE_TERMS = ("acceptanceCriteria", "agent")
_TERMS = (*_SURE_TERMS, "sentence", "dependsOn")
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


def stories(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those of the candidates that are stories, in their order."""
    chosen = _chosen(candidates)
    kept: list[Candidate] = []
    for at, candidate in enumerate(chosen):
        inner = _inner(chosen, at)
        if any(each.has_signs for each in inner) and not candidate.has_signs:
            continue  # an epic: its parts are the stories
        if kept and candidate.block < kept[-1].end and candidate.level > kept[-1].level:
            continue  # a part of the story before
        kept.append(candidate)
    return kept


def _chosen(candidates: Sequence[Candidate]) -> list[Candidate]:
    for shape in Shape:
        taken = _of_shape(candidates, shape)
        if taken:
            levels = {each.level for each in taken}
            ids = {id(each) for each in taken}
            return [
                each
                for each in candidates
                if id(each) in ids or (_joins(each) and each.level in levels)
            ]
    return []


def _joins(candidate: Candidate) -> bool:
    """Say whether a heading is a story beside surer ones of its level."""
    return candidate.has(*_TERMS) and candidate.named.shape not in {Shape.NUMBERED, Shape.WORD}


def _of_shape(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    of_shape = [each for each in candidates if each.named.shape is shape]
    match shape:
        case Shape.CODED | Shape.COUNTED | Shape.BOXED:
            return of_shape
        case Shape.OTHER_CODE:
            return _mostly(of_shape, [each for each in of_shape if _looks_like_one(each)])
        case Shape.WORD:
            return [each for each in of_shape if each.has("status")]
        case Shape.NUMBERED:
            return _mostly(of_shape, [each for each in of_shape if each.has(*_SURE_TERMS)])


def _looks_like_one(candidate: Candidate) -> bool:
    """A short code such as M1 is a milestone as often: boxes alone do not tell."""
    return candidate.has(*_TERMS) or (candidate.has_signs and "-" in candidate.named.story_id)


def _mostly(all_of_them: list[Candidate], witnesses: list[Candidate]) -> list[Candidate]:
    """Those of the levels at which at least half of them look like stories."""
    counts: dict[int, list[int]] = {}
    for which, group in enumerate((all_of_them, witnesses)):
        for each in group:
            counts.setdefault(each.level, [0, 0])[which] += 1
    levels = {level for level, (total, seen) in counts.items() if seen * 2 >= total}
    return [each for each in all_of_them if each.level in levels]


def _inner(chosen: Sequence[Candidate], at: int) -> Sequence[Candidate]:
    """The candidates right inside of one: up to the first that is not, and a bounded look."""
    outer = chosen[at]
    inside = []
    for each in chosen[at + 1 : at + 1 + PARTS_MAX]:
        if each.block >= outer.end:
            break
        inside.append(each)
    return inside


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
