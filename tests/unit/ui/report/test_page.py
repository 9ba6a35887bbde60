from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.ui.report.attempts import End
from prd_supervise.supervisor.ui.report.css import CSS
from prd_supervise.supervisor.ui.report.elements import TEXT_MAX, add, element, lines, page_text
from prd_supervise.supervisor.ui.report.page import page
from prd_supervise.supervisor.ui.report.reading import Report
from tests.support.report_night import HOSTILE, hostile, large, night

EMPTY = {"meta"}


class Reader(HTMLParser):
    """Reads a page as a browser would, and notes what is in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.names: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One that begins."""
        self.tags.append(tag)
        self.names.update(name for name, _ in attrs)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """One that ends is the one that began last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """What is read."""
        self.texts.append(data)


def read(report: Report) -> Reader:
    found = Reader(page(report, zone_s=0.0))
    assert found.open == []
    return found


@pytest.mark.parametrize("report", [night(), hostile(), large(3, 5)])
def test_a_page_is_whole_and_asks_nobody_for_anything(report: Report) -> None:
    found = read(report)
    assert not {"script", "iframe", "img", "a", "link", "object", "embed"} & {*found.tags}
    assert not {"src", "href", "onclick", "onerror", "onload", "action"} & found.names
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_texts_of_others_are_texts() -> None:
    told = " ".join(read(hostile()).texts)
    for text in (HOSTILE[0], HOSTILE[1], HOSTILE[5]):
        assert text in told
    assert "[2J" in told
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e\ud800-\udfff]", told)
    page(hostile(), zone_s=0.0).encode()


def test_nothing_can_be_made_markup() -> None:
    evil = "</p><script>x</script><p a='"
    made = element("p", evil, element("b", evil, title=evil), evil, class_=evil)
    add(made, evil, None, lines("pre", f"{evil}\n{evil}"))
    found = Reader(page_text(evil, "p { color: red }", made))
    assert {*found.tags} == {"html", "head", "meta", "title", "style", "p", "b", "pre"}
    assert found.texts.count(evil) == 3  # the title, and the texts of two elements
    assert {evil * 2, f"{evil}\n{evil}"} < {*found.texts}


def test_a_text_has_a_bound() -> None:
    assert len(element("p", "x" * 100_000).text or "") < TEXT_MAX + 10
    assert len(lines("pre", "x\n" * 100_000).text or "") <= TEXT_MAX


def test_two_thousand_stories_have_a_page_of_a_few_megabytes() -> None:
    text = page(large(), zone_s=0.0)
    assert 1_000_000 < len(text) < 5_000_000
    # Of those that are done only a line is left; what failed is told in full.
    found = read(large())
    assert found.tags.count("summary") == 50 + 2000
    assert "FAILED tests/test_cart.py::test_total" in text


def test_a_report_of_nothing_is_a_page_too() -> None:
    nothing = replace(night(), prds=())
    assert "nothing to report" in " ".join(read(nothing).texts)


def test_the_legend_names_every_colour_of_a_bar() -> None:
    text = page(night(), zone_s=0.0)
    legend = text[text.index('class="legend"') :]
    for end in End:
        assert f'<i class="{end.value}"' in legend
        assert f".{end.value} {{ --full: " in CSS


def test_when_it_was_is_told_by_local_clocks() -> None:
    assert "Fri 20 Nov 2026, 23:10 to Sat 21 Nov 2026, 04:16" in page(night(), zone_s=3600.0)
