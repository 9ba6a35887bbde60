from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.documents.markdown_document import MarkdownDocument
from prd_supervise.supervisor.prd.mark import mark_done


def stories(text: str) -> list[dict[str, Any]]:
    value = MarkdownDocument(text).value
    assert isinstance(value, dict)
    found: list[dict[str, Any]] = value.get("userStories", [])
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("### US-001: Title\n", "### [x] US-001: Title\n"),
        ("### [ ] US-001: Title\n", "### [x] US-001: Title\n"),
        ("###   **US-001**: Title  ##\n", "###   [x] **US-001**: Title  ##\n"),
        ("US-001: Title\n---\n", "[x] US-001: Title\n---\n"),
        ("### US-001: T\n**Status:** todo\n", "### US-001: T\n**Status:** done\n"),
        ("### US-001: T\n- **Status**: Todo  \n", "### US-001: T\n- **Status**: Done  \n"),
        ("### US-001: T\nSTATUS: OPEN\n", "### US-001: T\nSTATUS: DONE\n"),
        (
            "### US-001: T\n**Status:** \u23f3 In progress (since May) | **Priority:** 1\n",
            "### US-001: T\n**Status:** Done | **Priority:** 1\n",
        ),
        ("### US-001: T\n**Status:** pendente\n", "### US-001: T\n**Status:** conclu\u00eddo\n"),
        ("### US-001: T\n**Estado:** Pendiente\n", "### US-001: T\n**Estado:** Hecho\n"),
        ("### US-001: T\n- [x] a\n- [ ] b\n", "### [x] US-001: T\n- [x] a\n- [ ] b\n"),
        ("### [ ] US-001: T\n**Status:** todo\n", "### [x] US-001: T\n**Status:** todo\n"),
    ],
)
def test_only_the_storys_own_mark_is_made(before: str, after: str) -> None:
    around = "# PRD\t\r\n\r\n{}\r\n### US-002: Next  \r\n\ttail \u00e9\n\n"
    for mark in (b"", b"\xef\xbb\xbf"):
        data = mark + around.format(before).encode()
        marked = mark_done(data, "US-001")
        assert marked == mark + around.format(after).encode()
        assert mark_done(marked, "US-001") is None


def test_a_list_of_boxes_right_below_the_title_is_marked_box_by_box() -> None:
    data = b"# Todo\r\n\r\nSoon.\r\n- [ ] B-1: Milk\r\n* [ ] B-2: Bread\r\n"
    for story_id in ("B-2", "B-1"):
        data = mark_done(data, story_id) or b""
    assert data == b"# Todo\r\n\r\nSoon.\r\n- [x] B-1: Milk\r\n* [x] B-2: Bread\r\n"


def test_the_boxes_that_are_stories_are_no_description_of_the_prd() -> None:
    document = MarkdownDocument("# Todo\n\nSoon.\n\n- [ ] Milk\n")
    assert isinstance(document.value, dict)
    assert document.value["description"] == "Soon."


def test_what_is_done_is_not_marked_again() -> None:
    for text in (
        "### [X] US-001: T\n",
        "### US-001: T\n- [x] a\n- [X] b\n",
        "### US-001: T\n**Status:** done\n- [ ] a\n",
        "### US-001: T\n**Status:** \u2705 Done (May)\n",
    ):
        assert mark_done(text.encode(), "US-001") is None
    assert mark_done(b"# Prose\n", "US-001") is None


def test_what_is_cancelled_is_never_marked() -> None:
    assert mark_done(b"### [-] US-001: T\n", "US-001") is None
    assert mark_done(b"### ~~US-001: T~~\n", "US-001") is None


@pytest.mark.parametrize(
    ("body", "is_done"),
    [
        ("### [x] US-1: T\n- [ ] a\n", True),
        ("### [ ] US-1: T\n- [x] a\n", False),
        ("### US-1: T\n- [x] a\n", True),
        ("### US-1: T\n- [x] a\n  - [ ] b\n", False),
        ("### US-1: T\nprose\n", False),
    ],
)
def test_the_headings_box_decides_before_the_boxes_below(body: str, *, is_done: bool) -> None:
    assert stories(body)[0]["passes"] is is_done


def test_a_status_decides_before_the_boxes() -> None:
    (story,) = stories("### US-1: T\n**Status:** in-progress\n- [x] a\n")
    assert story["status"] == "in-progress"
    assert "passes" not in story


def test_what_is_struck_through_is_cancelled() -> None:
    for heading in ("~~US-1: T~~", "[ ] ~~US-1: T~~", "~~US-1~~: T", "[-] US-1: T"):
        (story,) = stories(f"### {heading}\n")
        assert (story["id"], story["passes"], story["status"]) == ("US-1", False, "cancelled")
    assert "status" not in stories("### [x] ~~US-1: T~~\n")[0]


def test_a_number_does_not_stop_to_be_a_story_when_it_is_marked() -> None:
    text = "".join(f"### {at}. T\n**Agent:** x\n\n" for at in (1, 2, 3)).encode()
    for name in ("2", "1", "3"):
        marked = mark_done(text, name)
        assert marked is not None
        text = marked
    assert text.decode().count("### [x] ") == 3


def test_a_box_of_a_list_is_ticked_alone() -> None:
    text = "# List\r\n* [ ] one\r\n   - [ ] part\r\n1. [ ]\ttwo  \r\n"
    document = MarkdownDocument(text)
    first = document.put(("userStories", 0, "passes"), value=True)
    second = document.put(("userStories", 1, "passes"), value=True)
    assert first is not None
    assert second is not None
    assert first.apply(text) == text.replace("* [ ] one", "* [x] one")
    assert second.apply(text) == text.replace("1. [ ]\ttwo", "1. [x]\ttwo")


def test_nothing_else_can_be_put() -> None:
    document = MarkdownDocument("### US-1: T\n")
    assert document.put(("userStories", 0, "title"), value="x") is None
    assert document.put(("userStories", 0, "passes"), value=False) is None
    assert document.put(("userStories", 0, "status"), value="done") is None
    assert document.put(("userStories", 5, "passes"), value=True) is None
    assert document.put(("userStories",), value=True) is None


HEADS = st.sampled_from(
    [
        "### US-{}: T",
        "### [ ] US-{}: T",
        "## US-{} \u2014 **T**",
        "#### `US-{}` T ##",
        "US-{}: T\n===",
    ]
)
BODIES = st.lists(
    st.sampled_from(
        ["**Status:** todo", "Text.", "- [ ] a", "- [x] b", "- **Priority:** 1",
         "```\n### US-1\n```", "**Acceptance Criteria:**", "> - [ ] c", "", "<!-- x -->",
         "  - [ ] d", "---", "#### Notes", "**Depends on:** US-1", "\t", "**Description:** x"]
    ),
    max_size=8,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(HEADS, BODIES), min_size=1, max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(0, 3),
)
def test_marking_changes_the_mark_and_nothing_else(
    parts: list[tuple[str, list[str]]], newline: str, which: int
) -> None:
    text = "\n".join(
        "\n".join([head.format(at), *body, ""]) for at, (head, body) in enumerate(parts)
    ).replace("\n", newline)
    before = stories(text)
    if not before:
        return
    at = which % len(before)
    marked = mark_done(text.encode(), before[at]["id"])
    if marked is None:
        return
    after = stories(marked.decode())
    assert len(marked) - len(text.encode()) <= len("[x] ")
    assert [each["id"] for each in after] == [each["id"] for each in before]
    flags = {"passes", "status"}
    for number, (then, now) in enumerate(zip(before, after, strict=True)):
        changed = {key for key in {*then, *now} if then.get(key) != now.get(key)}
        assert changed <= (flags if number == at else set())
    assert after[at].get("passes") is True or after[at].get("status") == "done"
