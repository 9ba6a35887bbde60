from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.control.targets import Target
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.ui.logs.ordering import in_order
from prd_supervise.supervisor.ui.logs.rendering.pieces import Line
from prd_supervise.supervisor.ui.logs.sources import Log, Stage, Wanted, begun_at, logs_of


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(
        repository=tmp_path,
        common_dir=tmp_path / ".git",
        state_dir=tmp_path / "state",
        worktrees=tmp_path / "worktrees",
    )


EVERYTHING = Wanted()


def put(layout: Layout, name: str, at: float, *, prd: str = "P") -> None:
    """Make a file of a story's attempt, as it was at that moment."""
    path = layout.prd(prd) / "stories" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x\n")
    os.utime(path, (at, at))


def found(
    layout: Layout, story: str = "", wanted: Wanted = EVERYTHING
) -> list[tuple[str, int, str]]:
    target = Target(prd_id="P", story_id=story)
    logs = logs_of(layout, [target], wanted)
    return [(log.story_id, log.attempt, log.label) for log in logs]


def test_of_a_prd_the_last_attempt_of_each_story_is_found_and_of_a_story_all(
    layout: Layout,
) -> None:
    for name in ("A/2/agent.log", "A/10/agent.log", "A/10/verify.story.log", "B/1/setup.log"):
        put(layout, name, 1.0)
    put(layout, "A/lock", 1.0)
    put(layout, "A/homes/agent.log", 1.0)
    put(layout, "../landing/verify.landing.log", 1.0)

    last = [("A", 10, "agent"), ("A", 10, "verify"), ("B", 1, "setup"), ("", 0, "landing")]
    assert found(layout) == last
    assert found(layout, "A") == [("A", 2, "agent"), ("A", 10, "agent"), ("A", 10, "verify")]
    assert found(layout, wanted=Wanted(attempt=2)) == [("A", 2, "agent")]
    verify = frozenset({Stage.VERIFY})
    assert found(layout, wanted=Wanted(stages=verify)) == [("A", 10, "verify"), ("", 0, "landing")]
    assert found(layout, "C") == []


def test_a_log_begins_when_what_stands_before_it_was_written_to_its_end(layout: Layout) -> None:
    put(layout, "A/1/prompt.md", 10.0)
    put(layout, "A/1/verify.base.log", 30.0)
    put(layout, "A/1/agent.log", 20.0)
    put(layout, "A/1/verify.story.log", 25.0)
    put(layout, "A/1/verify.merged.log", 40.0)
    logs = logs_of(layout, [Target(prd_id="P")], Wanted())
    assert {log.label: begun_at(log) for log in logs} == {
        "base": 10.0,  # beside the agent
        "agent": 10.0,
        "verify": 20.0,
        "merged": 25.0,
    }


def streams(layout: Layout, *logs: tuple[str, list[Line]]) -> list[tuple[Log, Iterator[Line]]]:
    known = {log.story_id: log for log in logs_of(layout, [Target(prd_id="P")], Wanted())}
    return [(known[name], iter(lines)) for name, lines in logs]


def said(text: str, at: float | None = None) -> Line:
    return Line(text=text, at=at)


def test_lines_with_a_moment_are_put_among_each_other_and_others_are_blocks(
    layout: Layout,
) -> None:
    for story, begun in (("A", 10.0), ("B", 10.0), ("C", 12.5)):
        put(layout, f"{story}/1/prompt.md", begun)
        put(layout, f"{story}/1/agent.log", 50.0)
    ordered = in_order(
        streams(
            layout,
            ("A", [said("a1", 11.0), said("a2", 12.0), said("a2+"), said("a3", 14.0)]),
            ("B", [said("b1", 11.5), said("b2", 13.0), said("before its time", 3.0)]),
            ("C", [said("c1"), said("c2"), said("c3")]),
        )
    )
    texts = [line.text for _, lines in ordered for line in lines]
    expected = ["a1", "b1", "a2", "a2+", "c1", "c2", "c3", "b2", "before its time", "a3"]
    assert texts == expected


def test_a_log_is_not_opened_before_its_turn(layout: Layout) -> None:
    opened = []

    def lines(story: str) -> Iterator[Line]:
        opened.append(story)
        yield said(story)

    for number, story in enumerate("ABC"):
        put(layout, f"{story}/1/prompt.md", number + 1.0)
        put(layout, f"{story}/1/agent.log", 50.0)
    known = list(logs_of(layout, [Target(prd_id="P")], Wanted()))
    ordered = in_order([(log, lines(log.story_id)) for log in known])
    assert next(ordered)[0].story_id == "A"
    assert opened == ["A"]
