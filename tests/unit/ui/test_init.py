from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from prd_supervise.supervisor.ui.errors import FatalError, UsageError
from prd_supervise.supervisor.ui.init.command import Wish, init
from prd_supervise.supervisor.ui.invalid_input import InvalidInputError

TAGS = {
    "shop": {"tasks": [{"id": 1, "title": "A cart", "status": "done", "dependencies": []}]},
    "blog": {"tasks": [{"id": 1, "title": "A post", "status": "pending", "dependencies": []}]},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything is typed in an empty folder, outside of any repository."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(document: object, name: str = "old.json") -> None:
    Path(name).write_text(json.dumps(document), encoding="utf-8")


def turn(**wish: Any) -> list[str]:  # noqa: ANN401  the fields of a wish
    """Turn old.json; the files that are there then."""
    assert init(Wish(folder=Path(), source="old.json", **wish)) == 0
    return sorted(path.as_posix() for path in Path().rglob("*.json") if path.name != "old.json")


def test_every_tag_becomes_a_prd_of_its_own() -> None:
    put(TAGS)
    assert turn() == ["prds/active/blog/prd.json", "prds/active/shop/prd.json"]
    shop = json.loads(Path("prds/active/shop/prd.json").read_text(encoding="utf-8"))
    assert (shop["id"], shop["userStories"][0]["passes"]) == ("shop", True)


def test_stories_stand_in_our_list_alone() -> None:
    stories = [{"id": "1.1", "title": "T", "passes": False}]
    put({"phases": [{"name": "One", "weeks": 2, "tasks": stories}, {"name": "Two", "tasks": []}]})
    turn(target="new.json")
    new = json.loads(Path("new.json").read_text(encoding="utf-8"))
    assert new["phases"][0] == {"name": "One", "weeks": 2}
    assert [story["id"] for story in new["userStories"]] == ["1.1"]


def test_phases_that_are_stories_are_not_kept_beside_them() -> None:
    put({"phases": [{"id": "p1", "description": "Base", "deps": []}], "updated_at": "today"})
    turn(target="new.json")
    new = json.loads(Path("new.json").read_text(encoding="utf-8"))
    assert sorted(new) == ["id", "project", "updated_at", "userStories"]


def test_the_phases_of_markdown_become_dependencies_alone() -> None:
    text = "### Story 1: A\n### Story 2: B\n## Execution Order\n### Phase 1\n- Story 1\n"
    Path("old.md").write_text(f"{text}### Phase 2\n- Story 2\n", encoding="utf-8")
    assert init(Wish(folder=Path(), source="old.md", target="new.json")) == 0
    new = json.loads(Path("new.json").read_text(encoding="utf-8"))
    assert new["userStories"][1] == {"id": "2", "title": "B", "dependsOn": ["1"], "passes": False}


def test_one_tag_can_be_chosen_and_put_into_a_file_or_folder() -> None:
    put(TAGS)
    assert turn(part="blog", target="new.json") == ["new.json"]
    assert turn(part="shop", target="there/") == ["new.json", "there/prd.json"]
    with pytest.raises(UsageError, match="no such PRD in it; there are: shop, blog"):
        turn(part="wiki")


def test_several_prds_do_not_go_into_one_file() -> None:
    put(TAGS)
    for target in ("new.json", "-"):
        with pytest.raises(UsageError, match="it holds 2 PRDs: shop, blog; choose one with --part"):
            turn(target=target)
    assert turn(target="there") == ["there/blog/prd.json", "there/shop/prd.json"]


def test_either_all_files_are_written_or_none() -> None:
    put(TAGS)
    Path("prds/active/shop").mkdir(parents=True)
    Path("prds/active/shop/prd.json").write_text("mine", encoding="utf-8")
    with pytest.raises(FatalError, match=r"shop/prd\.json: it exists already"):
        turn()
    assert not Path("prds/active/blog").exists()
    assert len(turn(is_forced=True)) == 2


def test_a_file_can_be_turned_in_its_place_only_by_force(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put({"stories": [{"id": "A", "title": "T"}]})
    with pytest.raises(FatalError):
        turn(target="old.json")
    turn(target="old.json", is_forced=True)
    assert capsys.readouterr().out == "wrote old.json\n"
    assert "userStories" in json.loads(Path("old.json").read_text(encoding="utf-8"))


def test_what_is_odd_is_told_and_what_is_wrong_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put({"stories": [{"id": "A", "title": "T", "priority": "soonish"}]})
    turn(target="-")
    assert "old.json:1:" in capsys.readouterr().err
    put({"stories": [{"id": "A", "title": "T"}, {"id": "A", "title": "T"}]})
    with pytest.raises(InvalidInputError, match="id 'A' stands on line 1 already"):
        turn()


def test_dependencies_on_other_prds_keep_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    put({"stories": [{"id": "A", "title": "T", "deps": ["OTHER/B", "C-9"]}]})
    turn(target="-")
    (story,) = json.loads(capsys.readouterr().out)["userStories"]
    assert story["dependsOn"] == ["OTHER/B", "C-9"]


def test_a_place_that_cannot_be_written_is_told() -> None:
    Path("file").write_text("x", encoding="utf-8")
    with pytest.raises(FatalError, match="it cannot be written: "):
        init(Wish(folder=Path(), target="file/prd.json"))


def test_a_part_without_a_source_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="--part"):
        init(Wish(folder=Path(), part="x"))


def test_the_endings_of_a_file_are_no_folder() -> None:
    assert init(Wish(folder=Path(), target="new/shop")) == 0
    assert Path("new/shop/prd.json").is_file()
