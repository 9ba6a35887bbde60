"""Whatever comes from outside, a screen has its rows, none is too wide, none obeys a stranger."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth, wcwidth

from prd_supervise.policies.outcomes.failure import Failure
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.status.document import (
    AgentStatus,
    PrdStatus,
    Progress,
    RootStatus,
    StatusDocument,
    StoryStatus,
    UsageStatus,
)
from prd_supervise.supervisor.ui.dashboard.keys import Key
from prd_supervise.supervisor.ui.dashboard.seen import Answer, Page, PageKind, Seen
from prd_supervise.supervisor.ui.looks.rows import Size, Style
from tests.support.dashboard_night import NOW, Viewer

NASTY = st.sampled_from(
    [
        "\x1b[2J\x1b]0;owned\x07",
        "日本語のタイトル",
        "👨‍👩‍👧‍👦❤️🏳️‍🌈🇩🇪🇫🇷👍🏽1️⃣",
        "e\u0301" * 5 + "\u0301" * 50,
        "שלום עולם \u202eevil\u2066",
        "\u200b\u200d\ufeff\u00ad",
        "a\nb\r\tc\x7f\x9b31m",
        "ﷺ𒐫꧅",
        "x" * 5000,
        "\u0301" * 5000,
        "\ud800",
        "",
    ]
)
TEXT = st.one_of(st.text(max_size=30), NASTY, st.builds(str.__add__, NASTY, NASTY))
STATES = st.sampled_from(
    ["done", "running", "failed", "skipped", "waiting", "queued", "held", "backing off", "odd"]
)
NUMBERS = st.one_of(st.integers(-10, 10**12), st.floats(-1e9, 1e12))
STORIES = st.builds(
    StoryStatus,
    id=TEXT,
    title=TEXT,
    state=STATES,
    attempt=st.integers(0, 10**6),
    attempt_since=st.one_of(st.none(), NUMBERS),
    reason=st.one_of(st.none(), TEXT),
    agent=st.one_of(st.none(), TEXT),
    failure=st.one_of(st.none(), st.builds(Failure, type=TEXT, message=TEXT)),
    held=st.booleans(),
    awaits=st.sampled_from([None, None, "merge"]),
    usage=st.one_of(
        st.none(),
        st.builds(
            UsageStatus,
            memory_bytes=st.integers(0, 1 << 50),
            cpu_percent=st.floats(0, 1e5),
            processes=st.integers(0, 9999),
        ),
    ),
)
PRDS = st.builds(
    PrdStatus,
    id=TEXT,
    title=TEXT,
    path=TEXT,
    state=st.sampled_from(["active", "queued", "completed", "failed", "stopped", "odd"]),
    progress=st.builds(Progress, completed=st.integers(0, 99), total=st.integers(0, 99)),
    reasons=st.lists(TEXT, max_size=2).map(tuple),
    started_at=st.one_of(st.none(), NUMBERS),
    note=TEXT,
    branch=TEXT,
    stories=st.lists(STORIES, max_size=4).map(tuple),
)
AGENTS = st.builds(
    AgentStatus,
    agent=TEXT,
    account=TEXT,
    state=st.sampled_from(["parked", "trial", "closed", "strained", "odd"]),
    why=st.one_of(st.none(), TEXT),
    reason=st.one_of(st.none(), TEXT),
    until=st.one_of(st.none(), st.floats(0, 4e9)),
    utilization=st.one_of(st.none(), st.floats(0, 2)),
)
EVENTS = st.dictionaries(
    st.sampled_from(["at", "event", "prd", "story", "text"]), st.one_of(TEXT, st.none(), NUMBERS)
)
DOCUMENTS = st.builds(
    StatusDocument,
    schema_version=st.sampled_from([1, 1, 99]),
    at=st.just(NOW),
    root=st.builds(RootStatus, pid=st.sampled_from([None, 7]), state=TEXT, note=TEXT),
    agents=st.lists(AGENTS, max_size=3).map(tuple),
    prds=st.lists(PRDS, max_size=4).map(tuple),
)
SEENS = st.builds(
    Seen,
    document=DOCUMENTS,
    now=st.just(NOW),
    is_live=st.booleans(),
    problem=TEXT,
    place=TEXT,
    events=st.lists(EVENTS, max_size=5).map(tuple),
    rest_s=st.just({"": 1e6}),
    answer=st.one_of(st.none(), st.builds(Answer, text=TEXT)),
)
SIZES = st.builds(Size, columns=st.integers(1, 220), rows=st.integers(1, 70))
STYLES = st.builds(Style, has_colour=st.booleans(), is_ascii=st.booleans())
KEYS = st.lists(
    st.one_of(st.sampled_from([*Key]), st.sampled_from("jkgGzns? /qhurRaxSlpdetofy\x1b日"), TEXT),
    max_size=12,
)
LINES = st.lists(TEXT, max_size=8).map(tuple)


@given(SEENS, SIZES, STYLES, KEYS, LINES)
def test_a_screen_has_its_rows_none_too_wide_and_nothing_that_a_terminal_obeys(
    seen: Seen, size: Size, style: Style, keys: list[str], lines: tuple[str, ...]
) -> None:
    names = [(prd.id, story.id) for prd in seen.document.prds for story in prd.stories]
    viewer = Viewer(replace(seen, last_lines=dict.fromkeys(names, "".join(lines))), size, style)
    viewer.press("z", *keys)
    opened = viewer.chosen.opened
    if opened is not None:
        page = Page(name=opened.name, kind=opened.kind, lines=lines, skipped=3)
        viewer.seen = replace(viewer.seen, page=page)
        viewer.press(Key.UP, Key.PAGE_DOWN)
    rows = viewer.rows
    assert len(rows) == size.rows
    for row in rows:
        text = "".join(span.text for span in row)
        assert sum(max(0, wcwidth(char)) for char in text) <= size.columns
        assert 0 <= wcswidth(text) <= size.columns
        assert text.isprintable()
        assert not any(unicodedata.category(char) == "Cf" for char in text)
        assert len(text) <= 3 * size.columns, "marks are bounded, too"
        assert text.isascii() or not style.is_ascii


@given(LINES, SIZES, st.sampled_from([*PageKind]), st.integers(0, 9))
def test_the_last_line_of_a_page_can_be_seen(
    lines: tuple[str, ...], size: Size, kind: PageKind, skipped: int
) -> None:
    prds = (
        PrdStatus(
            id="P", title="", path="", state="active", progress=Progress(completed=0, total=0)
        ),
    )
    viewer = Viewer(Seen(document=StatusDocument(prds=prds), now=NOW), size)
    viewer.press(
        {"log": "l", "prompt": "p", "diff": "d", "evidence": "e", "events": "t"}[kind.value]
    )
    marked = (*lines, "the~end")
    viewer.seen = replace(
        viewer.seen, page=Page(name=("P", ""), kind=kind, lines=marked, skipped=skipped)
    )
    if size.rows < 4 or size.columns < 8:
        return
    assert "the~end" in viewer.press("G").text
    viewer.press("g")
    assert viewer.chosen.opened is not None
    assert viewer.chosen.opened.top in {skipped, None}
