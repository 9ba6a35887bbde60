from __future__ import annotations

from typing import Any

import pytest

from prd_supervise.supervisor.prd.documents.markdown_document import MarkdownDocument


def value(text: str) -> dict[str, Any]:
    found = MarkdownDocument(text).value
    assert isinstance(found, dict)
    return found


def story(body: str) -> dict[str, Any]:
    found: dict[str, Any] = value(f"# P\n\n### US-1: One\n{body}\n\n### US-2: Two\n")[
        "userStories"
    ][0]
    return found


@pytest.mark.parametrize(
    "line",
    [
        "**Priority:** high",
        "**Priority**: high",
        "**priority** : high",
        "__Priority:__ high",
        "*Priority:* high",
        "Priority: high",
        "- **Priority:** high",
        "- Priority: high",
        "**Priority:** `high`",
        "**Priority:** \U0001f534 High (must have)",
        "**Prioridade:** high",
        "**Prioridad**: high",
        "#### Priority\n\nhigh",
        "**Status:** todo | **Priority:** high",
    ],
)
def test_a_label_is_found_however_it_is_marked(line: str) -> None:
    assert story(line)["priority"].casefold() == "high"


@pytest.mark.parametrize(
    ("line", "key", "expected"),
    [
        ("**Agent:** codex", "agent", "codex"),
        ("**Assigned Agent:** codex", "agent", "codex"),
        ("**Model:** opus", "model", "opus"),
        ("**Depends on:** US-2", "dependsOn", ["US-2"]),
        ("**Blocked by:** us-2, PRD-9/US-4", "dependsOn", ["US-2", "PRD-9/US-4"]),
        ("**Dependencies**:\n- US-2 (it has the table)\n- US-9", "dependsOn", ["US-2", "US-9"]),
        ("**Depend\u00eancias:** US-2", "dependsOn", ["US-2"]),
        ("**Mutex:** db, port", "mutex", ["db", "port"]),
        ("**No code:** yes", "noCode", True),
        ("**noCode:** no", "noCode", False),
        ("**Files:** src/a.py, docs/**", "targetFiles", ["src/a.py", "docs/**"]),
        ("**File Scope:**\n- `src/a.py` - new\n- `b/*.ts`", "targetFiles", ["src/a.py", "b/*.ts"]),
        ("**Arquivos:** `a.py` e `b.py`", "targetFiles", ["a.py", "b.py"]),
        ("**Verify:** `make test`", "verify", ["make test"]),
        ("**Verify:**\n- `make test` with `CI=1`\n- `lint`", "verify", ["make test", "lint"]),
        ("**Test command:**\n```sh\n# all\n$ make test\nmake lint\n```", "verify",
         ["make test", "make lint"]),
        ("**Status:** \u2705 Complete", "status", "Complete"),
        ("**Status:** done - merged yesterday", "status", "done"),
        ("**Estado:** pendiente", "status", "todo"),
    ],
)  # fmt: skip
def test_each_label_has_its_meaning(line: str, key: str, expected: object) -> None:
    assert story(line)[key] == expected


@pytest.mark.parametrize("line", ["none", "None", "-", "N/A", "none (first)", "Nenhuma", "Ninguna"])
def test_no_dependency_has_many_words(line: str) -> None:
    assert "dependsOn" not in story(f"**Dependencies:** {line}")


def test_a_dependency_that_names_no_story_is_told() -> None:
    document = MarkdownDocument("### US-1: One\n**Dependencies:** the new database\n")
    (remark,) = document.remarks
    assert "the new database" in remark.message
    assert (remark.place.line, remark.is_error) == (2, False)


def test_prose_names_no_dependency() -> None:
    assert "dependsOn" not in story("This depends on US-2. It comes after US-2.\n\nDepends on US-2")


@pytest.mark.parametrize(
    "label",
    [
        "**Acceptance Criteria:**",
        "**Acceptance criteria**",
        "Acceptance Criteria:",
        "#### Acceptance Criteria",
        "**Crit\u00e9rios de Aceita\u00e7\u00e3o:**",
        "**Criterios de aceptaci\u00f3n**:",
        "**Definition of Done:**",
    ],
)
def test_criteria_are_the_items_below_their_label(label: str) -> None:
    found = story(f"Text.\n\n{label}\n- [ ] one\n* [x] two\n\n**Notes:**\n- none of them")
    assert found["acceptanceCriteria"] == ["one", "two"]
    assert found["description"] == "Text.\n\n**Notes:**\n- none of them"


def test_nested_items_join_their_criterion() -> None:
    found = story(
        "**Acceptance Criteria:**\n1. all of:\n   - a\n   - b\n2. and\n   more\n   - c\n"
        "3. code:\n   ```py\n   x = 1\n   ```\n"
    )
    assert found["acceptanceCriteria"] == [
        "all of: a; b",
        "and more; c",
        "code:\n```py\nx = 1\n```",
    ]


def test_a_line_that_divides_the_list_does_not_end_it() -> None:
    found = story("**Acceptance Criteria:**\n\nBackend:\n\n- a\n\n*Frontend:*\n\n- b\n")
    assert found["acceptanceCriteria"] == ["a", "b"]


def test_a_bullet_of_a_criteria_list_is_no_label() -> None:
    found = story("**Acceptance Criteria:**\n- Priority: is shown\n- **Status:** is kept\n")
    assert found["acceptanceCriteria"] == ["Priority: is shown", "**Status:** is kept"]
    assert "priority" not in found
    assert "status" not in found


def test_without_a_label_the_boxes_are_the_criteria() -> None:
    found = story("Do it.\n\n- [ ] one\n  - [ ] deeper\n- [x] two\n- a note\n")
    assert found["acceptanceCriteria"] == ["one; deeper", "two"]
    assert found["description"].startswith("Do it.")


def test_the_users_sentence_and_unknown_labels_are_description() -> None:
    body = (
        "**As a** user\n**I want** to log in\n**So that** I am known\n\n"
        "**Technical Notes:**\n```py\nx = 1\n```\n\n<!-- hidden -->\n\n**Description:** More."
    )
    assert story(body)["description"] == (
        "**As a** user\n**I want** to log in\n**So that** I am known\n\n"
        "**Technical Notes:**\n```py\nx = 1\n```\n\nMore."
    )


def test_a_short_value_ends_with_its_line() -> None:
    found = story("**Agent:** codex\nSome prose.\n- an item")
    assert found["agent"] == "codex"
    assert found["description"] == "Some prose.\n- an item"


def test_verify_without_code_is_told() -> None:
    document = MarkdownDocument("### US-1: One\n**Verify:** look at the page\n")
    assert [remark.place.line for remark in document.remarks] == [2]


def test_the_prd_is_described_by_its_head() -> None:
    found = value(
        "# PRD: Till\n\n**Branch:** `feature/till`\n**Project:** Shop\n\nPreamble.\n\n"
        "## Overview\n\nA till.\n\n## Quality Gates\n\nThese pass:\n- `make test` - all\n"
        "- `make lint`\n\n## User Stories\n\n### US-1: One\n"
    )
    assert found["title"] == "Till"
    assert found["branchName"] == "feature/till"
    assert found["project"] == "Shop"
    assert found["description"] == "A till."
    assert found["verify"] == ["make test", "make lint"]


def test_gates_may_stand_behind_the_stories() -> None:
    found = value("### US-1: One\n\n## Quality Gates\n- `make test`\n")
    assert found["verify"] == ["make test"]
    assert "acceptanceCriteria" not in found["userStories"][0]


def test_a_label_right_below_a_list_is_not_of_its_last_item() -> None:
    text = "### US-2: B\n**Acceptance Criteria:**\n- [ ] one\n- [ ] two\nwords\n"
    value = MarkdownDocument(f"{text}**Depends on:** US-1\n**Files**: `a.py`\n### US-1: A\n").value
    assert isinstance(value, dict)
    story = value["userStories"][0]
    assert story["acceptanceCriteria"] == ["one", "two words"]
    assert (story["dependsOn"], story["targetFiles"]) == (["US-1"], ["a.py"])


def test_a_label_that_is_indented_is_of_its_item() -> None:
    value = MarkdownDocument("### US-1: A\n- [ ] one\n  **Note:** two\n").value
    assert isinstance(value, dict)
    assert value["userStories"][0]["acceptanceCriteria"] == ["one **Note:** two"]
