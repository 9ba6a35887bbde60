from __future__ import annotations

import pytest

from prd_supervise.supervisor.prd.documents.markdown_document import MarkdownDocument

STORY = "# Till\n\n### US-1: One\n"


def test_front_matter_speaks_of_the_prd() -> None:
    document = MarkdownDocument(
        "---\ntitle: Shop\r\nbranch: feature/shop\nverify:\n  - make test\nmade: 2025-01-02\n---\n"
        f"{STORY}"
    )
    assert isinstance(document.value, dict)
    told = {key: document.value[key] for key in ("title", "branchName", "verify", "made")}
    assert told == {
        "title": "Shop",
        "branchName": "feature/shop",
        "verify": ["make test"],
        "made": "2025-01-02",
    }
    assert document.place(("branchName",)).line == 3
    assert document.place(("userStories", 0)).line == 10
    assert document.remarks == ()
    edit = document.put(("userStories", 0, "passes"), value=True)
    assert edit is not None
    assert edit.apply(document.text) == document.text.replace("### US-1", "### [x] US-1")


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title: a\nbranch: [", 4),
        ("a: &x 1\nb: *x", 1),
        ("a: " + "[" * 5_000, 1),
        ("a: " + "x" * 30_000, 1),
        ("? [1]\n: 2", 2),
    ],
    ids=["broken", "alias", "deep", "long", "key"],
)
def test_front_matter_that_cannot_be_read_is_an_error_with_a_place(front: str, line: int) -> None:
    document = MarkdownDocument(f"---\n{front}\n---\n{STORY}")
    (remark,) = document.remarks
    assert remark.is_error
    assert remark.place.line >= 1
    assert remark.place.line <= line


def test_front_matter_of_prose_is_nobodys_business() -> None:
    assert MarkdownDocument("---\na: [\n---\n# Prose\n").remarks == ()


def test_a_line_of_dashes_is_no_front_matter() -> None:
    value = MarkdownDocument(f"---\n\n{STORY}").value
    assert isinstance(value, dict)
    assert [story["id"] for story in value["userStories"]] == ["US-1"]
