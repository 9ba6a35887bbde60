from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.report.page import page
from prd_supervise.supervisor.ui.report.reading import Report
from tests.support.browser import Browser, browser, browser_path
from tests.support.e2e_repo import Repo, story, write
from tests.support.report_night import HOSTILE, hostile, large, night
from tests.support.tree import Tree

pytestmark = pytest.mark.skipif(not browser_path(), reason="no Chromium is installed here")

WIDTHS = (400, 1400)
SHOWN = "document.body.innerText"
OPEN = "document.querySelectorAll('details').forEach(each => each.open = true)"
SPILLS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


def assert_quiet(chromium: Browser, url: str) -> None:
    """Nobody was asked for anything, and nothing went wrong."""
    asked = [each["request"]["url"] for each in chromium.told("Network.requestWillBeSent")]
    assert [each for each in asked if each != url] == []
    assert chromium.told("Log.entryAdded") == []
    assert chromium.told("Runtime.consoleAPICalled") == []
    assert chromium.told("Runtime.exceptionThrown") == []


def look(chromium: Browser, path: Path, *, width: int, is_dark: bool = False) -> str:
    """Load a page and open all of it; nothing may be wider than the window. Give its text."""
    url = path.as_uri()
    chromium.load(url, width=width, is_dark=is_dark)
    assert chromium.value(SPILLS) is False, f"wider than {width}"
    chromium.value(OPEN)
    assert chromium.value(SPILLS) is False, f"opened, it is wider than {width}"
    assert_quiet(chromium, url)
    return str(chromium.value(SHOWN))


def written(tmp_path: Path, report: Report) -> Path:
    path = tmp_path / "report.html"
    path.write_text(page(report, zone_s=0.0), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", WIDTHS)
def test_a_night_can_be_read_on_a_phone_and_on_a_desk(
    chromium: Browser, tmp_path: Path, width: int
) -> None:
    text = look(chromium, written(tmp_path, night()), width=width)
    assert "4 of 7 stories merged in 5 h 6 min; 1 failed, 1 skipped, 1 waits for you" in text
    for title in ("Prices are shown", "Cards are charged once", "Receipts", "Refunds"):
        assert title in text
    assert "prd-supervise approve pay/PAY-3" in text
    assert "assert 3 == 4" in text
    assert "src/US-001.py" in text
    bars = "[...document.querySelectorAll('.bar')].filter(each => each.getBBox().width > 1).length"
    assert chromium.value(bars) == 10


@pytest.mark.parametrize("width", WIDTHS)
def test_whoever_means_harm_is_only_quoted(chromium: Browser, tmp_path: Path, width: int) -> None:
    text = look(chromium, written(tmp_path, hostile()), width=width)
    assert HOSTILE[0] in text
    assert HOSTILE[-1] in text
    made = "document.querySelectorAll('script, img, iframe, a, link, [onerror]').length"
    assert chromium.value(made) == 0
    assert chromium.value("document.title").startswith("prd-supervise: 0 of 6 stories")
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_by_night_it_is_dark(chromium: Browser, tmp_path: Path) -> None:
    path = written(tmp_path, night())
    seen = "getComputedStyle(document.body).backgroundColor"
    look(chromium, path, width=400)
    assert chromium.value(seen) == "rgb(255, 255, 255)"
    look(chromium, path, width=400, is_dark=True)
    assert chromium.value(seen) == "rgb(13, 17, 23)"


def test_two_thousand_stories_can_be_looked_at(chromium: Browser, tmp_path: Path) -> None:
    path = written(tmp_path, large())
    assert path.stat().st_size < 5_000_000
    chromium.load(path.as_uri(), width=400)
    assert chromium.value(SPILLS) is False
    assert "1800 of 2000 stories merged" in chromium.value("document.title")
    assert chromium.value("document.querySelectorAll('details.story').length") == 2000
    assert_quiet(chromium, path.as_uri())


def test_the_page_of_a_real_run(chromium: Browser, repo: Repo, tree: Tree) -> None:
    repo.prd(
        story("A", write("A.txt", "a\n"), title="<b>bold</b>]]>"),
        story("B", {"exit": 3}),
        story("C", dependsOn=["B"]),
    )
    repo.configure(restart={"max_attempts": 1})
    repo.commit()
    tree.begin().wait_exit(1)
    page = repo.path.parent / "night.html"
    told = tree.run("report", "--html", "-o", str(page), code=0).out
    assert told.strip() == page.as_uri()
    text = look(chromium, page, width=1400)
    assert "1 of 3 stories merged" in text
    assert "<b>bold</b>]]>" in text
    assert "prd-supervise resume ALPHA --retry" in text
    assert "A.txt" in text
    assert chromium.value("document.querySelectorAll('svg .bar').length") == 2
