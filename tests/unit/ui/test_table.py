from __future__ import annotations

from typing import Any

import pytest

from prd_supervise.supervisor.ui.status.text import (
    duration,
    prd_lines,
    status_text,
    summary,
    unfinished,
)

NOBODY: dict[str, Any] = {"pid": None, "state": "not running", "note": "", "started_at": None}
ROOT: dict[str, Any] = {"pid": 4711, "state": "running", "note": "", "started_at": 1_795_212_184.9}


pytestmark = pytest.mark.usefixtures("in_utc")


def story(story_id: str, state: str, **more: object) -> dict[str, Any]:
    return {
        "id": story_id,
        "title": f"title of {story_id}",
        "state": state,
        "attempt": 1,
        "reason": None,
        "evidence": None,
        "worktree": None,
        "losses": {"ordinary": 0, "memory": 0, "hang": 0},
        "held": False,
        **more,
    }


def prd(*stories: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "id": "PRD-001",
        "title": "Login",
        "state": "active",
        "progress": {"completed": 1, "total": len(stories)},
        "runtime_s": 75.0,
        "branch": "feature/PRD-001",
        "note": "",
        "reasons": [],
        "held": False,
        "stories": list(stories),
        **more,
    }


DOCUMENT = {
    "schema_version": 1,
    "root": ROOT,
    "prds": [
        prd(
            story("US-1", "done", evidence="`make test` passed on the merged tree", attempt=2),
            story("US-2", "agent runs", attempt=1),
            story("US-3", "failed", reason="3 attempts failed", worktree="/w/PRD-001.2", attempt=3),
            story("US-4", "skipped", reason="needs US-3"),
            story("US-5", "done (unverified)", evidence="not shown"),
        ),
        prd(
            id="PRD-002",
            title="Empty",
            state="failed",
            branch="",
            note="the disk is full",
            reasons=["US-9: its own line says it not", "burnt out"],
            runtime_s=3.25,
        ),
    ],
}


def test_the_status_is_a_line_a_prd_and_a_line_a_story() -> None:
    assert status_text(DOCUMENT) == (
        "root: running, pid 4711, since 2026-11-20 22:03:04\n"
        "\n"
        "PRD-001  active  1/5  1m15s  feature/PRD-001  Login\n"
        "  US-1       done               title of US-1  attempt 2\n"
        "      `make test` passed on the merged tree\n"
        "  US-2       agent runs         title of US-2\n"
        "  US-3       failed             title of US-3  attempt 3\n"
        "      3 attempts failed\n"
        "      its worktree is kept: /w/PRD-001.2\n"
        "  US-4       skipped            title of US-4\n"
        "      needs US-3\n"
        "  US-5       done (unverified)  title of US-5\n"
        "\n"
        "PRD-002  failed  1/0  3.2s  (no branch yet)  Empty\n"
        "    the disk is full\n"
        "    US-9: its own line says it not\n"
        "    burnt out\n"
        "\n"
        "`prd-supervise retry PRD/STORY` gives the stories that failed a new start"
    )


def test_without_root_the_journals_speak() -> None:
    text = status_text({"root": NOBODY, "prds": []})
    first, second = text.splitlines()
    assert first == "root does not run; this is what the journals tell"
    assert "`prd-supervise start`" in second


@pytest.mark.parametrize("width", [20, 40, 80])
def test_every_line_fits_the_terminal_and_nothing_is_cut_off(width: int) -> None:
    lines = status_text(DOCUMENT, width=width).splitlines()
    assert max(len(line) for line in lines) <= width
    whole = status_text(DOCUMENT, width=1000)
    assert "".join("".join(lines).split()) == "".join(whole.split())


def test_what_goes_on_is_indented_more_than_where_it_began() -> None:
    text = status_text(DOCUMENT, width=40)
    assert "PRD-001  active  1/5  1m15s\n    feature/PRD-001  Login" in text
    assert "      `make test` passed on the merged\n          tree" in text


@pytest.mark.parametrize(
    ("root", "state", "stories", "hinted"),
    [
        (NOBODY, "interrupted", "waiting", ["resume`"]),
        (NOBODY, "stopped", "failed", ["resume`", "--retry`"]),
        (NOBODY, "failed", "failed", ["--retry`"]),
        (NOBODY, "failed", "skipped", []),
        (NOBODY, "failed", "waiting", ["resume`"]),
        (NOBODY, "completed", "done", []),
        (ROOT, "queued", "waiting", []),
    ],
)
def test_the_status_says_what_to_type_next(
    root: dict[str, Any], state: str, stories: str, hinted: list[str]
) -> None:
    text = status_text({"root": root, "prds": [prd(story("US-1", stories), state=state)]})
    said = [line for line in text.splitlines() if line.startswith("`prd-supervise resume")]
    assert len(said) == len(hinted)
    assert all(hint in line for hint, line in zip(hinted, said, strict=True))


def test_a_completed_prd_says_how_its_work_is_taken() -> None:
    document = {"root": NOBODY, "prds": [prd(story("US-1", "done"), state="completed")]}
    assert "git merge feature/PRD-001" in unfinished(document)


def test_how_a_prd_landed_is_for_the_report_that_follows_to_say() -> None:
    landed = prd(story("US-1", "done"), state="completed", landed="landed in develop as 0123")
    assert unfinished({"root": NOBODY, "prds": [landed]}) == ""


def test_what_was_rolled_back_is_said_once_by_its_prd() -> None:
    why = "rolled back: feature/PRD-001 stands at 0123 again"
    gone = prd(story("US-1", "rolled back"), state="failed", reasons=[why])
    text = unfinished({"root": NOBODY, "prds": [gone]})
    assert text.count("rolled back") == 1
    assert "US-1       rolled back" in status_text({"root": NOBODY, "prds": [gone]})


def test_the_last_lines_of_a_run_say_what_can_be_typed_when_its_root_has_gone() -> None:
    document = {"root": ROOT, "prds": [prd(story("US-1", "failed"), state="failed")]}
    assert "`prd-supervise resume --retry` gives" in unfinished(document)


EVIL = "\x1b[31mred\x1b[0m\r\n\u202e\x00"


def test_what_a_terminal_would_obey_is_taken_out_of_every_text() -> None:
    evil = prd(
        story("US-1", "failed", title=EVIL, reason=EVIL, worktree=f"/w/{EVIL}"),
        story("US-2", "done", title=EVIL, evidence=EVIL),
        title=EVIL,
        note=EVIL,
        branch=EVIL,
        reasons=[f"{EVIL}!"],
    )
    lines = prd_lines(evil)
    assert len(lines) == 8
    assert [line for line in lines if not line.isprintable()] == []
    assert summary({"prds": [evil]}).replace("\n", "").isprintable()


def test_a_reason_that_the_note_tells_is_not_told_twice() -> None:
    lines = prd_lines(prd(note="the branch is gone", reasons=["the branch is gone", "more"]))
    assert [line.strip() for line in lines[1:]] == ["the branch is gone", "more"]


def test_reasons_that_a_story_s_own_line_tells_are_not_told_twice() -> None:
    lines = prd_lines(
        prd(story("US-1", "failed", reason="why"), reasons=["US-1: why", "US-10: other"])
    )
    assert lines[1:] == [
        "    US-10: other",
        "  US-1       failed             title of US-1",
        "      why",
    ]


def test_quiet_stories_may_be_left_out() -> None:
    lines = prd_lines(DOCUMENT["prds"][0], all_stories=False)  # type: ignore[index]
    assert [line.split()[0] for line in lines[1:] if line.startswith("  US")] == [
        "US-2",
        "US-3",
        "US-4",
    ]


def test_the_summary_is_a_table() -> None:
    assert summary(DOCUMENT) == (
        "PRD      state   stories  time   branch\n"
        "-------  ------  -------  -----  ---------------\n"
        "PRD-001  active  1/5      1m15s  feature/PRD-001\n"
        "PRD-002  failed  1/0      3.2s"
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0s"),
        (0.04, "0.0s"),
        (9.94, "9.9s"),
        (9.96, "10.0s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (60, "1m00s"),
        (3599.4, "59m59s"),
        (3599.9, "1h00m"),
        (3600, "1h00m"),
        (100_000, "27h46m"),
    ],
)
def test_seconds_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_the_status_shows_what_is_held_what_was_lost_and_why_nothing_starts() -> None:
    stories = (
        story("US-1", "held", held=True),
        story("US-2", "running", held=True, losses={"ordinary": 2, "memory": 1, "hang": 0}),
        story("US-3", "waiting", losses={"ordinary": 0, "memory": 0, "hang": 3}),
    )
    document = {
        "root": ROOT | {"note": "memory is short"},
        "prds": [prd(*stories, held=True, note="held: nothing new begins until it is released")],
    }
    lines = status_text(document).splitlines()
    assert lines[0].endswith("; nothing new starts: memory is short")
    assert lines[2].startswith("PRD-001  active (held)  1/3")
    assert lines[3].strip() == "held: nothing new begins until it is released"
    assert lines[4].split()[:2] == ["US-1", "held"]
    assert lines[5].split()[:3] == ["US-2", "running", "(held)"]
    assert lines[6].strip() == "attempts lost: 2 to failures, 1 to memory"
    assert lines[8].strip() == "attempts lost: 3 to hangs"
    assert lines[-1].startswith("`prd-supervise release` lets go on what is held")


def test_while_root_runs_a_failed_story_is_retried_by_its_name() -> None:
    document = {"root": ROOT, "prds": [prd(story("US-1", "failed"))]}
    assert "`prd-supervise retry PRD/STORY` gives" in status_text(document)
    assert "`prd-supervise resume --retry` gives" in status_text(document | {"root": NOBODY})


def test_a_story_at_work_shows_what_it_uses() -> None:
    usage = {"memory_bytes": 1 << 30, "cpu_percent": 84.6, "processes": 12, "cpu_share": 1.0}
    busy = story("US-1", "agent runs", usage=usage)
    assert "      1 GiB, 85 % of a core, 12 processes" in prd_lines(prd(busy))
    held = story("US-1", "agent runs", usage=usage | {"processes": 1, "cpu_share": 0.25})
    text = "      1 GiB, 85 % of a core, 1 process, throttled to 25% of the time"
    assert text in prd_lines(prd(held))


def an_agent(state: str, **more: object) -> dict[str, Any]:
    known = {"agent": "claude", "state": state, "why": "its limit", "reason": None, "until": None}
    return {**known, "utilization": None, **more}


def lines_of(*agents: dict[str, Any]) -> list[str]:
    text = status_text({"root": ROOT, "agents": agents, "prds": []})
    return [line for line in text.splitlines() if line.startswith("agent ")]


def test_agents_that_are_not_simply_started_stand_at_the_top_with_the_time_and_why() -> None:
    far = an_agent("parked", until=4_000_000_000.0, reason="weekly\x1b[31m")
    assert lines_of(far) == ["agent claude: no start until Oct 2, 07:06: its limit (weekly [31m)"]
    (closed,) = lines_of(an_agent("closed", why="its login is refused"))
    assert closed.endswith("mend that, then `prd-supervise release --agent claude`")
    assert "one start is tried" in lines_of(an_agent("trial"))[0]
    (strained,) = lines_of(an_agent("strained", utilization=0.92))
    assert strained == "agent claude: 92% of its limit is used, fewer run at once"
    assert lines_of() == []
