from __future__ import annotations

from pathlib import Path
from typing import Any

from prd_supervise.supervisor.prd.documents.markdown_document import MarkdownDocument
from prd_supervise.supervisor.prd.read import read_file

STORIES = "## User Stories\n\n" + "".join(
    f"### {number}. Story\n**Acceptance Criteria**:\n- works\n\n" for number in range(1, 7)
)


def stories(order: str) -> dict[str, dict[str, Any]]:
    found = MarkdownDocument(f"{STORIES}{order}").value
    assert isinstance(found, dict)
    return {story["id"]: story for story in found["userStories"]}


def needs(order: str) -> dict[str, list[str]]:
    return {name: story.get("dependsOn", []) for name, story in stories(order).items()}


def phases(order: str) -> list[int | None]:
    return [story.get("executionPhase") for story in stories(order).values()]


def remarks(order: str) -> list[str]:
    return [
        f"{remark.place.line}: {remark.message}"
        for remark in MarkdownDocument(f"{STORIES}{order}").remarks
    ]


PHASED = """## Execution Order

### Phase 1 (Parallel)
- Story #1 (agent: backend-developer)
- Story #2 (agent: frontend-developer) - the form

### Phase 2: Wiring (Sequential - one file)
Some words of prose.
- Story #3
- Story #4 (agent: x) - depends on Story #1
- Story #5

### Phase 3 (Single Story)
- Story #6 - depends on Stories #1-#3 and Story 5

---

## Notes
- Story #1 is mentioned here
"""


def test_phases_number_their_stories() -> None:
    assert phases(PHASED) == [1, 1, 2, 2, 2, 3]
    assert remarks(PHASED) == []


def test_in_a_sequential_phase_each_story_waits_for_the_one_before() -> None:
    found = needs(PHASED)
    assert found["1"] == found["2"] == found["3"] == []
    assert found["4"] == ["1", "3"]
    assert found["5"] == ["4"]
    assert found["6"] == ["1", "2", "3", "5"]


def test_the_order_names_agents() -> None:
    agents = [story.get("agent") for story in stories(PHASED).values()]
    assert agents == ["backend-developer", "frontend-developer", None, "x", None, None]


def test_a_phase_begins_when_the_one_before_is_done(tmp_path: Path) -> None:
    path = tmp_path / "user-stories.md"
    path.write_text(f"# Till\n\n{STORIES}{PHASED}", encoding="utf-8")
    reading = read_file(path)
    assert reading.defects == ()
    (plan,) = reading.plans
    assert plan.title == "Till"
    assert [story.story_id for story in plan.stories] == ["1", "2", "3", "4", "5", "6"]


def test_a_list_without_phases_is_read_as_it_is_written() -> None:
    assert needs("## Execution Order\n1. Story 2\n2. Story 1\n")["1"] == ["2"]
    loose = "## Execution Order\n- Story 2\n- Story 1 (depends on 3)\n"
    assert needs(loose)["1"] == ["3"]
    assert needs(loose)["2"] == []


def test_arrows_and_lists_of_stories_are_understood() -> None:
    lines = "- Story 1 \u2192 Story 2 \u2192 Story 3\n- Stories 4, 5\n"
    order = f"## Execution Order\n### Phase 1 (Parallel)\n{lines}"
    found = needs(order)
    assert (found["2"], found["3"], found["4"], found["5"]) == (["1"], ["2"], [], [])
    assert phases(order) == [1, 1, 1, 1, 1, None]


def test_phases_may_be_bold_lines_with_their_stories() -> None:
    order = (
        "## Execution Plan\n\n**Phase 1: Begin (Parallel)**\n\n**Stories:** Story 1, Story 2\n\n"
        "**Phase 2 (Sequential):**\n\n1. Story 3 - first\n2. Story-4: second\n"
    )
    assert phases(order) == [1, 1, 2, 2, None, None]
    assert needs(order)["4"] == ["3"]


def test_what_the_order_leaves_open_is_told() -> None:
    order = (
        "## Execution Order\n### Phase 1 (Parallel)\n- Story #1\n- Story #9\n- Story #1\n- deploy\n"
    )
    found = remarks(order)
    first = len(STORIES.splitlines()) + 3
    assert [line for line in found if "names no story" in line] == [
        f"{first + 1}: 'Story #9' names no story of this PRD; name one by its id",
        f"{first + 3}: 'deploy' names no story of this PRD; name one by its id",
    ]
    assert sum("twice" in line for line in found) == 1
    assert sum("does not stand in the execution order" in line for line in found) == 5


def test_notes_of_an_order_add_dependencies_but_no_phase() -> None:
    order = "## Execution Order\n### Dependencies\n- Story 2 depends on Story 1\n- see the wiki\n"
    assert needs(order)["2"] == ["1"]
    assert phases(order) == [None] * 6
    assert remarks(order) == []


def test_a_contradiction_is_a_cycle_with_a_place(tmp_path: Path) -> None:
    path = tmp_path / "user-stories.md"
    order = "## Execution Order\n- Story 1 - depends on Story 2\n- Story 2 - depends on Story 1\n"
    path.write_text(f"{STORIES}{order}", encoding="utf-8")
    errors = read_file(path).errors
    assert len(errors) == 1
    assert "wait for each other" in errors[0].message
    assert errors[0].line > len(STORIES.splitlines())
