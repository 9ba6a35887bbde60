from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from prd_supervise.supervisor.prd.check.across import settled
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.prd.read import read_file

Needs = dict[str, tuple[str, ...]]


def settle(folder: Path, *others: Plan, **prds: dict[str, list[str]]) -> tuple[Needs, list[str]]:
    """Write PRDs (stories with their dependencies) and settle them: the needs, and the defects."""
    readings = [read_file(write(folder, prd_id, stories)) for prd_id, stories in prds.items()]
    plans = [plan for reading in readings for plan in reading.plans]
    named, defects = settled(plans, readings, others)
    needs = {
        f"{plan.prd_id}/{story.story_id}": story.needs
        for plan in named
        for story in plan.stories
        if story.needs
    }
    return needs, [str(defect.relative_to(folder)) for defect in defects]


def write(folder: Path, prd_id: str, stories: dict[str, list[str]]) -> Path:
    path = folder / f"{prd_id}.json"
    head: dict[str, Any] = {"id": prd_id}
    head["userStories"] = [
        {"id": story_id, "title": story_id, "dependsOn": depends}
        for story_id, depends in stories.items()
    ]
    path.write_text(json.dumps(head, indent=1), encoding="utf-8")
    return path


def plan(prd_id: str, *story_ids: str, **needs: tuple[str, ...]) -> Plan:
    stories = tuple(
        PlannedStory(story_id=name, title=name, needs=needs.get(name, ())) for name in story_ids
    )
    return Plan(prd_id=prd_id, title=prd_id, path=f"/elsewhere/{prd_id}.json", stories=stories)


def test_a_full_name_is_a_need_of_another_prd(tmp_path: Path) -> None:
    assert settle(tmp_path, P1={"A": ["P2/b"]}, P2={"B": []}) == ({"P1/A": ("P2/B",)}, [])


def test_an_id_that_one_other_prd_has_is_a_need(tmp_path: Path) -> None:
    assert settle(tmp_path, P1={"A": ["B"]}, P2={"B": []}, P3={"C": []}) == (
        {"P1/A": ("P2/B",)},
        [],
    )


def test_an_id_of_its_own_prd_is_never_one_of_another(tmp_path: Path) -> None:
    assert settle(tmp_path, P1={"A": ["B"], "B": []}, P2={"B": []}) == ({}, [])


def test_an_id_that_several_others_have_names_them(tmp_path: Path) -> None:
    needs, (defect,) = settle(tmp_path, P1={"A": ["B"]}, P2={"B": []}, P3={"B": []})
    assert needs == {}
    assert defect == (
        "P1.json:8:5: 'B' is a story of 2 other PRDs: P2, P3; write 'P2/B' or the like"
    )


def test_exact_case_goes_before_any_other(tmp_path: Path) -> None:
    needs, _ = settle(tmp_path, P1={"A": ["B"]}, P2={"B": []}, P3={"b": []})
    assert needs == {"P1/A": ("P2/B",)}


def test_what_no_prd_has_gets_the_nearest_of_all(tmp_path: Path) -> None:
    _, defects = settle(tmp_path, P1={"A": ["LOGIN-10"]}, P2={"LOGIN-1": []})
    assert defects == [
        "P1.json:8:5: 'LOGIN-10' is no story of this PRD; did you mean 'P2/LOGIN-1'?"
    ]


def test_a_wrong_prd_and_a_wrong_story_in_a_prd_are_told(tmp_path: Path) -> None:
    _, defects = settle(
        tmp_path,
        LOGIN={"A": ["LOGINS/B", "CART/BYX", "zzz/B", "CART/9", "9"]},
        CART={"BY": [], "C": []},
    )
    assert [defect.partition(": ")[2] for defect in defects] == [
        "'LOGINS' is no PRD here, there are: LOGIN, CART; did you mean 'LOGIN/B'?",
        "'BYX' is no story of the PRD 'CART'; did you mean 'CART/BY'?",
        "'zzz' is no PRD here, there are: LOGIN, CART; name a PRD that is here",
        "'9' is no story of the PRD 'CART'; its stories are BY, C",
        "'9' is no story of this PRD; its stories are A",
    ]


def test_prds_that_ran_before_are_known_unless_they_are_read_now(tmp_path: Path) -> None:
    needs, defects = settle(
        tmp_path, plan("P2", "B"), plan("P3", "GONE"), P1={"A": ["B", "P3/GONE"]}
    )
    assert (needs, defects) == ({"P1/A": ("P2/B", "P3/GONE")}, [])
    _, defects = settle(tmp_path, plan("P2", "OLD"), P1={"A": ["OLD"]}, P2={"NEW": []})
    assert "'OLD' is no story of this PRD" in defects[0]


def test_the_full_name_of_a_story_of_ones_own_is_a_dependency(tmp_path: Path) -> None:
    reading = read_file(write(tmp_path, "P1", {"A": ["P1/B"], "B": []}))
    (found,), defects = settled(reading.plans, [reading])
    assert defects == ()
    assert found.stories[0].depends_on == ("B",)
    assert found.stories[0].needs == ()


def test_a_story_cannot_need_itself_by_its_full_name(tmp_path: Path) -> None:
    _, defects = settle(tmp_path, P1={"A": ["P1/A"]})
    assert defects == ["P1.json:8:5: story 'A' depends on itself; remove that"]


def test_a_cycle_over_prds_is_told_whole_and_with_the_edge_to_remove(tmp_path: Path) -> None:
    _, defects = settle(tmp_path, P1={"A": ["P2/C"], "B": ["A"]}, P2={"C": ["D"], "D": ["P1/B"]})
    (defect,) = defects
    assert defect == (
        "P2.json:15:5: stories of several PRDs wait for each other: "
        "P2/D -> P1/B -> P1/A -> P2/C -> P2/D; "
        "remove 'P1/B' from the dependencies of P2/D"
    )


def test_a_cycle_through_a_prd_that_ran_before_is_found(tmp_path: Path) -> None:
    _, defects = settle(tmp_path, plan("P2", "B", B=("P1/A",)), P1={"A": ["B"]})
    assert "P1/A -> P2/B -> P1/A" in defects[0]


def test_every_cycle_is_told_and_their_number_is_bounded(tmp_path: Path) -> None:
    first = {f"A{n}": [f"B{n}"] for n in range(30)}
    second = {f"B{n}": [f"A{n}"] for n in range(30)}
    _, defects = settle(tmp_path, P1=first, P2=second)
    assert len(defects) == 20


def test_thousands_of_wrong_names_take_no_long_time(tmp_path: Path) -> None:
    stories = {f"STORY-{n}": [f"NOBODY-{n}"] for n in range(500)}
    _, defects = settle(tmp_path, plan("P2", *(f"OTHER-{n}" for n in range(2000))), P1=stories)
    assert len(defects) == 500


def test_a_prd_that_stands_in_two_languages_is_one(tmp_path: Path) -> None:
    first = write(tmp_path, "P1", {"A": ["B"]})
    second = write(tmp_path, "P2", {"B": []})
    source = tmp_path / "P3.yaml"  # JSON is YAML, too
    source.write_text(second.read_text(encoding="utf-8").replace("P2", "P3"), encoding="utf-8")
    readings = [read_file(path) for path in (first, source, second)]
    plans = [each for reading in readings for each in reading.plans]
    named, defects = settled(plans, readings)
    assert defects == ()
    assert named[0].stories[0].needs == ("P2/B",)
