from __future__ import annotations

import re

from msgspec.structs import replace

from prd_supervise.supervisor.shell.status.document import (
    PrdStatus,
    Progress,
    StatusDocument,
    StoryStatus,
)
from prd_supervise.supervisor.ui.progress import progress_lines, what_has_come

NOW = 1_800_000_000.0


def a_story(name: str, state: str, **fields: object) -> StoryStatus:
    return replace(StoryStatus(id=name, title=f"make {name}", state=state, attempt=0), **fields)


ALPHA = PrdStatus(
    id="ALPHA",
    title="Alpha",
    path="prd.json",
    state="active",
    progress=Progress(completed=2, total=5),
    runtime_s=723.0,
    stories=(
        a_story("US-1", "done"),
        a_story("US-2", "done (unverified)"),
        a_story("US-3", "running", attempt=2, attempt_since=NOW - 72, agent="claude", model="opus"),
        a_story("US-4", "waiting"),
        a_story("US-5", "failed"),
    ),
)
BETA = replace(
    ALPHA, id="BETA-2", state="queued", progress=Progress(completed=0, total=0), stories=()
)
DONE = replace(ALPHA, id="OLD", state="completed")


def lines(*prds: PrdStatus) -> list[str]:
    found = progress_lines(StatusDocument(at=NOW, prds=prds), NOW)
    return [re.sub(r"\d\d:\d\d:\d\d", "TIME", line) for line in found]


def test_a_block_has_a_line_a_prd_and_a_line_a_story_in_flight() -> None:
    assert lines(ALPHA, BETA, DONE) == [
        "--- progress at TIME: 2 of 5 stories done, 1 at work, 1 waiting, 1 failed",
        "[ALPHA]       [########xxxx====....]      2/5   40%  running     12m03s",
        "[ALPHA/US-3]  running       1m12s  attempt 2, claude opus: make US-3",
        "[BETA-2]      [....................]      0/0    0%  queued",
    ]


def test_without_a_prd_that_runs_nothing_is_told() -> None:
    assert lines(DONE) == []
    assert lines() == []


def test_what_waits_for_a_person_is_told() -> None:
    waiting = replace(ALPHA, stories=(a_story("US-1", "waiting", awaits="merge"),), note="for you")
    told = lines(waiting)
    assert "1 waiting for approval" in told[0]
    assert told[1].endswith("for you")
    assert "approval?" in told[2]


def test_control_characters_never_reach_a_log() -> None:
    evil = replace(ALPHA, stories=(a_story("US-1", "running", title="a\x1b[2J\nb" * 99),))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", "".join(lines(evil)))


def test_time_that_goes_by_is_nothing_new_and_a_state_is() -> None:
    def come(prd: PrdStatus, at: float = NOW) -> object:
        return what_has_come(StatusDocument(at=at, prds=(prd,)))

    assert come(ALPHA) == come(replace(ALPHA, runtime_s=999.0), at=NOW + 60)
    changed = replace(ALPHA, stories=(a_story("US-1", "verifying"), *ALPHA.stories[1:]))
    assert come(ALPHA) != come(changed)


def test_many_prds_that_wait_for_their_turn_are_one_line() -> None:
    queued = [replace(BETA, id=f"Q-{number}") for number in range(1, 48)]
    told = lines(ALPHA, *queued)
    assert told[-1].split(maxsplit=1) == ["[queue]", "Q-1, Q-2, Q-3, Q-4 and 43 more"]
    assert len(told) == 4
    assert len(lines(ALPHA, *queued[:4])) == 7
