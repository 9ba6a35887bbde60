"""Status documents for tests of what is shown of them."""

from __future__ import annotations

from typing import Any

import msgspec

from prd_supervise.supervisor.shell.status.document import (
    PrdStatus,
    RootStatus,
    StatusDocument,
    StoryStatus,
)

NOW = 1_795_212_184.9  # 2026-11-20T22:03:04Z
ROOT = RootStatus(pid=4711, state="running", started_at=NOW - 3_600, leases=2, api_limit=10)
EVIL = "\x1b[31mred\x1b[0m\r\n\u202e\x00"


def a_story(story_id: str, state: str, **more: Any) -> StoryStatus:  # noqa: ANN401  any member
    """A story in this state."""
    known = {"id": story_id, "title": f"title of {story_id}", "state": state, "attempt": 1}
    return msgspec.convert(known | more, StoryStatus)


def a_prd(*stories: StoryStatus, **more: Any) -> PrdStatus:  # noqa: ANN401  any member
    """A PRD that is at work, with these stories."""
    done = sum(story.state.startswith("done") for story in stories)
    known = {
        "id": "PRD-001",
        "title": "Login",
        "path": "/r/prd.json",
        "state": "active",
        "progress": {"completed": done, "total": len(stories)},
        "started_at": NOW - 75,
        "runtime_s": 75.0,
        "branch": "feature/PRD-001",
    }
    return msgspec.convert(known | more | {"stories": stories}, PrdStatus)


def a_document(*prds: PrdStatus, root: RootStatus = ROOT, **more: Any) -> StatusDocument:  # noqa: ANN401
    """Everything, as of NOW."""
    return msgspec.convert({"at": NOW, **more, "root": root, "prds": prds}, StatusDocument)
