from __future__ import annotations

import json
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
        ".agents/tasks/prd.json",
        ".omc/prd.json",
        ".ralph/prd-two.json",
        ".ralph/prd.json",
        ".taskmaster/tasks/tasks.json",
        "feature_list.json",
        "plans/x.json",
        "prd.json",
        "prds/active/PRD-1/prd.json",
        "prds/active/PRD-2/tasks.json",
        "quantum.json",
        "ralph/prd.json",
        "scripts/ralph/prd.json",
        "tasks/prd-a.json",
    ]
    put(tmp_path, *reversed(places))
    assert found(tmp_path) == places


def test_other_places_are_not(tmp_path: Path) -> None:
    put(tmp_path, "prds/done/P/prd.json", "src/prd.json", "tasks/deep/prd.json", ".ralph/x.json")
    put(tmp_path, "prds/completed/P/prd.json", "prds/drafts/P/prd.json", "archive/old/prd.json")
    put(tmp_path, "docs/features/f/user-stories.json", "tasks/main.yml", "package.json")
    assert found(tmp_path) == []


def test_what_is_completed_or_a_draft_is_not_found_by_a_pattern_either(tmp_path: Path) -> None:
    put(tmp_path, "prds/completed/P/prd.json", "prds/drafts/P/prd.json", "prds/active/P/prd.json")
    assert found(tmp_path, ("prds/*/*", "**/prd.json")) == ["prds/active/P/prd.json"]


def test_patterns_name_files_or_folders(tmp_path: Path) -> None:
    put(tmp_path, "work/a.json", "work/b/prd.json")
    assert found(tmp_path, ("work/*",)) == ["work/a.json", "work/b/prd.json"]


def test_one_file_is_one_prd_however_often_it_is_found(tmp_path: Path) -> None:
    put(tmp_path, "tasks/prd-m1.json")
    (tmp_path / "prd.json").symlink_to("tasks/prd-m1.json")
    assert found(tmp_path, ("tasks/*", "**/prd-m1.json")) == ["tasks/prd-m1.json"]


def test_what_is_no_prd_is_passed_over_with_a_note(tmp_path: Path) -> None:
    put(tmp_path, "tasks/list.json", "plans/array.json", text='["x"]')
    put(tmp_path, "prds/active/notes.md", "prds/active/P/prd.md", text="# Prose\n\nNo story.\n")
    put(tmp_path, "prds/active/Q/readme.txt", text="x")
    discovery = discover(tmp_path, PATTERNS)
    assert discovery.paths == ()
    assert discovery.notes == (
        "plans/array.json: no list of stories; passed over",
        "prds/active/P/prd.md: no list of stories; passed over",
        "prds/active/Q: there is no prd.json in it; passed over",
        "prds/active/notes.md: no list of stories; passed over",
        "tasks/list.json: no list of stories; passed over",
    )


def test_many_files_of_one_folder_that_are_none_are_one_note(tmp_path: Path) -> None:
    put(tmp_path, *(f"tasks/{number}.json" for number in range(40)), text='["x"]')
    put(tmp_path, "tasks/prd.json")
    discovery = discover(tmp_path, ())
    assert [path.name for path in discovery.paths] == ["prd.json"]
    assert discovery.notes == ("tasks/: 40 files are passed over: no list of stories",)


def test_the_first_prd_of_a_folder_counts(tmp_path: Path) -> None:
    put(tmp_path, "prds/active/P/prd.json", text='{"notes": []}')
    put(tmp_path, "prds/active/P/tasks.json")
    assert found(tmp_path) == ["prds/active/P/tasks.json"]


def test_ralphs_sources_are_passed_over_where_a_prd_json_is_made_of_them(tmp_path: Path) -> None:
    put(tmp_path, "tasks/prd-login.md", text="### US-001: Log in\n\n- [ ] it works\n")
    put(tmp_path, "scripts/ralph/prd.json")
    discovery = discover(tmp_path, ())
    assert [path.name for path in discovery.paths] == ["prd.json"]
    assert discovery.notes == (
        "tasks/prd-login.md: a source of Ralph's prd.json, to be run if it is named; passed over",
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


def test_of_a_folder_with_a_thousand_files_the_prds_are_found(tmp_path: Path) -> None:
    stories = [{"id": f"US-{number}", "title": "t"} for number in range(20)]
    put(tmp_path, *(f"tasks/{n}.json" for n in range(500)), text=json.dumps({"stories": stories}))
    put(tmp_path, *(f"tasks/{n}.md" for n in range(500)), text="# Notes\n\nProse.\n" * 50)
    assert len(discover(tmp_path, ()).paths) == 500
