from __future__ import annotations

from typing import Any

from prd_supervise.supervisor.prd.documents.markdown_document import MarkdownDocument
from prd_supervise.supervisor.prd.forms.recognise import recognise
from prd_supervise.supervisor.prd.members.fields import Findings

TEXT = """# Shop

Some words, and a box that is none: [ ] here, `- [ ] there`.

```
- [ ] an example
```

## Setup

- [ ] Make the project
  - [ ] with a licence
  - [x] and a readme
- [x] Choose a name
- a note

## Tasks

1. [ ] **T-7**: Log in
   More of it.

   - Files: `src/login.py`
   - Depends on: T-8
* [ ] T-8: Log out
* [ ]

> - [ ] quoted

- Later:
  - [ ] Sell
"""


def stories(text: str) -> list[dict[str, Any]]:
    value = MarkdownDocument(text).value
    assert isinstance(value, dict)
    found: list[dict[str, Any]] = value.get("userStories", [])
    return found


def test_each_outermost_box_is_a_story() -> None:
    found = stories(TEXT)
    assert [(story.get("id"), story["title"], story["passes"]) for story in found] == [
        (None, "Make the project", False),
        (None, "Choose a name", True),
        ("T-7", "Log in More of it.", False),
        ("T-8", "Log out", False),
        (None, "Sell", False),
    ]


def test_what_stands_below_a_box_belongs_to_it() -> None:
    first, _, third, *_ = stories(TEXT)
    assert first["acceptanceCriteria"] == ["with a licence", "and a readme"]
    assert third["targetFiles"] == ["src/login.py"]
    assert third["dependsOn"] == ["T-8"]


def test_headings_give_the_group_of_boxes() -> None:
    assert [story.get("group", "") for story in stories(TEXT)] == ["Setup", "Setup", "", "", ""]


def test_a_long_text_is_kept_as_the_description() -> None:
    text = "word " * 60
    (story,) = stories(f"- [ ] {text}\n")
    assert story["description"] == text.strip()


def test_a_plain_list_is_told_from_a_prd() -> None:
    def is_plain(text: str) -> list[bool]:
        document = MarkdownDocument(text)
        drafts = recognise(document.value, Findings(path="", document=document))
        return [draft.is_plain_list for draft in drafts]

    assert is_plain(TEXT) == [True]
    assert is_plain("### US-1: One\n- [ ] a\n") == [False]
    assert is_plain("# Prose\n") == []


def test_boxes_beside_stories_are_none() -> None:
    text = "### US-1: One\n- [ ] a\n\n## Checklist\n- [ ] read it\n"
    assert [story.get("id") for story in stories(text)] == ["US-1"]


def test_a_list_that_another_tool_numbers_keeps_its_ids() -> None:
    found = stories("- [ ] T001 [P] Make it\n- [ ] V-001 to V-008 are done\n")
    assert [(story.get("id"), story["title"]) for story in found] == [
        ("T001", "[P] Make it"),
        (None, "V-001 to V-008 are done"),
    ]
