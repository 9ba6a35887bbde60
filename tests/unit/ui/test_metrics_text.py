from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.metrics.families import FAMILIES, Kind
from prd_supervise.policies.metrics.tally import Level, Tally
from prd_supervise.supervisor.shell.metrics.kept import MetricsFile
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.ui.looks.columns import cells
from prd_supervise.supervisor.ui.metrics.document import document
from prd_supervise.supervisor.ui.metrics.reading import Metrics, read_metrics
from prd_supervise.supervisor.ui.metrics.text import PRDS_MAX, metrics_text, took

FULL = tuple(FAMILIES.values())
labels = st.sampled_from(
    ("ALPHA", "done", "failed", "claude", "crash", "a 测试 name", "\x1b[31m", "")
)


@st.composite
def metrics(draw: st.DrawFn) -> Metrics:
    """Anything that can have been measured, in any families."""
    tally = Tally()
    for family in draw(st.lists(st.sampled_from(FULL), max_size=30)):
        values = tuple(draw(labels) for _ in family.labels)
        if family.kind is Kind.COUNTER:
            tally.count(family.name, values, draw(st.integers(1, 10**12)))
        elif family.kind is Kind.HISTOGRAM:
            tally.time(family.name, values, draw(st.floats(0, 1e7)))
    return Metrics(
        batch=tally.batch(),
        levels=(Level("up", (), 1.0),),
        began_at=1_700_000_000.0,
        ended_at=1_700_000_000.0 + draw(st.floats(0, 1e7)),
        is_running=draw(st.booleans()),
        is_cut=draw(st.booleans()),
    )


@given(metrics(), st.sampled_from((40, 60, 80, 100, 200)))
def test_every_line_fits_and_obeys_no_terminal(found: Metrics, width: int) -> None:
    text = metrics_text(found, width=width)
    for line in text.splitlines():
        assert cells(line) <= width, line
        assert line.isprintable()
    assert document(found)


def test_what_came_of_the_work_is_said_by_prd_and_as_a_rate() -> None:
    tally = Tally()
    tally.count("stories_total", ("shop", "done"), 12)
    tally.count("stories_total", ("search", "failed"), 2)
    tally.count("attempts_total", ("shop",), 20)
    tally.count("attempts_lost_total", ("shop", "agent_stalled"), 8)
    for took_s in (1.0, 2.0, 300.0):
        tally.time("agent_seconds", ("claude", "normal"), took_s)
    found = Metrics(
        batch=tally.batch(), levels=(), began_at=1.0, ended_at=14_401.0, is_running=False
    )
    lines = metrics_text(found, width=100).splitlines()
    assert "stories     12 done, 2 failed; 3.0 done an hour" in lines
    assert "  search    2 failed" in lines
    assert "  shop      12 done" in lines
    assert "attempts    20 begun, 8 lost: 8 agent stalled" in lines
    assert lines[-2:] == [
        "                     count    p50      p90  longest   in all",
        "agent claude normal      3  1.8 s  4.8 min  5.0 min  5.0 min",
    ]


def test_of_very_many_prds_the_first_are_shown_and_the_rest_counted() -> None:
    tally = Tally()
    for number in range(100):
        tally.count("stories_total", (f"P{number:03}", "done"))
    found = Metrics(batch=tally.batch(), levels=(), began_at=1.0, ended_at=2.0, is_running=False)
    text = metrics_text(found, width=80)
    assert f"and {100 - PRDS_MAX} PRDs more: --json has them" in text
    assert "P020" not in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0"),
        (0.0004, "<1 ms"),
        (0.0126, "13 ms"),
        (0.9996, "1.0 s"),
        (1.44, "1.4 s"),
        (9.96, "10 s"),
        (100, "100 s"),
        (150, "2.5 min"),
        (7_200, "2.0 h"),
        (200_000, "2.3 d"),
    ],
)
def test_times_have_two_or_three_digits(seconds: float, text: str) -> None:
    assert took(seconds) == text


def test_a_clock_that_was_set_back_ends_no_time_before_it_began(tmp_path: Path) -> None:
    layout = Layout(
        repository=tmp_path, common_dir=tmp_path, state_dir=tmp_path, worktrees=tmp_path
    )
    tally = Tally()
    tally.count("root_starts_total", (), 1)
    file = MetricsFile(layout.metrics)
    for at in (5_000_000.0, 5_000_100.0, 1_000_000.0):
        file.append(tally.batch(), (), at)

    whole = read_metrics(layout, None, is_running=False, now=1_000_009.0)
    assert (whole.began_at, whole.ended_at) == (1_000_000.0, 1_000_000.0)
    since = datetime.fromtimestamp(4_000_000.0, UTC)
    part = read_metrics(layout, since, is_running=True, now=1_000_009.0)
    assert sum(each.by for each in part.batch.counted) == 2
    for found in (whole, part):
        assert found.began_at <= found.ended_at
