from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from prd_supervise.supervisor.shell.status.document import RootStatus, StatusDocument
from prd_supervise.supervisor.ui.looks.columns import cells
from prd_supervise.supervisor.ui.looks.painting import painted
from prd_supervise.supervisor.ui.looks.rows import Style
from prd_supervise.supervisor.ui.status.overview import overview, prd_rows
from tests.support.status_documents import EVIL, NOW, ROOT, a_document, a_prd, a_story

PLAIN = Style(has_colour=False)
pytestmark = pytest.mark.usefixtures("in_utc")

DOCUMENT = a_document(
    a_prd(
        a_story("US-1", "done", evidence="`make test` passed on the merged tree", attempt=2),
        a_story("US-2", "running", since=NOW - 65, agent="claude", model="opus"),
        a_story("US-3", "failed", reason="3 attempts failed", worktree="/w/PRD-001.2", attempt=3),
        a_story("US-4", "waiting", reason="waits for US-2", since=NOW - 7_300),
        a_story("US-5", "done (unverified)"),
        since=NOW - 75,
        rest_s=4_700,
    ),
    a_prd(
        id="PRD-002", title="パスワード", state="failed", branch="", reasons=["the branch is gone"]
    ),
)


def text_of(document: StatusDocument, width: int = 100, **how: Any) -> str:  # noqa: ANN401
    return "\n".join(painted(overview(document, width, PLAIN, **how), PLAIN))


def test_the_status_has_a_row_for_each_prd_and_lines_for_what_wants_a_word() -> None:
    assert text_of(DOCUMENT, 110) == (
        "root: running, pid 4711, since 2026-11-20 21:03:04; 2 of 10 agents at work\n"
        "\n"
        "PRD      STATE                 DONE   TIME  LEFT              SINCE     "
        "BRANCH           TITLE\n"
        "PRD-001  active  █████xx▒▒░░░   2/5  1m15s  about 1 h 20 min  22:01:49  "
        "feature/PRD-001  Login\n"
        "PRD-002  failed  ░░░░░░░░░░░░   0/0  1m15s  -                 -         "
        "-                パスワード\n"
        "\n"
        "PRD-001  Login\n"
        "  US-2  running             1m05s  claude opus  title of US-2\n"
        "  US-3  failed   attempt 3                      title of US-3\n"
        "      3 attempts failed\n"
        "      its worktree is kept: /w/PRD-001.2\n"
        "  US-4  waiting             2h01m               title of US-4\n"
        "      waits for US-2\n"
        "  and 1 done, 1 done (unverified)\n"
        "\n"
        "PRD-002  パスワード\n"
        "  the branch is gone"
    )


def test_a_story_that_is_done_without_evidence_is_told_also_where_nothing_else_is() -> None:
    good, bare = a_story("US-1", "done"), a_story("US-2", "done (unverified)")
    assert text_of(a_document(a_prd(good, bare))).endswith(
        "\n\nPRD-001  Login\n  1 done, 1 done (unverified)"
    )
    assert "done" not in text_of(a_document(a_prd(good)))


def test_of_a_story_without_a_process_it_is_not_said_what_it_uses() -> None:
    nothing = {"memory_bytes": 0, "cpu_percent": 0.0, "processes": 0}
    merging = a_story("US-1", "merging", usage=nothing)
    works = a_story("US-2", "running", usage={**nothing, "processes": 1})
    text = text_of(a_document(a_prd(merging, works)))
    assert text.count("of a core") == 1


def test_of_a_story_at_work_the_reason_is_told_as_that_of_the_attempt_before() -> None:
    why = "given up after 3 hangs"
    again = a_story("US-1", "running", attempt=4, reason=why)
    asks = a_story(
        "US-2", "waiting for approval", attempt=2, reason="waits for you", awaits="merge"
    )
    lines = [line.strip() for line in text_of(a_document(a_prd(again, asks))).splitlines()]
    assert f"after {why}" in lines
    assert "waits for you" in lines


def test_of_one_prd_all_stories_are_shown_with_their_evidence() -> None:
    text = text_of(DOCUMENT, all_stories=True)
    assert "  US-1  done               attempt 2 " in text
    assert "      `make test` passed on the merged tree" in text
    assert "and 1 done" not in text


@pytest.mark.parametrize("width", [20, 40, 63, 64, 80, 120, 200])
def test_every_line_fits_however_narrow(width: int) -> None:
    long = a_prd(
        a_story("US-" + "9" * 60, "running", title="w" * 90 + " " + "パ" * 40, agent="a" * 30),
        a_story("US-2", "failed", reason="r " * 80, worktree="/" + "d" * 90),
        title="t " * 60,
        note="n " * 60,
    )
    document = a_document(*DOCUMENT.prds, *([long] if width < 64 else []))
    text = text_of(document, width, all_stories=True)
    assert [line for line in text.splitlines() if cells(line) > width] == []
    assert "US-3" in text


def test_columns_give_way_where_there_is_no_room_and_come_back() -> None:
    def headings(width: int) -> list[str]:
        lines = text_of(DOCUMENT, width).splitlines()
        return next(line.split() for line in lines if line.startswith("PRD "))

    assert headings(200) == ["PRD", "STATE", "DONE", "TIME", "LEFT", "SINCE", "BRANCH", "TITLE"]
    assert headings(80) == ["PRD", "STATE", "DONE", "TIME", "LEFT", "TITLE"]
    assert "█" not in text_of(DOCUMENT, 64)


def test_a_narrow_terminal_gets_lines_in_place_of_columns() -> None:
    lines = text_of(DOCUMENT, 40).splitlines()
    at = lines.index("PRD-001  active  2/5")
    assert lines[at + 1 : at + 4] == ["  Login", "  █████xx▒▒░░░", "  1m15s, about 1 h 20 min left"]
    assert "  US-2  running  1m05s" in lines
    assert "    claude opus" in lines


def test_before_the_first_start_it_says_how_to_begin() -> None:
    text = text_of(a_document(root=RootStatus()))
    assert text.startswith("root does not run; this is what the journals tell\n")
    assert "`prd-supervise start` runs those that it finds" in text


def test_nothing_is_told_by_colour_alone() -> None:
    rows = overview(DOCUMENT, 100, PLAIN)
    coloured = "\n".join(painted(rows, Style(has_colour=True)))
    assert "\x1b[31mfailed" in coloured
    assert "\x1b[36mactive" in coloured
    for code in ("0", "1", "2", "31", "32", "33", "36"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert [line.rstrip() for line in coloured.splitlines()] == text_of(DOCUMENT).splitlines()


def test_ascii_is_enough_for_a_bar() -> None:
    style = Style(has_colour=False, is_ascii=True)
    text = "\n".join(painted(overview(DOCUMENT, 100, style), style))
    assert "#####xx==..." in text
    assert "█" not in text


@pytest.mark.parametrize(("done", "full"), [(0, 0), (1, 1), (999, 11), (1000, 12)])
def test_a_bar_is_full_when_all_is_done_and_empty_when_nothing_is(done: int, full: int) -> None:
    prd = a_prd(progress={"completed": done, "total": 1000})
    assert text_of(a_document(prd)).count("█") == full


def test_of_many_that_wait_only_the_first_are_shown() -> None:
    waiting = [a_story(f"US-{number}", "waiting") for number in range(1, 20)]
    held = a_story("US-99", "held", held=True)
    text = text_of(a_document(a_prd(*waiting, held)))
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  US-")] == [
        "US-1",
        "US-2",
        "US-3",
        "US-99",
    ]
    assert "  and 16 waiting" in text


def test_what_waits_for_a_person_says_what_to_type() -> None:
    text = text_of(
        a_document(
            a_prd(a_story("US-1", "waiting for approval", awaits="merge"), awaits="prd"),
        )
    )
    assert "  it waits for you: `prd-supervise approve PRD-001`, or reject" in text
    assert "      it waits for you: `prd-supervise approve PRD-001/US-1`, or reject" in text


def test_what_is_held_what_was_lost_and_why_nothing_starts_is_shown() -> None:
    losses = {"ordinary": 2, "memory": 1, "hang": 0}
    stories = (
        a_story("US-1", "held", held=True),
        a_story("US-2", "running", held=True, losses=losses),
    )
    note = "held: nothing new begins until it is released"
    document = a_document(
        a_prd(*stories, held=True, note=note), root=replace(ROOT, note="memory is short")
    )
    lines = text_of(document, 120).splitlines()
    assert lines[0].endswith("; nothing new starts: memory is short")
    assert any(line.startswith("PRD-001  active (held)  ") for line in lines)
    assert f"  {note}" in lines
    assert [line.split()[:2] for line in lines if line.startswith("  US-")] == [
        ["US-1", "held"],
        ["US-2", "running"],
    ]
    assert "      attempts lost: 2 to failures, 1 to memory" in lines


def test_a_story_at_work_shows_what_it_uses() -> None:
    usage = {"memory_bytes": 1 << 30, "cpu_percent": 84.6, "processes": 12, "cpu_share": 1.0}
    text = text_of(a_document(a_prd(a_story("US-1", "running", usage=usage))))
    assert "      1 GiB, 85 % of a core, 12 processes" in text
    throttled = usage | {"processes": 1, "cpu_share": 0.25}
    text = text_of(a_document(a_prd(a_story("US-1", "running", usage=throttled))))
    assert "1 GiB, 85 % of a core, 1 process, throttled to 25% of the time" in text


def test_a_reason_that_is_told_already_is_not_told_twice() -> None:
    prd = a_prd(note="the branch is gone", reasons=["the branch is gone", "more"])
    lines = painted(prd_rows(prd, NOW, 100), PLAIN)
    assert lines == ["PRD-001  Login", "  the branch is gone", "  more"]
    story = a_story("US-1", "failed", reason="why")
    lines = painted(prd_rows(a_prd(story, reasons=["US-1: why", "US-10: other"]), NOW, 100), PLAIN)
    assert lines == [
        "PRD-001  Login",
        "  US-10: other",
        "  US-1  failed  title of US-1",
        "      why",
    ]


def test_hundreds_of_reasons_do_not_fill_the_screen() -> None:
    lines = painted(prd_rows(a_prd(reasons=[f"r{n}" for n in range(300)]), NOW, 100), PLAIN)
    assert lines[-1] == "  and 292 more reasons"
    assert len(lines) == 10


def test_what_a_terminal_would_obey_is_taken_out_of_every_text() -> None:
    evil = a_prd(
        a_story("US-1", "failed", title=EVIL, reason=EVIL, worktree=f"/w/{EVIL}", agent=EVIL),
        a_story("US-2", "done", title=EVIL, evidence=EVIL, conflicts=[EVIL]),
        title=EVIL,
        note=EVIL,
        branch=EVIL,
        landed=EVIL,
        reasons=[f"{EVIL}!"],
    )
    document = a_document(evil, root=replace(ROOT, note=EVIL))
    for width in (40, 100, 1000):
        text = text_of(document, width, all_stories=True)
        assert [line for line in text.splitlines() if not line.isprintable()] == []


def an_agent(state: str, **more: object) -> dict[str, Any]:
    known = {"agent": "claude", "account": "a", "state": state, "why": "its limit"}
    return {**known, **more}


def lines_of(*agents: dict[str, Any]) -> list[str]:
    text = text_of(a_document(agents=agents), width=300)
    return [line for line in text.splitlines() if line.startswith("agent ")]


def test_agents_that_are_not_simply_started_stand_at_the_top_with_the_time_and_why() -> None:
    far = an_agent("parked", until=NOW + 7_200.0, reason="weekly\x1b[31m")
    when = "Nov 21, 00:03 (in 2h00m)"
    assert lines_of(far) == [f"agent claude: no start until {when}: its limit (weekly [31m)"]
    (closed,) = lines_of(an_agent("closed", why="its login is refused"))
    assert closed.endswith("mend that, then `prd-supervise release --agent claude`")
    assert "one start is tried" in lines_of(an_agent("trial"))[0]
    (strained,) = lines_of(an_agent("strained", utilization=0.92))
    assert strained == "agent claude: 92% of its limit is used, fewer run at once"
    assert lines_of() == []


def test_how_long_ago_a_story_ended_does_not_read_as_what_it_took() -> None:
    stories = [
        a_story("US-1", "done", since=NOW - 680),
        a_story("US-2", "running", since=NOW - 65),
        a_story("US-3", "failed", since=NOW - 7_300, reason="3 attempts failed"),
    ]
    told = text_of(a_document(a_prd(*stories)), 110, all_stories=True)
    assert "  US-1  done     11m20s ago" in told
    assert "  US-2  running       1m05s  " in told
    assert "  US-3  failed    2h01m ago" in told
