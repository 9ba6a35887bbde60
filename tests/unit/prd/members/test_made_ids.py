from __future__ import annotations

import re
from pathlib import Path

from prd_supervise.supervisor.prd.mark import mark_done
from tests.support.prd_files import plan_of


def feature(text: str, **keys: object) -> dict[str, object]:
    return {"category": "cart", "description": text, "steps": ["s"], "passes": False, **keys}


def ids(folder: Path, *features: dict[str, object]) -> list[str]:
    return [story.story_id for story in plan_of(folder, list(features)).stories]


def test_a_missing_id_is_made_of_the_title(tmp_path: Path) -> None:
    (name,) = ids(tmp_path, feature("The cart keeps its goods over a restart of the browser."))
    assert re.fullmatch(r"the-cart-keeps-its-goods-over-[0-9a-f]{4}", name)


def test_a_title_without_latin_letters_gives_a_hash_alone(tmp_path: Path) -> None:
    assert re.fullmatch(r"story-[0-9a-f]{4}", ids(tmp_path, feature("购物车"))[0])


def test_another_order_and_new_stories_rename_none(tmp_path: Path) -> None:
    one, two, three = feature("one"), feature("two"), feature("three")
    first = ids(tmp_path, one, two)
    assert ids(tmp_path, three, two, one)[1:] == first[::-1]


def test_stories_of_one_title_are_numbered_unless_their_category_differs(tmp_path: Path) -> None:
    found = ids(tmp_path, feature("x"), feature("x"), feature("x", category="shop"), feature("x"))
    assert found[1:2] + found[3:] == [f"{found[0]}-2", f"{found[0]}-3"]
    assert found[2] != found[0]


def test_a_made_id_is_not_one_that_somebody_wrote(tmp_path: Path) -> None:
    (name,) = ids(tmp_path, feature("x"))
    assert ids(tmp_path, feature("x"), feature("y", id=name)) == [f"{name}-2", name]


def test_a_story_without_id_is_marked_and_keeps_its_made_id(tmp_path: Path) -> None:
    before = ids(tmp_path, feature("x"), feature("x"))
    path = tmp_path / "prd.json"
    marked = mark_done(path.read_bytes(), before[1])
    assert marked is not None
    path.write_bytes(marked)
    stories = plan_of(tmp_path, marked.decode()).stories
    assert [(each.story_id, each.is_done) for each in stories] == [
        (before[0], False),
        (before[1], True),
    ]


def test_stories_without_ids_are_named_by_position_or_title(tmp_path: Path) -> None:
    document = [feature("x"), feature("y", dependsOn=["Story 1"]), feature("z", dependsOn=["y"])]
    first, second, third = plan_of(tmp_path, document).stories
    assert second.depends_on == (first.story_id,)
    assert third.depends_on == (second.story_id,)
