"""All names that a member of a PRD or of a story may have; the first of each is our own."""

from __future__ import annotations

from collections.abc import Mapping

from .story import CRITERIA, DEPENDS, DONE_FLAGS, NO_CODE, VERIFY
from .supervision import KEY

PRD_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "prdId"),
    "name": ("project", "name", "projectName", "title"),
    "branch": ("branchName", "branch"),
    "description": ("description",),
    "verify commands": VERIFY,
    "supervision": (KEY,),
    "stories": ("userStories", "stories", "user_stories", "tasks"),
}
STORY_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "title": ("title",),
    "description": ("description",),
    "criteria": CRITERIA,
    "priority": ("priority",),
    "dependencies": DEPENDS,
    "done": DONE_FLAGS,
    "status": ("status",),
    "verify commands": VERIFY,
    "no change": NO_CODE,
    "agent": ("agent",),
    "replay": ("replay",),
}

# Of these, all names that are there are read; of the others the first one.
SEVERAL = ("criteria", "dependencies")
