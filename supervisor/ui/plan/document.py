"""The plan as a JSON document for other programs; docs/plan.md says what stands in it."""

from __future__ import annotations

from ...prd.graph.remaining import Key
from ...prd.model import Plan, PlannedStory
from .outlook import Outlook, is_serial

SCHEMA_VERSION = 1


def document(found: Outlook) -> dict[str, object]:
    """Everything; stories are named as PRD/STORY."""
    number = {key: at for at, batch in enumerate(found.batches, 1) for key in batch}
    return {
        "version": SCHEMA_VERSION,
        "prds": [_prd(plan, found, number) for plan in found.plans],
        "batches": [list(map(_name, batch)) for batch in found.batches],
        "widest": {
            "batch": found.widest,
            "stories": len(found.batches[found.widest - 1]) if found.batches else 0,
        },
        "critical_path": {
            "stories": list(map(_name, found.path)),
            "length": len(found.path),
            "seconds": _seconds(found.path_s, found),
        },
        "rehearsal": {
            "max_prds": found.places.prds,
            "api_limit": found.places.agents,
            "most_at_once": found.most_at_once,
            "rounds": None if found.measured else round(found.run_s),
            "seconds": _seconds(found.run_s, found),
            "measured_stories": found.measured,
        },
        "inferred": [
            {
                "story": _name((edge.prd_id, edge.story_id)),
                "after": _name((edge.prd_id, edge.after)),
                "globs": None if edge.globs is None else list(edge.globs),
                "example": found.examples.get(edge) or None,
                "similarity": edge.similarity,
            }
            for edge in found.inference.edges
        ],
        "locks": [
            {
                "name": lock.name,
                "stories": [_name((lock.prd_id, story_id)) for story_id in lock.stories],
            }
            for lock in found.locks
        ],
        "alike": [
            {
                "stories": [
                    _name((pair.prd_id, pair.story_id)),
                    _name((pair.prd_id, pair.other)),
                ],
                "similarity": pair.similarity,
            }
            for pair in found.inference.alike
        ],
        "needed_of_others": dict(found.outside),
        "blocked": {_name(key): cause for key, cause in found.graph.blocked.items()},
    }


def _prd(plan: Plan, found: Outlook, number: dict[Key, int]) -> dict[str, object]:
    states = [found.states[plan.prd_id, story.story_id] for story in plan.stories]
    return {
        "id": plan.prd_id,
        "title": plan.title,
        "path": plan.path,
        "part": plan.part or None,
        "progress": {"completed": states.count("done"), "total": len(states)},
        "parallel": not is_serial(plan),
        "max_workers": found.places.workers[plan.prd_id],
        "auto_workers": plan.prd_id in found.places.auto,
        "inference": found.modes[plan.prd_id],
        "similarity": found.similarity_of(plan.prd_id),
        "conflict_strategy": found.strategies[plan.prd_id],
        "asks_at_end": plan.prd_id in found.asks_at_end,
        "stories": [_story(plan, story, found, number) for story in plan.stories],
    }


def _story(
    plan: Plan, story: PlannedStory, found: Outlook, number: dict[Key, int]
) -> dict[str, object]:
    key = plan.prd_id, story.story_id
    return {
        "id": story.story_id,
        "title": story.title,
        "state": found.states[key],
        "batch": number.get(key),
        "group": story.group or None,
        "depends_on": list(story.depends_on),
        "after": list(story.after),
        "needs": list(story.needs),
        "mutex": list(story.mutex),
        "files": list(story.files),
        "agents": [
            {"agent": choice.agent, "model": choice.model or None}
            for choice in found.choices.get(key, ())
        ],
        "role": found.roles[key].name if key in found.roles else None,
        "complexity": story.complexity or None,
        "approve": [point.value for point in found.approve.get(key, ())],
    }


def _name(key: Key) -> str:
    return "/".join(key)


def _seconds(value: float, found: Outlook) -> float | None:
    """Only what was measured is a time."""
    return round(value, 1) if found.measured else None
