from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from prd_supervise.supervisor.prd.documents.markdown_document import MarkdownDocument
from prd_supervise.supervisor.prd.read import read_file

CRITERIA = "\n**Acceptance Criteria:**\n- it works\n"


def stories(text: str) -> list[dict[str, Any]]:
    value = MarkdownDocument(text).value
    assert isinstance(value, dict)
    found: list[dict[str, Any]] = value.get("userStories", [])
    return found


def ids(text: str) -> list[str]:
    return [story.get("id", "") for story in stories(text)]


@pytest.mark.parametrize(
    ("heading", "story_id", "title"),
    [
        ("### US-001: Log in", "US-001", "Log in"),
        ("#### US-001: Log in", "US-001", "Log in"),
        ("## US-001: Log in", "US-001", "Log in"),
        ("### [x] US-001: Log in", "US-001", "Log in"),
        ("### [ ] US-1.1: Log in", "US-1.1", "Log in"),
        ("### US-AUTH-001 - Log in", "US-AUTH-001", "Log in"),
        ("### US-001 \u2014 Log in", "US-001", "Log in"),
        ("### US-001 \u2013 Log in", "US-001", "Log in"),
        ("### US-001 Log in", "US-001", "Log in"),
        ("### US-001. Log in", "US-001", "Log in"),
        ("### US1: Log in", "US1", "Log in"),
        ("### US-009a: Log in", "US-009a", "Log in"),
        ("### `US-001`: Log in with `pam`", "US-001", "Log in with `pam`"),
        ("### [US-001] Log in", "US-001", "Log in"),
        ("### **US-001**: Log in", "US-001", "Log in"),
        ("### **US-001: Log in**", "US-001", "Log in"),
        ("### \U0001f512 US-001: Log in", "US-001", "Log in"),
        ("### US-001: Log in ###", "US-001", "Log in"),
        ("### STORY-001: Log in", "STORY-001", "Log in"),
        ("### story-3: Log in", "story-3", "Log in"),
        ("### Story 1.2: Log in", "1.2", "Log in"),
        ("#### Story 1.2: Log in", "1.2", "Log in"),
        ("### Story-1.2: Log in", "1.2", "Log in"),
        ("### Story #3 - Log in", "3", "Log in"),
        ("### Story 12-Fix-2.1: Log in", "12-Fix-2.1", "Log in"),
        ("### User Story 4: Log in", "4", "Log in"),
        ("### User Story US-004: Log in", "US-004", "Log in"),
        ("### Task 3: Log in", "3", "Log in"),
        ("### Hist\u00f3ria 4.1: Entrar", "4.1", "Entrar"),
        ("### Historia de Usuario 2: Entrar", "2", "Entrar"),
        ("US-001: Log in\n---", "US-001", "Log in"),
    ],
)
def test_a_heading_names_its_story(heading: str, story_id: str, title: str) -> None:
    found = stories(f"# PRD\n\n{heading}\n\nText.\n")
    assert [(story["id"], story["title"]) for story in found] == [(story_id, title)]


@pytest.mark.parametrize(
    ("heading", "story_id"),
    [("### 3. Log in", "3"), ("### 2.1 Log in", "2.1"), ("### BUG-7: Log in", "BUG-7")],
)
def test_some_headings_are_stories_only_with_the_terms_of_one(heading: str, story_id: str) -> None:
    assert ids(f"# PRD\n\n{heading}\n{CRITERIA}") == [story_id]
    assert ids(f"# PRD\n\n{heading}\n\nJust prose.\n") == []


def test_a_word_is_an_id_where_a_status_says_so() -> None:
    assert ids("# P\n\n### login-form: Log in\n\n**Status:** todo\n") == ["login-form"]
    assert ids("# P\n\n### Guide: Log in\n\nProse.\n") == []


def test_a_story_without_a_number_gets_no_id_here() -> None:
    found = stories("# P\n\n### Story: Log in\n\n### Story: Log out\n")
    assert [story["title"] for story in found] == ["Log in", "Log out"]
    assert all("id" not in story for story in found)


def test_a_heading_without_a_title_is_its_own() -> None:
    assert [story["title"] for story in stories("### US-1\n\n### Story 2\n**Title:** Two\n")] == [
        "US-1"
    ]
    assert [story["title"] for story in stories("### Story 2\n**Title:** Two\n")] == ["Two"]


def test_prose_has_no_stories() -> None:
    text = (
        "# Product\n\n## 1. Introduction\n\nAs a user I want much.\n\n## 2. Goals\n- speed\n\n"
        "### 2.1 More goals\n\n## 3. User Stories\n1. As a user, I want to log in\n\n"
        "### Phase 1: Begin\n- build it\n\n### Level 0 \u2014 none\n\n## 8. Acceptance Criteria\n"
    )
    assert stories(text) == []


def test_chapters_are_no_stories_because_one_of_them_looks_like_one() -> None:
    chapters = "".join(f"### {number}. Chapter\n\nProse.\n\n" for number in range(1, 8))
    assert ids(chapters + "### 8. Stories\n**Agent:** x\n") == []


@pytest.mark.parametrize(
    "hidden",
    [
        "```markdown\n### US-009: In code\n```",
        "~~~\n### US-009: In code\n~~~",
        "    ### US-009: In code",
        "<!--\n### US-009: In a comment\n-->",
        "> ### US-009: In a quote",
        "- a list\n\n  ### US-009: In a list",
    ],
)
def test_what_is_shown_or_hidden_is_no_story(hidden: str) -> None:
    assert ids(f"# P\n\n### US-001: One\n\n{hidden}\n\n### US-002: Two\n") == ["US-001", "US-002"]


def test_stories_in_code_alone_are_told_as_examples() -> None:
    document = MarkdownDocument("# Guide\n\n```\n### US-001: One\n```\n\n- [ ] read this\n")
    assert document.value == {}
    (remark,) = document.remarks
    assert remark.is_error
    assert remark.place.line == 4


def test_the_surest_names_decide_what_a_story_is() -> None:
    text = (
        "## User Stories\n\n### US-001: One\n\n#### Task 1: a part\n- [ ] x\n\n#### 1. Another\n\n"
        f"### BUG-4: Two\n{CRITERIA}\n## Plan\n\n### PR1: first\n\n### 2. Second\n"
    )
    assert ids(text) == ["US-001", "BUG-4"]


def test_an_epic_is_a_group_if_its_parts_have_the_criteria() -> None:
    text = f"## Story 1: Epic\n\nProse.\n\n### Story 1.1: Part\n{CRITERIA}\n### Story 1.2: Part\n"
    found = stories(text)
    assert [story["id"] for story in found] == ["1.1", "1.2"]
    assert [story["group"] for story in found] == ["Story 1: Epic"] * 2


def test_parts_of_a_story_with_criteria_belong_to_it() -> None:
    text = f"## Story 1: Whole\n{CRITERIA}\n### Task 1: Part\n- [ ] a\n\n## Story 2: Next\n"
    assert ids(text) == ["1", "2"]


def test_headings_give_the_group() -> None:
    text = (
        "# PRD\n\n## User Stories\n\n### US-1: a\n\n### Phase 2: Later\n\n### US-2: b\n\n"
        "## Backend\n\n### US-3: c\n\n## Tasks\n\n### US-4: d\n"
    )
    groups = [story.get("group", "") for story in stories(text)]
    assert groups == ["", "Phase 2: Later", "Backend", ""]


def test_everything_has_its_place() -> None:
    document = MarkdownDocument(
        "# P\r\n\r\n### [ ] US-001: One\r\n**Priority:** high\r\n"
        "**Depends on:** US-002\r\n**Acceptance Criteria:**\r\n- [ ] a\r\n- [ ] b\r\n"
    )
    story = ("userStories", 0)
    places = {
        (*story, "id"): (3, 5),
        (*story, "priority"): (4, 15),
        (*story, "dependsOn", 0): (5, 17),
        (*story, "acceptanceCriteria", 1): (8, 7),
        (*story, "unknown"): (3, 5),
        ("userStories", 7): (3, 5),
        ("title",): (1, 1),
        (): (1, 1),
    }
    for where, expected in places.items():
        place = document.place(where)
        assert (place.line, place.column) == expected, where


MIXED = """\
# P

## US-1: Prices
- [ ] a

### US-1.1: Tables
- [ ] e

### US-2: Cart
**Depends on:** US-1
- [ ] b

#### Story 4.1: Till
- [ ] c

### US-2.1: Coupons
- [ ] d
"""


def test_a_deeper_heading_of_the_same_series_is_a_story_and_another_is_told_of(
    tmp_path: Path,
) -> None:
    (tmp_path / "prd.md").write_text(MIXED)
    reading = read_file(tmp_path / "prd.md")
    stories = {each.story_id: each for each in reading.plans[0].stories}
    assert list(stories) == ["US-1", "US-2", "US-2.1"]
    assert stories["US-2"].depends_on == ("US-1",)
    assert stories["US-2"].criteria[0] == "b"
    told = "'4.1' is read as a part of the story 'US-2', for its heading is deeper; "
    told += "write it with 3 # if it is a story of its own"
    assert [(each.line, each.message) for each in reading.defects] == [(13, told)]
