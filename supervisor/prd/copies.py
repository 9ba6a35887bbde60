"""PRDs that say the same in two languages: one of them is the source of the other.

Ralph's users write tasks/prd-x.md and have prd.json made of it. Both of them run would be the same
stories twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePath

from .model import Plan, PlannedStory

# What a machine keeps goes before what people wrote it from.
_LANGUAGES = {".json": 0, ".yaml": 1, ".yml": 1, ".md": 2, ".markdown": 2}
_OTHER = 3


def copies(plans: Sequence[Plan], is_known: Callable[[Plan], bool]) -> dict[int, int]:
    """Which plan is to be left to which other one, by their positions.

    That is so where at least half of its stories stand in the other one, by id and title, and the
    other one was run before, or is written in what goes before.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for at, plan in enumerate(plans):
        for key in {_key(story) for story in plan.stories}:
            places.setdefault(key, []).append(at)
    found: dict[int, int] = {}
    for at, plan in enumerate(plans):
        if not plan.stories:
            continue
        shared = Counter(other for story in plan.stories for other in places[_key(story)])
        better = [
            other
            for other, count in shared.items()
            if 2 * count >= len(plan.stories)
            and _language(plans[other]) != _language(plan)
            and _order(plans[other], is_known) < _order(plan, is_known)
        ]
        if better:
            found[at] = min(better, key=lambda other: _order(plans[other], is_known))
    return found


def _order(plan: Plan, is_known: Callable[[Plan], bool]) -> tuple[bool, int]:
    return not is_known(plan), _language(plan)


def _language(plan: Plan) -> int:
    return _LANGUAGES.get(PurePath(plan.path).suffix.casefold(), _OTHER)


def _key(story: PlannedStory) -> tuple[str, str]:
    return story.story_id.casefold(), " ".join(story.title.casefold().split())
