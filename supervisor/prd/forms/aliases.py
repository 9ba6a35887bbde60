"""All names that a member of a PRD or of a story may have; the first of each is our own."""

from __future__ import annotations

from collections.abc import Mapping

from ..members import (
    approve,
    budget,
    commands,
    complexity,
    criteria,
    dependencies,
    failure,
    identity,
    parallel,
    plan,
    progress,
    prose,
    rank,
    replay,
    scope,
    story,
    supervision,
)
from . import shape

PRD_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": plan.IDS,
    "name": plan.TITLES,
    "branch": plan.BRANCH,
    "text": plan.DESCRIPTION,
    "verify commands": (*commands.VERIFY, *commands.COMMANDS, *commands.GATES),
    "supervision": (supervision.KEY,),
    "side by side": parallel.SECTIONS,
    "branch of a failed one": failure.ON_FAILURE,
    "rest of a failed one": failure.FAIL_FAST,
    "agent": plan.AGENT,
    "model": plan.MODEL,
    "budget": (*budget.USD, *budget.BOTH),
    "tokens": budget.TOKENS,
    "approval": approve.APPROVE,
    "stories": (*shape.SURE_LISTS, *shape.MAYBE_LISTS),
}
STORY_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": identity.IDS,
    "title": identity.TITLES,
    "text": prose.DESCRIPTION,
    "criteria": (*criteria.CRITERIA, *criteria.LOOSE, *criteria.STEPS),
    "priority": rank.PRIORITY,
    "dependencies": (*dependencies.DEPENDS, *dependencies.REQUIRES),
    "dependants": dependencies.BLOCKS,
    "order": dependencies.STARTS_AFTER,
    "files": scope.FILES,
    "mutex": scope.MUTEX,
    "label": story.GROUP,
    "verify commands": (*commands.VERIFY, *commands.COMMANDS),
    "no change": story.NO_CODE,
    "agent": (*story.AGENT, *story.TOOL),
    "model": story.MODEL,
    "complexity": (*complexity.COMPLEXITY, *complexity.EFFORT),
    "budget": (*budget.USD, *budget.BOTH),
    "tokens": budget.TOKENS,
    "approval": approve.APPROVE,
    "script": replay.REPLAY,
    "status": progress.STATUS,
    "done": progress.DONE_FLAGS,
    "not wanted": progress.SKIP_FLAGS,
}
# Of these, all names that are there are read; of the others the first one.
SEVERAL = ("criteria", "dependencies", "dependants", "files", "mutex")
