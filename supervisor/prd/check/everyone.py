"""The stories of all PRDs that are known, and which of them a name means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ....policies.nearest import nearest
from ..defect import quoted
from ..graph.edges import Names
from ..model import Plan

SHOWN_MAX = 8
# The nearest name is dear to find among thousands: a file full of wrong names gets it for the
# first ones only.
LOOKUPS_MAX = 20


class UnknownNameError(Exception):
    """No story, or not one alone, is meant; the text says `what was found; what to do`."""


class Everyone:
    """The stories of several PRDs by their full names, `PRD/STORY`."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._ids = {plan.prd_id: tuple(story.story_id for story in plan.stories) for plan in plans}
        self._prds = Names(self._ids)
        self._names = {prd_id: Names(ids) for prd_id, ids in self._ids.items()}
        self._homes: dict[str, list[tuple[str, str]]] = {}
        for prd_id, ids in self._ids.items():
            for story_id in ids:
                self._homes.setdefault(story_id.casefold(), []).append((prd_id, story_id))
        self._lookups = 0

    def find(self, name: str, *, own: str, near: str = "") -> str:
        """The full name of the story that is meant in the PRD `own`. Raises UnknownNameError.

        A name that its own PRD does not have is looked for in all others; `near` is the id of the
        own PRD that it resembles.
        """
        prd, slash, story = name.partition("/")
        if slash:
            return self._in_prd(prd.strip(), story.strip())
        found = [full for full in self._called(name) if full[0] != own]
        if len(found) == 1:
            return "/".join(found[0])
        if found:
            homes = _few([prd_id for prd_id, _ in found])
            raise UnknownNameError(
                f"{quoted(name)} is a story of {len(found)} other PRDs: {homes}; "
                f"write {'/'.join(found[0])!r} or the like"
            )
        near = near or self._nearest(name, ("/".join(full) for full in self._full_names()))
        todo = f"did you mean {near!r}?" if near else _choice(self._ids.get(own, ()))
        raise UnknownNameError(f"{quoted(name)} is no story of this PRD; {todo}")

    def _in_prd(self, prd: str, story: str) -> str:
        prd_id = self._prds.find(prd)
        if prd_id is None:
            near = self._nearest(prd, self._ids)
            todo = f"did you mean {near + '/' + story!r}?" if near else "name a PRD that is here"
            known = _few(list(self._ids)) or "none"
            raise UnknownNameError(f"{quoted(prd)} is no PRD here, there are: {known}; {todo}")
        story_id = self._names[prd_id].find(story)
        if story_id is None:
            near = self._nearest(story, self._ids[prd_id])
            full = f"{prd_id}/{near}"
            todo = f"did you mean {full!r}?" if near else _choice(self._ids[prd_id])
            raise UnknownNameError(f"{quoted(story)} is no story of the PRD {prd_id!r}; {todo}")
        return f"{prd_id}/{story_id}"

    def _called(self, name: str) -> list[tuple[str, str]]:
        """The stories of this id; without regard to case only if none has it exactly."""
        alike = self._homes.get(name.casefold(), [])
        return [full for full in alike if full[1] == name] or alike

    def _full_names(self) -> Iterable[tuple[str, str]]:
        return (full for homes in self._homes.values() for full in homes)

    def _nearest(self, name: str, among: Iterable[str]) -> str:
        self._lookups += 1
        if self._lookups > LOOKUPS_MAX:
            return ""
        # A story is compared by its own id, and shown with its PRD's.
        by_word: dict[str, str] = {}
        for each in among:
            by_word.setdefault(each.rpartition("/")[2], each)
        return by_word.get(nearest(name, by_word), "")


def _choice(story_ids: Sequence[str]) -> str:
    return f"its stories are {_few(story_ids)}" if story_ids else "name one of its stories"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_MAX} more" if len(names) > SHOWN_MAX else ""
    return ", ".join(names[:SHOWN_MAX]) + more
