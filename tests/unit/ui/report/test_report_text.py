from __future__ import annotations

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.storage.results import NO_RUNS
from prd_supervise.supervisor.ui.looks.columns import cells
from prd_supervise.supervisor.ui.looks.rows import Style
from prd_supervise.supervisor.ui.report.attempts import End
from prd_supervise.supervisor.ui.report.figures import Figures
from prd_supervise.supervisor.ui.report.prd_text import ROWS_MAX
from prd_supervise.supervisor.ui.report.proof import proofs_of
from prd_supervise.supervisor.ui.report.reading import PrdPart, Report, StoryLine
from prd_supervise.supervisor.ui.report.text import WANTS_MAX, report_rows
from tests.support.report_night import BEGAN, attempt, failed, hostile, large, line, night
from tests.support.report_night import part as night_part
from tests.support.report_night import report as night_report

MINE = Figures(
    wall_s=754.2,
    agent_s=611.0,
    verify_s=44.5,
    waiting_s=98.7,
    sequential_s=655.5,
    attempts=2,
    lost=1,
    predicted=1,
    resolved=2,
    reruns=1,
)


def report_text(report: Report, *, width: int, rows_max: int = ROWS_MAX) -> str:
    rows = report_rows(report, width=width, style=Style(has_colour=False), rows_max=rows_max)
    return "\n".join("".join(span.text for span in row).rstrip() for row in rows).rstrip()


def part(prd_id: str = "ALPHA") -> PrdPart:
    lines = (
        StoryLine(story_id="US-001", title="Open the box", state="done", figures=MINE),
        StoryLine(
            story_id="US-002-with-a-very-long-name",
            title="Étage 日本語 and a long title that goes on and on and on and on and on",
            state="done (unverified)",
            figures=replace(MINE, wall_s=3.21, attempts=1, predicted=0, resolved=0, reruns=0),
        ),
        StoryLine(story_id="US-003", title="Never begun", state="skipped", figures=Figures()),
    )
    return PrdPart(
        prd_id=prd_id,
        title="A box for everything",
        state="completed",
        branch="feature/ALPHA",
        landed="landed in develop as 0123456789",
        figures=replace(MINE, wall_s=760.0, sequential_s=1311.0, attempts=3),
        spans=((0.0, 760.0),),
        stories=lines,
    )


def report(*parts: PrdPart, gaps: tuple[str, ...] = ()) -> Report:
    return Report(prds=parts, figures=replace(MINE, wall_s=800.0), gaps=gaps)


AT_40 = """\
2 of 3 stories merged in 13 min; 1
  skipped

ALPHA  completed  2/3  A box for everyt…
story             state    time    tries
US-001            done     12m34s  2
US-002-with-a-v…  done     3.2s    1
US-003            skipped  -       -
landed in develop as 0123456789
12m40s by the clock, 3 attempts, 1 lost;
  one after the other 21m51s: 9m11s
  saved (42%)
conflicts: 1 predicted, 2 resolved, 1
  run again"""

AT_80 = """\
2 of 3 stories merged in 13 min; 1 skipped

ALPHA  completed  2/3  A box for everything
story             state    time    tries  agent   verify  waits  conflicts
US-001            done     12m34s  2      10m11s  44.5s   1m39s  1/2/1
US-002-with-a-v…  done     3.2s    1      10m11s  44.5s   1m39s  -
US-003            skipped  -       -      -       -       -      -
landed in develop as 0123456789
12m40s by the clock, 3 attempts, 1 lost; one after the other 21m51s: 9m11s saved
  (42%)
conflicts: 1 predicted, 2 resolved, 1 run again

conflicts: predicted / resolved by themselves / attempts that had to be done
  again. One after the other: what agents and verify commands took, without
  attempts that were lost to what other stories did."""

AT_120 = """\
2 of 3 stories merged in 13 min; 1 skipped

ALPHA  completed  2/3  A box for everything
story             state    time    tries  agent   verify  waits  conflicts  commit  files  title
US-001            done     12m34s  2      10m11s  44.5s   1m39s  1/2/1      -       -      Open the box
US-002-with-a-v…  done     3.2s    1      10m11s  44.5s   1m39s  -          -       -      Étage 日本語 and a long titl…
US-003            skipped  -       -      -       -       -      -          -       -      Never begun
landed in develop as 0123456789
12m40s by the clock, 3 attempts, 1 lost; one after the other 21m51s: 9m11s saved (42%)
conflicts: 1 predicted, 2 resolved, 1 run again

conflicts: predicted / resolved by themselves / attempts that had to be done again. One after the other: what agents and
  verify commands took, without attempts that were lost to what other stories did."""  # noqa: E501  as wide as the terminal


def test_branches_that_are_not_named_are_counted() -> None:
    text = report_text(report(*(part(f"P{at}") for at in range(15))), width=80)
    assert "take the work" not in text, "it has landed"
    parts = (replace(part(f"P{at}"), branch=f"feature/p{at}", landed="") for at in range(15))
    text = report_text(report(*parts), width=80)
    assert text.count("git merge feature/p") == WANTS_MAX
    assert f"feature/p{WANTS_MAX - 1}\nand 3 more; `prd-supervise status` has them" in text


@pytest.mark.parametrize(("width", "shown"), [(40, AT_40), (80, AT_80), (120, AT_120)])
def test_the_table_fits(width: int, shown: str) -> None:
    text = report_text(report(part()), width=width)
    assert max(map(cells, text.split("\n"))) <= width
    assert text == shown


def test_stories_that_were_done_before_are_a_number() -> None:
    old = StoryLine(story_id="US-000", title="Old", state="done", figures=Figures())
    found = part()
    text = report_text(report(replace(found, stories=(old, *found.stories, old))), width=80)
    assert "US-000" not in text
    assert "done before: 2 more" in text
    assert "US-003" in text, "nobody has begun it, and it is not done"


def test_several_prds_are_added_up() -> None:
    text = report_text(report(part("A"), part("B")), width=200)
    assert "in all: 13m20s by the clock, 2 attempts, 1 lost" in text


def test_what_took_longer_says_so_and_what_is_missing_too() -> None:
    slow = replace(part(), figures=Figures(wall_s=60.0, sequential_s=50.0, attempts=1))
    text = report_text(report(slow, gaps=("the oldest records of ALPHA are gone",)), width=80)
    assert "1 attempt; one after the other 50.0s: 10.0s longer" in text
    assert "note: the oldest records of ALPHA are gone" in text


def test_what_is_shown_adds_up_as_it_does_in_the_document() -> None:
    close = replace(part(), figures=Figures(wall_s=29.06, sequential_s=24.94, attempts=1))
    assert "29.1s by the clock, 1 attempt; one after the other 24.9s: 4.2s longer" in report_text(
        report(close), width=120
    )


def test_where_nothing_was_done_nothing_is_compared() -> None:
    lines = tuple(replace(line, state="failed") for line in part().stories)
    text = report_text(report(replace(part(), stories=lines)), width=120)
    assert "12m40s by the clock, 3 attempts, 1 lost\n" in text
    assert "ne after the other" not in text


def test_the_last_lines_of_a_run_name_what_they_leave_out() -> None:
    text = report_text(report(part()), width=80, rows_max=2)
    assert "and 1 more; `prd-supervise report ALPHA` has them" in text
    assert "US-003" not in text


def test_a_title_cannot_write_to_the_terminal() -> None:
    evil = replace(part(), title="\x1b[2Jgone", landed="\x1b]0;x\x07")
    assert "\x1b" not in report_text(report(evil), width=120)


def test_nothing_was_run_yet() -> None:
    assert report_text(Report(prds=(), figures=Figures()), width=80).startswith("no PRD has been")


def test_what_most_stories_have_in_common_is_said_once() -> None:
    done = [
        line(f"S{at}", "s", [attempt(1, 1, BEGAN, 60.0, End.MERGED)], "done") for at in range(7)
    ]
    tail = "; conflicts resolved by themselves in a.py (imports), b.py (space); doubted: x"
    odd = replace(done[0], story_id="ODD", runs=NO_RUNS, evidence="unverified")
    both = replace(done[1], evidence=done[1].evidence + tail)
    old = replace(done[2], story_id="OLD", figures=Figures(), evidence="its merge is in the branch")
    verified = "verified in its own tree and merged by `make lint`, `make test`, red before"
    assert proofs_of(night_part("P", "p", [*done, odd, old, both], "completed")) == [
        f"8 stories (S0, S1, S2 ...): {verified}",
        "ODD: unverified",
        "conflicts that resolved themselves: S1 in a.py (imports), b.py (space)",
    ]


def test_what_matters_most_is_the_last_thing_that_a_run_prints() -> None:
    rows = report_rows(night(), width=80, style=Style(has_colour=False), is_end=True)
    said = ["".join(span.text for span in row) for row in rows]
    heads = [at for at, text in enumerate(said) if text in {"Timeline", "For you", "Waiting"}]
    assert [said[at] for at in heads] == ["Timeline", "For you", "Waiting"]
    assert said[heads[1] - 2].startswith("4 of 7 stories merged")


def test_ten_things_for_somebody_stand_below_each_other_and_a_title_is_told_once() -> None:
    tries = [attempt(1, 1, BEGAN, 60.0, End.LOST)]
    bad = [failed(line(f"S{at}", "s", tries, "failed")) for at in range(10)]
    text = report_text(night_report(night_part("P", "P", bad, "failed")), width=80)
    assert "\n 1  P/S0 failed" in text
    assert "\n10  P/S9 failed" in text
    assert "\nP  failed  0/10\n" in text


@pytest.mark.parametrize("width", [40, 57, 80, 200])
@pytest.mark.parametrize("found", [night(), hostile(), large(2, 30)])
def test_whatever_comes_from_outside_every_line_fits(found: Report, width: int) -> None:
    text = report_text(found, width=width)
    commands = ("prd-supervise", "git merge")  # they stand alone, to be taken up as they are
    lines = [each for each in text.split("\n") if not each.lstrip().startswith(commands)]
    assert max(map(cells, lines)) <= width
    assert all(each.isprintable() for each in lines)
