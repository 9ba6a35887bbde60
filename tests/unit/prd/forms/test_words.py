from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.members.progress import done_member
from prd_supervise.supervisor.prd.members.rank import RANK_ABSENT
from tests.support.prd_files import remarks_of, story_of, warnings_of


@pytest.mark.parametrize(
    ("status", "is_done", "is_skipped"),
    [
        *((word, True, False) for word in ("done", "DONE", "completed", "passed", "pass")),
        *((word, True, False) for word in ("✅ Done", "✅", "done (yesterday)", "complete")),
        *((word, False, False) for word in ("todo", "open", "not-started", "in_progress")),
        *((word, False, False) for word in ("in-progress", "review", "blocked", "dispatched")),
        *((word, False, False) for word in ("active", "pending", "not done", "failed")),
        *((word, False, True) for word in ("cancelled", "superseded", "deferred", "wontfix")),
        *((word, False, True) for word in ("Won't fix", "skipped", "canceled")),
    ],
)
def test_a_status_has_many_spellings(
    tmp_path: Path, status: str, *, is_done: bool, is_skipped: bool
) -> None:
    found = story_of(tmp_path, status=status)
    assert (found.is_done, found.is_skipped) == (is_done, is_skipped)
    assert warnings_of(tmp_path, status=status) == []


def test_a_status_that_nobody_knows_is_not_done_and_told(tmp_path: Path) -> None:
    assert not story_of(tmp_path, status="frobbed").is_done
    assert warnings_of(tmp_path, status="frobbed") == [
        "status is 'frobbed'; it counts as not done; write 'done', 'todo' or 'cancelled'"
    ]


@pytest.mark.parametrize(
    ("value", "is_done"), [("true", True), (1, True), ("yes", True), ("no", False), (0, False)]
)
def test_a_flag_that_is_no_boolean_is_understood_and_told(
    tmp_path: Path, value: object, *, is_done: bool
) -> None:
    assert story_of(tmp_path, passes=value).is_done is is_done
    (told,) = warnings_of(tmp_path, passes=value)
    assert f"it counts as {str(is_done).lower()}" in told


def test_a_flag_that_says_nothing_leaves_the_word_to_the_status(tmp_path: Path) -> None:
    assert story_of(tmp_path, passes="perhaps", status="done").is_done
    assert "it is passed over" in warnings_of(tmp_path, passes="perhaps")[0]
    assert warnings_of(tmp_path, completed="2025-01-01", status="done") == []


@pytest.mark.parametrize(
    ("members", "member"),
    [
        ({"Passes": False}, ("Passes", True)),
        ({"passes": "no"}, ("passes", True)),
        ({"completed": "2025-01-01", "status": "todo"}, ("status", "done")),
        ({"completed": "2025-01-01"}, ("passes", True)),
        ({"status": {"x": 1}}, ("passes", True)),
        ({"state": "open"}, ("state", "done")),
        ({"tested": False, "passed": None}, ("tested", True)),
    ],
)
def test_what_marks_a_story_is_what_the_reader_goes_by(
    members: dict[str, object], member: tuple[str, object]
) -> None:
    assert done_member(members) == member


@pytest.mark.parametrize(
    ("priority", "rank"),
    [
        ("Highest", 0.0),
        ("urgent", 0.0),
        ("P1", 1.0),
        ("normal", 2.0),
        ("P4", 4.0),
        ("lowest", 4.0),
        ("1.5", 1.5),
        ("High (P1)", 1.0),
        ("2 - medium", 2.0),
    ],
)
def test_a_priority_is_a_number_or_one_of_many_words(
    tmp_path: Path, priority: object, rank: float
) -> None:
    assert story_of(tmp_path, priority=priority).rank == rank


@pytest.mark.parametrize("priority", ["whenever", True, [1], {"level": 1}])
def test_a_priority_that_is_not_understood_counts_as_absent(
    tmp_path: Path, priority: object
) -> None:
    assert story_of(tmp_path, priority=priority).rank == RANK_ABSENT
    assert "it counts as absent" in warnings_of(tmp_path, priority=priority)[0]


@pytest.mark.parametrize(
    "key",
    [
        *("targetFiles", "fileScope", "file_scope", "files", "affectedFiles", "allowedPaths"),
        *("touchesFiles", "touches", "scope", "writes", "filePaths", "file"),
    ],
)
def test_the_files_of_a_story_have_many_names(tmp_path: Path, key: str) -> None:
    assert story_of(tmp_path, **{key: ["src/a.py", "docs/**"]}).files == ("src/a.py", "docs/**")
    assert story_of(tmp_path, **{key: "src/a.py"}).files == ("src/a.py",)


@pytest.mark.parametrize(
    ("written", "files"),
    [
        ("./src/a.py", ("src/a.py",)),
        ("`src/a.py` (new)", ("src/a.py",)),
        ("src/a.py - the cart", ("src/a.py",)),
        ("src/a.py:10-20", ("src/a.py",)),
        ("src\\a.py", ("src/a.py",)),
        ("a.py, b.py", ("a.py", "b.py")),
        ("src/{a,b}.py", ("src/{a,b}.py",)),
        ("/src/a.py", ("src/a.py",)),
        ("Makefile", ("Makefile",)),
        ([{"path": "a.py", "action": "edit"}], ("a.py",)),
        ("", ()),
    ],
)
def test_a_path_is_told_from_what_explains_it(
    tmp_path: Path, written: object, files: tuple[str, ...]
) -> None:
    assert story_of(tmp_path, files=written).files == files


@pytest.mark.parametrize("text", ["../other/a.py", "!src/a.py", "only the parts of the frontend"])
def test_what_is_no_path_inside_is_passed_over_with_a_hint(tmp_path: Path, text: str) -> None:
    assert story_of(tmp_path, files=[text]).files == ()
    (told,) = remarks_of(tmp_path, {"stories": [{"id": "A", "title": "t", "files": [text]}]})
    assert told.startswith("hint: ")
    assert "is no path inside the repository" in told


def test_mutex_group_agent_and_model_are_read(tmp_path: Path) -> None:
    found = story_of(tmp_path, mutex="db, cache", epic="Shop", tool="codex", suggestedModel="small")
    assert found.mutex == ("db", "cache")
    assert (found.group, found.agent, found.model) == ("Shop", "codex", "small")
    assert story_of(tmp_path, mutex=["db"], phase=2).group == "2"


@pytest.mark.parametrize(
    ("keys", "criteria"),
    [
        ({"steps": ["a", {"text": "b", "completed": True}]}, ("a", "b")),
        ({"verification": "a"}, ("a",)),
        ({"requirements": ["a"]}, ("a",)),
        ({"completionCriteria": ["a"], "successCriteria": ["b"]}, ("b", "a")),
        (
            {"criteria": [{"criterion": "a", "testCommand": "make x"}]},
            ("a (test command: `make x`)",),
        ),
        ({"criteria": [{"given": "x", "when": "y", "then": "z"}]}, ("Given x, when y, then z",)),
        ({"test": {"name": "n", "assertions": ["a", "b"]}}, ("a", "b")),
        ({"tests": 3}, ()),
    ],
)
def test_criteria_have_many_names(
    tmp_path: Path, keys: dict[str, object], criteria: tuple[str, ...]
) -> None:
    assert story_of(tmp_path, **keys).criteria == criteria


def test_steps_beside_criteria_are_told_as_text(tmp_path: Path) -> None:
    found = story_of(tmp_path, acceptanceCriteria=["c"], steps=["s"], description="d")
    assert found.criteria == ("c",)
    assert found.description == "d\n\nSteps:\n- s"
