from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from prd_supervise.supervisor.ui.report.markdown import code, fenced, markdown, plain
from tests.support.report_night import HOSTILE, hostile, large, night

MARKDOWN = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table")
TAGS = re.compile(r"<(/?[a-zA-Z0-9]+)")


def test_a_night_can_be_pasted_into_a_pull_request() -> None:
    text = markdown(night())
    assert text.startswith("## 4 of 7 stories merged in 5 h 6 min; 1 failed, 1 skipped, 1 waits")
    assert "  * `prd-supervise approve pay/PAY-3`" in text
    assert (
        "| ✗ | PAY-1 | failed | 2h48m | 4 |  | &#43;2 &#126;1 .. | Cards are charged once |" in text
    )
    assert "```sh\ngit merge feature/shop\n```" in text
    html = MARKDOWN.render(text)
    assert html.count("<tr>") == 2 + 3 + 4
    assert "<td>+2 ~1 ..</td>" in html
    assert "verified in its own tree and merged by <code>make lint</code>" in html


def test_whoever_means_harm_is_only_quoted() -> None:
    html = MARKDOWN.render(markdown(hostile()))
    assert {*TAGS.findall(html)} <= {
        f"{slash}{tag}"
        for tag in (
            *("h2", "h3", "p", "ul", "li", "strong", "code", "pre", "table", "thead", "tbody"),
            *("tr", "th", "td", "details", "summary"),
        )
        for slash in ("", "/")
    }
    assert html.count("<table>") == 1
    assert html.count("<tr>") == 1 + len(HOSTILE)
    assert "&lt;script&gt;alert('x')&lt;/script&gt;" in html
    assert "\x1b" not in html


@pytest.mark.parametrize(
    "text", [*HOSTILE, "- a", "1. a", "+ a", "> a", "a\n\n# b", "``", "`", "|"]
)
def test_a_text_is_shown_as_it_is(text: str) -> None:
    (row,) = re.findall(r"<td>(.*?)</td>", MARKDOWN.render(f"|a|\n|-|\n|{plain(text)}|\n"))
    assert "<a " not in row
    assert "<img" not in row
    assert MARKDOWN.render(plain(text)).count("<p>") <= 1
    assert "@" not in plain(text)
    assert not re.search(r"(?<!&)#\d", plain(text))


@pytest.mark.parametrize("text", ["a", "`a`", "a``b`", "``", "a|b", ""])
def test_code_is_code_whatever_is_in_it(text: str) -> None:
    table = MARKDOWN.render(f"|a|\n|-|\n|{code(text)}|\n")
    (row,) = re.findall(r"<td><code>(.*?)</code></td>", table)
    assert row.strip() == text
    assert MARKDOWN.render(fenced(text)).startswith("<pre><code>")


def test_a_long_night_is_bounded() -> None:
    assert len(markdown(large())) < 1_000_000
    assert len(markdown(large(1, 2000))) < 100_000
