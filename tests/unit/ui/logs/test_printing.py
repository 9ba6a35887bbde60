from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.ui.logs.printing import Printer, _rows
from prd_supervise.supervisor.ui.logs.rendering.pieces import Line
from prd_supervise.supervisor.ui.logs.sources import Log, Stage
from prd_supervise.supervisor.ui.looks.rows import Tone


class Terminal(io.StringIO):
    """A text that says that it is a terminal."""

    def isatty(self) -> bool:  # noqa: D102
        return True


def log_of(story: str, *, prd: str = "P", attempt: int = 1) -> Log:
    return Log(
        path=Path(story),
        prd_id=prd,
        story_id=story,
        attempt=attempt,
        stage=Stage.AGENT,
        label="agent",
        rank=2,
    )


def shown(
    monkeypatch: pytest.MonkeyPatch, columns: int, *lines: str, has_prefix: bool = True
) -> list[str]:
    """What a terminal of so many columns shows of a story's lines."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    printer = Printer(has_colour=False, has_prefix=has_prefix)
    log = log_of("A")
    printer.know([log])
    printer.show(log, [Line(text=text) for text in lines])
    return terminal.getvalue().splitlines()


def test_a_line_that_is_wider_than_the_terminal_goes_on_beside_its_prefix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shown(monkeypatch, 40, "  indented and long, 世界, and more of it", "", "  x") == [
        "A#1 agent   |   indented and long, 世界,",
        "            |   and more of it",
        "A#1 agent   | ",
        "A#1 agent   |   x",
    ]
    text = "word " * 20
    for columns in (34, 40, 80, 200):
        assert max(map(len, shown(monkeypatch, columns, text))) <= columns
    assert shown(monkeypatch, 20, text) == [f"A#1 agent   | {text}"]
    assert (
        shown(monkeypatch, 30, "word " * 8, has_prefix=False)[0] == "word word word word word word"
    )


@settings(deadline=None)
@given(
    text=st.text(alphabet="ab -", min_size=30, max_size=300).map(str.strip),
    room=st.integers(min_value=20, max_value=40),
)
def test_rows_fit_and_hold_every_word_in_order(text: str, room: int) -> None:
    for shown_text in (text, text.replace("a", "ä")):
        rows = _rows(shown_text, room)
        assert max(map(len, rows)) <= room
        assert "".join(rows).replace(" ", "") == shown_text.replace(" ", "")


def test_stories_of_several_prds_bear_their_names_and_each_has_a_colour(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = Printer(has_colour=True, has_prefix=True)
    logs = [log_of("A"), log_of("A", prd="Q", attempt=2)]
    printer.know(logs)
    for log in (*logs, logs[0]):
        printer.show(log, [Line(text="x", tone=Tone.BAD)])
    first, second, again = capsys.readouterr().out.splitlines()
    assert first == "\x1b[36mP/A#1 agent   | \x1b[0m\x1b[31mx\x1b[0m"
    assert second == "\x1b[32mQ/A#2 agent   | \x1b[0m\x1b[31mx\x1b[0m"
    assert again == first
