"""What people name: a PRD, a story as `PRD/STORY`, or a story whose id no other PRD has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from ....policies.nearest import nearest_names

LISTED_MAX = 20


class TargetError(Exception):
    """Nobody here is called so; the text says who is."""


class Target(Struct, frozen=True, kw_only=True):
    """A PRD, or a story of it."""

    prd_id: str
    story_id: str = ""

    def __str__(self) -> str:
        return f"{self.prd_id}/{self.story_id}" if self.story_id else self.prd_id


def resolve(name: str, known: Mapping[str, Sequence[str]]) -> Target:
    """Find out who is meant, among these PRDs and their stories."""
    prd_id, slash, story_id = name.partition("/")
    if not slash and prd_id not in known:
        return _bare_story(name, known)
    if prd_id not in known:
        raise TargetError(unknown_prd(prd_id, known, said=name))
    if slash and story_id not in known[prd_id]:
        raise TargetError(_unknown(name, "story", story_id, known[prd_id], prefix=f"{prd_id}/"))
    return Target(prd_id=prd_id, story_id=story_id)


def unknown_prd(name: str, known: Iterable[str], *, said: str = "") -> str:
    """Say that there is no such PRD, and which one may have been meant."""
    return _unknown(said or name, "PRD", name, tuple(known))


def found_instead(name: str, known: Sequence[str], *, prefix: str = "") -> str:
    """Who is there, and who may have been meant."""
    return _listed(known) + _meant([prefix + each for each in nearest_names(name, known)])


def _bare_story(name: str, known: Mapping[str, Sequence[str]]) -> Target:
    owners = [prd_id for prd_id, stories in known.items() if name in stories]
    if not owners:
        raise TargetError(_nobody(name, known))
    if len(owners) > 1:
        choice = " or ".join(f"{prd_id}/{name}" for prd_id in owners)
        raise TargetError(f"{name}: {len(owners)} PRDs have a story of this id; write {choice}")
    return Target(prd_id=owners[0], story_id=name)


def _nobody(name: str, known: Mapping[str, Sequence[str]]) -> str:
    """Neither a PRD nor a story: the nearest of both."""
    whole = [f"{prd_id}/{story_id}" for prd_id, stories in known.items() for story_id in stories]
    owners = {story.rpartition("/")[2]: story for story in reversed(whole)}
    near = nearest_names(name, [*known, *owners])
    told = f"{name}: no such PRD or story here; the PRDs are: {_listed(tuple(known))}"
    return told + _meant([owners.get(each, each) for each in near])


def _unknown(said: str, what: str, name: str, known: Sequence[str], *, prefix: str = "") -> str:
    told = f"{said}: no such {what} here" if what == "PRD" else f"{said}: no such {what}"
    return f"{told}; there are: {found_instead(name, known, prefix=prefix)}"


def _meant(names: Sequence[str]) -> str:
    return f"; did you mean {' or '.join(names)}?" if names else ""


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:LISTED_MAX]) or "none yet"
    return shown if len(names) <= LISTED_MAX else f"{shown} and {len(names) - LISTED_MAX} more"
