from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.documents.document import UnreadableError
from prd_supervise.supervisor.prd.documents.markdown.blocks import LINES_MAX
from prd_supervise.supervisor.prd.documents.markdown_document import MarkdownDocument

LINES = st.sampled_from(
    [
        "# T", "## Execution Order", "### Phase 1 (Parallel)", "### US-1: a", "### [ ] 2. b",
        "- [ ] c", "  - [x] d", "> q", "```", "~~~", "<!--", "-->", "---", "**Status:** done",
        "- Story #1 - depends on Story 2", "**Depends on:** 1-3, US-1 to US-9", "\t- x", "1. [ ] y",
        "**Acceptance Criteria:**", "**:**", "****", "[x]", "- [ ]", "Files: a.py", "### ", "#",
        "\0", "- **Priority:**", "**Verify:** `", "~~x~~", "#### Files", "\u2028", "\x0c", "-", "",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(LINES, max_size=30), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_mixture_of_lines_is_read(lines: list[str], newline: str) -> None:
    check(newline.join(lines))


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("#*_`~[]()<>!-+:|.>x1 US-\t\n\r\0\u00e9\u2028\U0001f600")))
def test_any_text_is_read(text: str) -> None:
    check(text)


def check(text: str) -> None:
    document = MarkdownDocument(text)
    assert isinstance(document.value, dict)
    count = text.count("\n") + text.count("\r") + 1
    for at, story in enumerate(document.value.get("userStories", [])):
        for key in story:
            place = document.place(("userStories", at, key))
            assert 1 <= place.line <= count
        edit = document.put(("userStories", at, "passes"), value=True)
        assert edit is not None
        assert len(edit.apply(text)) - len(text) in {0, len("[x] ")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stories", "### US-{}: T\n**Priority:** 1\n\n- [ ] a\n\n" * 1_000),
        ("quotes in quotes", ">" * 30_000),
        ("lists in lists", "- " * 50_000),
        ("deeper and deeper", "\n".join("  " * at + "- [ ] a" for at in range(1_000))),
        ("one long line", "### US-1: " + "a" * 300_000),
        ("one long label", "### US-1: a\n**" + "a" * 500_000),
        ("one long range", "### US-1: a\n**Depends on:** " + "US-1 - " * 50_000),
        ("parentheses", "### US-1: a\n**Depends on:** " + "(" * 300_000),
        (
            "underscores",
            "### US-1: a" + "_" * 300_000 + "b\n**Agent:** a" + "_" * 300_000 + "b",
        ),
        ("stars", "### " + "*" * 300_000),
        ("brackets", "### US-1: a\n**Agent:** " + "[" * 300_000),
        ("backticks", "### US-1: a\n**Files:** " + "`" * 300_000),
        ("separators", "### US-1: a\n**Status:** a" + " | **" * 50_000),
        ("blanks", "### US-1: a\n**Status:** a" + " " * 500_000 + "b"),
        ("arrows", "### US-1: a\n## Execution Order\n- US-1" + " ->" * 50_000),
        ("commas", "### US-1: a\n**Files:** " + "a.py," * 30_000),
        ("symbols", "### " + "\u2600" * 300_000),
        ("nested marks", "### " + "**" * 30_000 + "a" + "**" * 30_000),
        ("one long paragraph", "### US-1: a\n" + "words\n" * 8_000),
        ("one long criterion", "### US-1: a\n- [ ] b\n" + "  words\n" * 8_000),
        ("parts of one criterion", "### US-1: a\n- [ ] b\n" + "  - [ ] c\n" * 4_000),
        (
            "epics in epics",
            "".join(f"{'#' * (at % 6 + 1)} Story {at}: a\n" for at in range(4_000)),
        ),
        ("orders", "### US-1: a\n\n" + "## Execution Order\n- US-1\n\n" * 1_500),
        ("numbers", "### 1. a\n**Agent:** x\n\n" * 1_500),
        ("open comment", "### US-1: a\n<!--" + "<!--\n" * 50_000),
    ],
    ids=lambda value: value if len(value) < 30 else "",
)
@pytest.mark.timeout(60)  # each of them took minutes where something was quadratic
def test_hostile_texts_are_read_to_the_end(name: str, text: str) -> None:
    del name
    document = MarkdownDocument(text)
    assert isinstance(document.value, dict)
    assert document.place(("userStories", 0)).line >= 1


def test_more_lines_than_any_prd_has_are_refused() -> None:
    with pytest.raises(UnreadableError, match="lines"):
        MarkdownDocument("\n" * LINES_MAX)
