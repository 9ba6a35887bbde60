"""Whole screens, as they stand in `screens/`: WRITE_SCREENS=1 writes them anew.

A file has a line a row, between bars that show the width. Where tones are shown, each row has a
second line with a letter for the tone of each cell.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from wcwidth import wcswidth

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.ui.dashboard.keys import Key, Press
from prd_supervise.supervisor.ui.dashboard.seen import Answer, Page, PageKind, Seen
from prd_supervise.supervisor.ui.looks.rows import Row, Size, Style, Tone
from tests.support.dashboard_night import (
    LOGIN,
    MAIL,
    NIGHT,
    PAYMENT,
    ROOT,
    SEARCH,
    SEEN,
    Viewer,
    gone,
    many,
    prd,
    story,
)

SCREENS = Path(__file__).parent / "screens"
LETTERS = {
    Tone.PLAIN: ".",
    Tone.DIM: "d",
    Tone.TITLE: "t",
    Tone.GOOD: "g",
    Tone.BAD: "b",
    Tone.WARN: "w",
    Tone.BUSY: "u",
    Tone.SELECTED: "s",
}
LOG = Page(
    name=("PRD-001", "US-009"),
    kind=PageKind.LOG,
    lines=(*(f"line {number}" for number in range(1, 40)), "a long line " * 12, "日本語 " * 30),
    skipped=1000,
    note="the beginning is in its agent.log",
)
DIFF = Page(
    name=("PRD-001", "US-009"),
    kind=PageKind.DIFF,
    lines=("diff --git a/x b/x", "@@ -1 +1 @@", "-old", "+new", " as it was"),
)
WELL = replace(
    SEEN, document=replace(NIGHT, agents=(), prds=(replace(PAYMENT, stories=PAYMENT.stories[:3]),))
)
SILENT = replace(NIGHT, root=replace(ROOT, state="not answering"))
NO_ANSWER = replace(
    SEEN,
    document=SILENT,
    now=SEEN.now + 192,
    is_live=False,
    problem="root (pid 4711) has said nothing for 192 s",
)
NEWER = replace(SEEN, document=replace(NIGHT, schema_version=2))
BROKEN = prd("PRD-005", "interrupted", story("US-1", "done"), story("US-2", "waiting"))
LOST = replace(
    LOGIN,
    state="failed",
    reasons=("US-011: 3 attempts failed",),
    runtime_s=2723.0,
    stories=(*LOGIN.stories[:8], *LOGIN.stories[10:]),
)
HELPED = ("?", Key.DOWN, Key.DOWN, Key.DOWN)
TO_PAYMENT = ("j", " ", *"jjjj")

CASES: dict[str, tuple[Seen, tuple[int, int], tuple[Press, ...]]] = {
    "night-80x24": (SEEN, (80, 24), ()),
    "night-40x20": (SEEN, (40, 20), ()),
    "night-60x5": (SEEN, (60, 5), ()),
    "night-200x40": (SEEN, (200, 40), ("n",)),
    "night-100x50-unfolded": (SEEN, (100, 50), ("z", *"jjjj")),
    "at-work-120x30": (SEEN, (120, 30), (Key.TAB, "j")),
    "many-80x24": (many(50, 40), (80, 24), ("z", Key.END)),
    "filtered-80x24": (SEEN, (80, 24), ("/", *"reset", Key.ENTER, "j")),
    "filtering-80x24": (SEEN, (80, 24), ("/", *"invoice")),
    "question-80x24": (SEEN, (80, 24), ("s",)),
    "question-40x12": (SEEN, (40, 12), ("S",)),
    "rejecting-80x24": (SEEN, (80, 24), (*TO_PAYMENT, "x", *"the totals are wrong")),
    "help-80x24": (SEEN, (80, 24), HELPED),
    "log-80x24": (replace(SEEN, page=LOG), (80, 24), ("z", *"jjjjjjjjj", "l")),
    "log-scrolled-40x12": (
        replace(SEEN, page=LOG),
        (40, 12),
        ("z", *"jjjjjjjjj", "l", "g", Key.PAGE_DOWN),
    ),
    "diff-80x24": (replace(SEEN, page=DIFF), (80, 10), ("z", *"jjjjjjjjj", "d")),
    "no-answer-80x24": (NO_ANSWER, (80, 24), ()),
    "newer-80x24": (NEWER, (80, 24), ()),
    "ended-well-80x24": (gone(SEARCH), (80, 24), ()),
    "ended-badly-80x24": (gone(LOST, SEARCH), (80, 24), ("n",)),
    "broken-off-80x24": (gone(BROKEN, MAIL), (80, 24), ()),
    "nothing-yet-60x10": (gone(), (60, 10), ()),
    "all-is-well-80x24": (WELL, (80, 24), ()),
    "answer-80x24": (replace(SEEN, answer=Answer(text="held: PRD-001")), (80, 24), ()),
}
TONED = {"night-80x24", "diff-80x24", "question-80x24"}


@pytest.mark.parametrize("name", CASES)
def test_a_screen_looks_as_it_did(name: str) -> None:
    seen, (columns, rows), keys = CASES[name]
    viewer = Viewer(seen, Size(columns=columns, rows=rows)).press(*keys)
    compare(name, viewer, columns, has_tones=name in TONED)


def test_a_terminal_that_knows_ascii_alone_is_told_the_same() -> None:
    viewer = Viewer(style=Style(has_colour=False, is_ascii=True)).press("z", *"jjj")
    assert viewer.text.isascii()
    compare("ascii-80x24", viewer, 80, has_tones=False)


def compare(name: str, viewer: Viewer, columns: int, *, has_tones: bool) -> None:
    path = SCREENS / f"{name}.txt"
    found = "".join(line + "\n" for row in viewer.rows for line in drawn(row, columns, has_tones))
    if os.environ.get("WRITE_SCREENS"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def drawn(row: Row, columns: int, has_tones: bool) -> list[str]:  # noqa: FBT001
    text = "".join(span.text for span in row)
    lines = ["|" + text + " " * (columns - wcswidth(text)) + "|"]
    if has_tones:
        tones = "".join(LETTERS[span.tone] * wcswidth(span.text) for span in row)
        lines.append(" " + tones.rstrip())
    return lines


def test_no_expected_screen_is_left_over() -> None:
    assert {path.stem for path in SCREENS.glob("*.txt")} == {*CASES, "ascii-80x24"}
