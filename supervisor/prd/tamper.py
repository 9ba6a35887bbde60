"""What an agent changed in a PRD that is not its to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .defect import quoted
from .fields import identifier
from .ralph import items, story_list
from .source import Source, UnreadableError
from .story import CRITERIA, NO_CODE, VERIFY, criterion_text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What a story has to fulfil, in a form that can be compared."""

    title: str
    criteria: tuple[tuple[str, str], ...]
    verify: tuple[str, ...]
    no_code: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    verify: tuple[str, ...]
    stories: dict[str, _Terms]


def tampering(before: str, after: str) -> tuple[str, ...]:
    """One line for each term of `before` that does not hold in `after` as it did.

    Done flags, status, notes, new stories and unknown keys are no reproach: many prompts make
    agents write them.
    """
    try:
        terms = _document(Source(before).value)
    except UnreadableError:
        return ()  # nothing that could have been kept
    try:
        left = Source(after).value
    except UnreadableError as error:
        line = f" (line {error.line})" if error.line else ""
        return (f"the PRD file is no longer readable JSON{line}",)
    if terms is None:
        return ()
    found = _document(left)
    if found is None:
        return ("the PRD file has no longer a list of stories",)
    return tuple(_changes(terms, found))


def _changes(before: _Document, after: _Document) -> Iterator[str]:
    if before.verify != after.verify:
        yield "the PRD's verify commands were changed"
    new_ids = {
        terms.title: story_id
        for story_id, terms in after.stories.items()
        if story_id not in before.stories
    }
    for story_id, terms in before.stories.items():
        now = after.stories.get(story_id)
        if now is not None:
            yield from _changed_terms(story_id, terms, now)
        elif terms.title and terms.title in new_ids:
            yield f"{story_id}: its id was changed to {quoted(new_ids[terms.title])}"
        else:
            yield f"{story_id}: the story was removed"


def _changed_terms(story_id: str, before: _Terms, after: _Terms) -> Iterator[str]:
    if before.criteria != after.criteria:
        what = "removed" if before.criteria and not after.criteria else "changed"
        yield f"{story_id}: acceptance criteria were {what}"
    if before.verify != after.verify:
        yield f"{story_id}: verify commands were changed"
    if before.no_code != after.no_code:
        yield f"{story_id}: noCode was changed"


def _document(value: object) -> _Document | None:
    found = story_list(value)
    if found is None or not isinstance(value, dict):
        return None
    stories: dict[str, _Terms] = {}
    for story in items(found):
        story_id = identifier(story.get("id")) if isinstance(story, dict) else None
        if story_id is not None and isinstance(story, dict):
            stories.setdefault(story_id, _terms(story))
    return _Document(verify=_texts(_first(value, VERIFY)), stories=stories)


def _terms(story: dict[str, object]) -> _Terms:
    title = _first(story, ("title", "description"))
    return _Terms(
        title=title if isinstance(title, str) else "",
        criteria=tuple(_criterion(item) for item in _listed(_first(story, CRITERIA))),
        verify=_texts(_first(story, VERIFY)),
        no_code=_first(story, NO_CODE) is True,
    )


def _criterion(value: object) -> tuple[str, str]:
    command = value.get("testCommand") if isinstance(value, dict) else None
    return criterion_text(value) or "", command if isinstance(command, str) else ""


def _first(members: dict[str, object], names: tuple[str, ...]) -> object:
    return next((members[name] for name in names if members.get(name) is not None), None)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item if isinstance(item, str) else "" for item in _listed(value))


def _listed(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
