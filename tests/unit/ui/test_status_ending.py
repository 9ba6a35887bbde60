from __future__ import annotations

import pytest

from prd_supervise.supervisor.shell.status.document import RootStatus, StatusDocument
from prd_supervise.supervisor.ui.status.ending import summary, unfinished
from prd_supervise.supervisor.ui.status.hints import hints
from prd_supervise.supervisor.ui.status.times import duration, elapsed, rest_text
from tests.support.status_documents import EVIL, ROOT, a_document, a_prd, a_story

NOBODY = RootStatus()
PLAIN_DONE = a_prd(a_story("US-1", "done"), state="completed")


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
    root: RootStatus, state: str, stories: str, hinted: list[str]
) -> None:
    document = a_document(a_prd(a_story("US-1", stories), state=state), root=root)
    told = hints(document, root_serves=root.pid is not None)
    said = [line for line in told if line.startswith("`prd-supervise resume")]
    assert len(said) == len(hinted)
    assert all(hint in line for hint, line in zip(hinted, said, strict=True))


def test_while_root_runs_a_failed_story_is_retried_by_its_name() -> None:
    document = a_document(a_prd(a_story("US-1", "failed")))
    assert any(
        line.startswith("`prd-supervise retry") for line in hints(document, root_serves=True)
    )
    told = hints(document, root_serves=False)
    assert any(line.startswith("`prd-supervise resume --retry` gives") for line in told)
    assert told[0] == "`prd-supervise status PRD-001/US-1` shows why a story failed"


def test_what_has_used_up_its_budget_is_named_for_its_release() -> None:
    story = a_story("US-1", "waiting", budget_used="$5 of $5")
    (told,) = hints(a_document(a_prd(story)), root_serves=True)
    assert told.startswith("`prd-supervise release --budget PRD-001/US-1` lets ")
    (told,) = hints(a_document(a_prd(story, budget_used="$5 of $5")), root_serves=True)
    assert told.startswith("`prd-supervise release --budget PRD-001` lets ")


def test_a_completed_prd_says_how_its_work_is_taken() -> None:
    assert "git merge feature/PRD-001" in unfinished(a_document(PLAIN_DONE, root=NOBODY))


def test_how_a_prd_landed_is_for_the_report_that_follows_to_say() -> None:
    landed = a_prd(a_story("US-1", "done"), state="completed", landed="landed in develop as 0123")
    assert unfinished(a_document(landed, root=NOBODY)) == ""


def test_what_was_rolled_back_is_said_once_by_its_prd() -> None:
    why = "rolled back: feature/PRD-001 stands at 0123 again"
    gone = a_prd(a_story("US-1", "rolled back"), state="failed", reasons=[why])
    assert unfinished(a_document(gone, root=NOBODY)).count("rolled back: ") == 1


def test_the_last_lines_of_a_run_say_what_can_be_typed_when_its_root_has_gone() -> None:
    document = a_document(a_prd(a_story("US-1", "failed"), state="failed"))
    assert "`prd-supervise resume --retry` gives" in unfinished(document)


def a_night() -> StatusDocument:
    done = a_prd(*(a_story(f"US-{n}", "done" if n == 1 else "waiting") for n in range(1, 6)))
    return a_document(done, a_prd(id="PRD-002", state="failed", branch="", runtime_s=3.2))


def test_the_summary_is_a_table() -> None:
    assert summary(a_night().prds) == (
        "PRD      state   stories  time   branch\n"
        "-------  ------  -------  -----  ---------------\n"
        "PRD-001  active  1/5      1m15s  feature/PRD-001\n"
        "PRD-002  failed  0/0      3.2s"
    )


def test_the_summary_has_what_it_cost_where_anybody_knows() -> None:
    paid = a_prd(spent={"usd": 0.42, "tokens": 5, "unpriced_tokens": 0})
    assert "$0.42" in summary((paid,))


def test_a_summary_takes_out_what_a_terminal_would_obey() -> None:
    assert summary((a_prd(branch=EVIL),)).replace("\n", "").isprintable()


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


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0s"), (59.9, "59s"), (65, "1m05s"), (4_320, "1h12m"), (273_600, "3d04h")],
)
def test_for_how_long_something_is_so_has_no_tenths(seconds: float, said: str) -> None:
    assert elapsed(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "about 1 min"),
        (59, "about 1 min"),
        (241, "about 4 min"),
        (599, "about 10 min"),
        (1_380, "about 25 min"),
        (3_590, "about 1 h"),
        (4_700, "about 1 h 20 min"),
        (35_900, "about 10 h"),
        (50_000, "about 14 h"),
        (86_000, "about 1 day"),
        (200_000, "about 2 days"),
    ],
)
def test_an_estimate_is_no_more_exact_than_it_can_be(seconds: float, said: str) -> None:
    assert rest_text(seconds) == said
