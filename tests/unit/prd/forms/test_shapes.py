from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.mark import mark_done
from tests.support.prd_files import plan_of, read, remarks_of

STORY = {"id": "A-1", "title": "A cart", "steps": ["Open it"], "passes": False}


@pytest.mark.parametrize(
    "document",
    [
        {"userStories": [STORY]},
        {"user_stories": [STORY]},
        {"stories": [STORY]},
        {"tasks": [STORY]},
        {"items": [STORY]},
        {"features": [STORY]},
        [STORY],
        {"prd": {"userStories": [STORY]}},
        {"phases": [{"name": "One", "tasks": [STORY]}]},
        {"stages": [{"name": "One", "steps": [STORY]}]},
        {"epics": [{"title": "One", "stories": [STORY]}]},
        {"features": [{"id": "F", "name": "Login"}], "tasks": [STORY]},
        {"main": {"tasks": [STORY], "metadata": {"created": "x"}}},
    ],
)
def test_a_story_is_found_in_every_shape_and_can_be_marked(
    tmp_path: Path, document: object
) -> None:
    plan = plan_of(tmp_path, document)
    assert [(each.story_id, each.title) for each in plan.stories] == [("A-1", "A cart")]
    data = (tmp_path / "prd.json").read_bytes()
    assert mark_done(data, "A-1", plan.part) == data.replace(b'"passes": false', b'"passes": true')


@pytest.mark.parametrize(
    "document",
    [
        {"id": 3, "task": "Do it", "status": "pending"},
        {"task_id": 3, "name": "Do it", "priority": 2},
        {"storyNumber": 3, "title": "Do it", "acceptanceCriteria": ["It is done"]},
        {"story": "3", "description": "Do it\nand more", "tested": False},
        {"ID": 3, "Title": "Do it", "Passes": False},
    ],
)
def test_ids_and_titles_have_many_names(tmp_path: Path, document: object) -> None:
    (story,) = plan_of(tmp_path, [document]).stories
    assert (story.story_id, story.title) == ("3", "Do it")


def test_every_tag_is_a_prd_of_its_own(tmp_path: Path) -> None:
    def task(number: int, *needs: int) -> dict[str, object]:
        return {"id": number, "title": f"Task {number}", "dependencies": list(needs)}

    document = {
        "master": {
            "tasks": [task(1), task(2, 1)],
            "metadata": {"description": "The first release"},
        },
        "later": {"tasks": [task(1)]},
        "empty": {"tasks": []},
    }
    reading = read(tmp_path, document)
    assert [(each.part, each.prd_id, each.title) for each in reading.plans] == [
        ("master", "master", "The first release"),
        ("later", "later", "later"),
    ]
    assert reading.plans[0].stories[1].depends_on == ("1",)
    assert [str(each.message) for each in reading.defects] == [
        "the tag 'empty' has no tasks; it is passed over"
    ]
    data = (tmp_path / "prd.json").read_bytes()
    marked = mark_done(data, "1", "later")
    assert marked is not None
    assert marked.index(b'"passes": true') > data.index(b'"later"')


def test_subtasks_are_a_part_of_their_task(tmp_path: Path) -> None:
    subtasks = [
        {"id": 1, "title": "Open", "status": "done", "details": "Wide."},
        {"id": 2, "title": "Close", "status": "pending", "dependencies": [1]},
    ]
    first = {"id": 1, "title": "Door", "details": "Of wood.", "testStrategy": "Knock."}
    plan = plan_of(
        tmp_path,
        {
            "tasks": [
                {**first, "subtasks": subtasks, "status": "pending", "dependencies": ["1.1"]},
                {"id": 2, "title": "House", "dependencies": ["1.2"], "status": "done"},
            ]
        },
    )
    assert plan.stories[0].description == (
        "Of wood.\n\nTest strategy:\nKnock.\n\n"
        "Subtasks, to be done in this story:\n"
        "- [x] 1: Open\n  Wide.\n- [ ] 2: Close"
    )
    assert [each.depends_on for each in plan.stories] == [(), ("1",)]


def test_work_packages_inside_a_story_give_their_files_and_commands_as_text(tmp_path: Path) -> None:
    package = {"id": "T1", "title": "Draw", "filePaths": ["src/a.py"], "commands": ["make it"]}
    (story,) = plan_of(
        tmp_path,
        {"stories": [{"id": "U", "title": "t", "status": "pending", "tasks": [package]}]},
    ).stories
    assert story.files == ("src/a.py",)
    assert "- [ ] T1: Draw\n  - make it\n  Files: src/a.py" in story.description
    assert story.verify is None


def phases(*lists: tuple[str, ...], **keys: object) -> list[dict[str, object]]:
    return [
        {
            "id": f"p{at}",
            "name": f"Phase {at}",
            "tasks": [{"id": name, "title": name, "priority": 1, **keys} for name in names],
        }
        for at, names in enumerate(lists)
    ]


def test_phases_wait_for_each_other(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"phases": phases(("a", "b"), ("c",), ("d",))})
    waits = {each.story_id: each.depends_on for each in plan.stories}
    assert waits == {"a": (), "b": (), "c": ("a", "b"), "d": ("c",)}
    assert plan.stories[2].group == "Phase 1"


def test_phases_only_give_the_order_where_stories_say_what_they_need(tmp_path: Path) -> None:
    found = phases(("a", "b"), ("c",))
    found[1]["tasks"] = [{"id": "c", "title": "c", "priority": 1, "dependsOn": ["a"]}]
    plan = plan_of(tmp_path, {"phases": found})
    assert plan.stories[2].depends_on == ("a",)
    assert plan.stories[2].after == ("b",)


def test_phases_go_by_their_own_dependencies(tmp_path: Path) -> None:
    found = phases(("a",), ("b",), ("c",))
    found[1]["deps"] = []
    found[2]["deps"] = ["p0"]
    plan = plan_of(tmp_path, {"phases": found})
    waits = {each.story_id: each.depends_on for each in plan.stories}
    assert waits == {"a": (), "b": (), "c": ("a", "b")}


def test_phases_that_wait_for_each_other_are_refused(tmp_path: Path) -> None:
    found = phases(("a",), ("b",))
    found[0]["deps"], found[1]["deps"] = ["p1"], ["p0", "p7"]
    told = "\n".join(remarks_of(tmp_path, {"phases": found}))
    assert "the phases wait for each other: 'Phase" in told
    assert "'p7' is no other phase of this PRD" in told


def test_epics_are_labels_without_an_order(tmp_path: Path) -> None:
    epics = [
        {"title": "One", "stories": [STORY]},
        {"title": "Two", "stories": [{**STORY, "id": 2}]},
    ]
    plan = plan_of(tmp_path, {"epics": epics})
    assert [(each.group, each.depends_on) for each in plan.stories] == [("One", ()), ("Two", ())]


def test_too_many_edges_of_phases_are_refused(tmp_path: Path) -> None:
    names = tuple(f"a{number}" for number in range(450))
    document = {"phases": phases(names, tuple(f"b{name}" for name in names))}
    assert remarks_of(tmp_path, document) == [
        "error: the stages of this PRD mean 202500 dependencies; 200000 are allowed, split the PRD"
    ]
