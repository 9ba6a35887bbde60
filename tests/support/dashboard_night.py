"""A night as a dashboard sees it, and a viewer who presses keys."""

from __future__ import annotations

from typing import Any

from prd_supervise.policies.outcomes.failure import Failure
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.status.document import (
    AgentStatus,
    PrdStatus,
    Progress,
    RootStatus,
    SpentStatus,
    StatusDocument,
    StoryStatus,
    UsageStatus,
)
from prd_supervise.supervisor.shell.storage.eventlog import event_of
from prd_supervise.supervisor.ui.dashboard.chosen import Chosen
from prd_supervise.supervisor.ui.dashboard.keys import Press
from prd_supervise.supervisor.ui.dashboard.pressing import press
from prd_supervise.supervisor.ui.dashboard.screen import screen
from prd_supervise.supervisor.ui.dashboard.seen import Seen
from prd_supervise.supervisor.ui.dashboard.wishes import Wish
from prd_supervise.supervisor.ui.looks.rows import Row, Size, Style

NOW = 1_795_230_764.0  # 2026-11-21 03:12:44 UTC
TERMINAL = Size(columns=80, rows=24)
MIB = 1 << 20


def story(story_id: str, state: str, **more: Any) -> StoryStatus:  # noqa: ANN401  any field
    facts: dict[str, Any] = {
        "id": story_id,
        "title": f"Title of {story_id}",
        "state": state,
        "attempt": 1,
    }
    return StoryStatus(**facts | more)


def at_work(story_id: str, state: str, agent: str, for_s: float, **more: Any) -> StoryStatus:  # noqa: ANN401
    return story(story_id, state, agent=agent, attempt_since=NOW - for_s, **more)


def used(mebibytes: int, cpu_percent: float, processes: int) -> UsageStatus:
    return UsageStatus(memory_bytes=mebibytes * MIB, cpu_percent=cpu_percent, processes=processes)


def prd(prd_id: str, state: str, *stories: StoryStatus, **more: Any) -> PrdStatus:  # noqa: ANN401
    done = sum(each.state.startswith("done") for each in stories)
    facts: dict[str, Any] = {
        "id": prd_id,
        "title": f"Title of {prd_id}",
        "path": f"{prd_id}.json",
        "state": state,
        "progress": Progress(completed=done, total=len(stories)),
        "stories": stories,
    }
    return PrdStatus(**facts | more)


LOGIN = prd(
    "PRD-001",
    "active",
    *(
        story(f"US-{number:03}", "done", evidence="`make test` passed on the merged tree")
        for number in range(1, 9)
    ),
    at_work(
        "US-009",
        "running",
        "codex",
        252,
        attempt=2,
        title="Login form with 日本語 labels",
        usage=used(612, 85.0, 7),
    ),
    at_work("US-010", "verifying", "codex", 31, title="Login API", usage=used(1331, 210.0, 12)),
    story(
        "US-011",
        "failed",
        title="Password reset by mail",
        attempt=3,
        reason="3 attempts failed, the last one: `make test` exited with 1",
        failure=Failure(
            type="verify_failed",
            message="`make test` exited with 1: test_reset_mail",
            recovery_hints=("its verify.log says more",),
        ),
    ),
    story("US-012", "skipped", title="Password reset page", reason="needs US-011"),
    title="User authentication",
    started_at=NOW - 2723,
    runtime_s=2723.0,
    branch="feature/PRD-001",
    spent=SpentStatus(usd=4.2, tokens=1_200_000),
)
PAYMENT = prd(
    "PRD-002",
    "active",
    story("US-001", "done"),
    story("US-002", "done"),
    at_work("US-003", "running", "claude", 3700, title="Refunds", usage=used(90, 2.0, 3)),
    story("US-004", "waiting for approval", awaits="merge", title="Invoice PDF"),
    story("US-005", "queued"),
    story("US-006", "waiting"),
    story("US-007", "backing off", attempt=2),
    story("US-008", "held", held=True),
    title="Payment integration 💳 that has a very long title",
    started_at=NOW - 910,
    runtime_s=910.0,
    branch="feature/PRD-002",
)
SEARCH = prd(
    "PRD-003",
    "completed",
    *(story(f"US-{number}", "done") for number in range(1, 6)),
    title="Search",
    started_at=NOW - 7000,
    ended_at=NOW - 3880,
    runtime_s=3120.0,
    branch="feature/PRD-003",
)
MAIL = prd("PRD-004", "queued", title="Mail templates", progress=Progress(completed=0, total=14))
LIMITED = AgentStatus(
    agent="claude",
    account="claude",
    state="parked",
    why="its limit",
    reason="You've hit your session limit",
    since=NOW - 600,
    until=NOW + 6436,
)
CLOSED = AgentStatus(
    agent="gemini", account="gemini", state="closed", why="its login is refused", reason="401"
)
ROOT = RootStatus(
    pid=4711, state="running", started_at=NOW - 7500, max_prds=3, api_limit=10, leases=3
)
NIGHT = StatusDocument(
    at=NOW, root=ROOT, agents=(LIMITED, CLOSED), prds=(LOGIN, PAYMENT, SEARCH, MAIL)
)
EVENTS = (
    event_of("attempt_started", "attempt 2", at=NOW - 252, prd_id="PRD-001", story_id="US-009"),
    event_of("merged", "into feature/PRD-001", at=NOW - 200, prd_id="PRD-001", story_id="US-008"),
    event_of("story_failed", "3 attempts", at=NOW - 90, prd_id="PRD-001", story_id="US-011"),
    event_of("agent_parked", "no start of claude until 05:00", at=NOW - 60),
    event_of("approval_wanted", "to merge", at=NOW - 3, prd_id="PRD-002", story_id="US-004"),
)
SEEN = Seen(
    document=NIGHT,
    now=NOW,
    place="shop",
    events=EVENTS,
    rest_s={"": 7900.0, "PRD-001": 1500.0, "PRD-002": 7900.0},
    last_lines={
        ("PRD-001", "US-009"): "● Edit(src/login.tsx) … 14 lines",
        ("PRD-001", "US-010"): "tests/test_api.py ..........F....",
        ("PRD-002", "US-003"): "I'll look at how refunds are recorded first.",
    },
)


def gone(*prds: PrdStatus, **more: Any) -> Seen:  # noqa: ANN401  any field
    """What the journals tell when root does not run any more."""
    document = StatusDocument(at=NOW, prds=prds)
    return Seen(document=document, now=NOW, is_live=False, problem="root does not run", **more)


def many(prds: int, stories: int) -> Seen:
    """So many PRDs with so many stories each, in all states."""
    states = ("done", "done", "running", "waiting", "failed", "queued")
    return replace(
        SEEN,
        document=StatusDocument(
            at=NOW,
            root=ROOT,
            prds=tuple(
                prd(
                    f"PRD-{number:03}",
                    "active",
                    *(
                        story(f"US-{place:03}", states[place % len(states)], agent="claude")
                        for place in range(stories)
                    ),
                    started_at=NOW - 60 * number,
                )
                for number in range(prds)
            ),
        ),
    )


class Viewer:
    """Presses keys and sees what comes of it."""

    def __init__(
        self, seen: Seen = SEEN, size: Size = TERMINAL, style: Style | None = None
    ) -> None:
        self.seen = seen
        self.size = size
        self.style = style or Style()
        self.chosen = Chosen()
        self.wishes: list[Wish] = []

    def press(self, *keys: Press) -> Viewer:
        """One key after the other; a wish goes onto the list of wishes."""
        for key in keys:
            self.chosen, wish = press(self.seen, self.chosen, key, self.size)
            self.wishes += [wish] if wish is not None else []
        return self

    @property
    def rows(self) -> tuple[Row, ...]:
        """The screen."""
        return screen(self.seen, self.chosen, self.size, self.style)

    @property
    def lines(self) -> list[str]:
        """The screen without its tones."""
        return ["".join(span.text for span in row).rstrip() for row in self.rows]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)
