"""Which headings of a Markdown text are stories: decided for the whole text, not one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from .headings import Named, Shape

# So many parts are looked at to tell an epic from a story.
PARTS_MAX = 50
# A chapter of prose has a user's sentence or a list of dependencies as well.
_SURE_TERMS = ("acceptanceCriteria", "agent")
_SERIES = re.compile(r"[0-9]")  # what stands before the first digit is a series of codes
_TERMS = (*_SURE_TERMS, "sentence", "dependsOn")


class Candidate(Struct, frozen=True, kw_only=True):
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


def stories(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those of the candidates that are stories, in their order."""
    chosen = _chosen(candidates)
    kept: list[Candidate] = []
    for at, candidate in enumerate(chosen):
        inner = _inner(chosen, at)
        if any(each.has_signs for each in inner) and not candidate.has_signs:
            continue  # an epic: its parts are the stories
        if kept and is_part(candidate, kept[-1]) and not _is_equal(candidate, kept[-1]):
            continue
        kept.append(candidate)
    return kept


def is_part(candidate: Candidate, story: Candidate) -> bool:
    """Say whether a heading stands inside of a story's section."""
    return story.block < candidate.block < story.end and candidate.level > story.level


def _is_equal(candidate: Candidate, story: Candidate) -> bool:
    """Say whether a deeper heading is a story beside the one before, as US-2 beside US-1."""
    one, other = candidate.named, story.named
    if one.shape is not Shape.CODED or other.shape is not Shape.CODED:
        return False
    is_alike = _SERIES.split(one.story_id)[0] == _SERIES.split(other.story_id)[0]
    return is_alike and not is_below(candidate, story)


def is_below(candidate: Candidate, story: Candidate) -> bool:
    """Say whether a code is another one with more behind it, as US-1.1 is below US-1."""
    whole, found = story.named.story_id, candidate.named.story_id
    return found.startswith(whole) and not found[len(whole) :][:1].isdigit()


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
