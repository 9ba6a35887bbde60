from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.discover import discover

PRD = '{"userStories": [{"id": "A", "title": "a"}]}'
PATTERNS = ("prds/active/*",)


def put(root: Path, *places: str, text: str = PRD) -> None:
    for place in places:
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(root: Path, patterns: tuple[str, ...] = PATTERNS) -> list[str]:
    return [path.relative_to(root).as_posix() for path in discover(root, patterns).paths]


def test_all_usual_places_are_looked_at_and_sorted(tmp_path: Path) -> None:
    places = [
        ".ralph/prd-two.json",
        ".ralph/prd.json",
        "plans/x.json",
        "prd.json",
        "prds/active/PRD-1/prd.json",
        "ralph/prd.json",
        "scripts/ralph/prd.json",
        "tasks/prd-a.json",
    ]
    put(tmp_path, *reversed(places))
    assert found(tmp_path) == places


def test_other_places_are_not(tmp_path: Path) -> None:
    put(tmp_path, "prds/done/P/prd.json", "src/prd.json", "tasks/deep/prd.json", ".ralph/x.json")
    assert found(tmp_path) == []


def test_patterns_name_files_or_folders(tmp_path: Path) -> None:
    put(tmp_path, "work/a.json", "work/b/prd.json")
    assert found(tmp_path, ("work/*",)) == ["work/a.json", "work/b/prd.json"]


def test_one_file_is_one_prd_however_often_it_is_found(tmp_path: Path) -> None:
    put(tmp_path, "tasks/prd-m1.json")
    (tmp_path / "prd.json").symlink_to("tasks/prd-m1.json")
    assert found(tmp_path, ("tasks/*", "**/prd-m1.json")) == ["tasks/prd-m1.json"]


def test_what_is_no_prd_is_passed_over_with_a_note(tmp_path: Path) -> None:
    put(tmp_path, "tasks/list.json", "plans/array.json", text='["x"]')
    put(tmp_path, "prds/active/notes.md", "prds/active/P/prd.md", text="# Prose")
    put(tmp_path, ".taskmaster/tasks/tasks.json", text='{"master": {"tasks": []}}')
    discovery = discover(tmp_path, PATTERNS)
    assert discovery.paths == ()
    assert discovery.notes == (
        ".taskmaster/tasks/tasks.json: the form of task-master is not read yet; passed over",
        "plans/array.json: no list of stories; passed over",
        "prds/active/P: there is no prd.json in it; passed over",
        "prds/active/notes.md: no list of stories; passed over",
        "tasks/list.json: no list of stories; passed over",
    )


@pytest.mark.parametrize("text", ["{", "", '{"userStories": []}', '{"stories": [{"id": 1}]}'])
def test_a_broken_or_defective_prd_is_not_passed_over(tmp_path: Path, text: str) -> None:
    put(tmp_path, "tasks/prd.json", text=text)
    assert found(tmp_path) == ["tasks/prd.json"]


def test_a_link_to_nowhere_is_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "prd.json").symlink_to("gone.json")
    assert found(tmp_path) == ["tasks/gone.json"]


def test_worktrees_of_ours_are_not_searched(tmp_path: Path) -> None:
    put(tmp_path, ".prd-supervise/worktrees/P/prd.json", ".git/prd.json", "a/prd.json")
    assert found(tmp_path, ("**/prd.json",)) == ["a/prd.json"]


@pytest.mark.parametrize("pattern", ["", "/etc/*"])
def test_a_pattern_that_cannot_be_searched_is_noted(tmp_path: Path, pattern: str) -> None:
    assert discover(tmp_path, (pattern,)).notes[0].startswith(f"pattern {pattern!r}: ")
