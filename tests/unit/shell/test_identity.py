"""Which PRD a file holds: what keeps its id, and what gets a new one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.records import StoryDone, StoryReset
from prd_supervise.supervisor.core.root.records import PrdAccepted
from prd_supervise.supervisor.prd.difference import difference
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.shell.plans.accepted import terms_of
from prd_supervise.supervisor.shell.plans.identity import (
    Known,
    KnownPrd,
    is_another,
    named,
)
from prd_supervise.workers.process.wire import decoder, encode


def stories(*titles: str) -> tuple[PlannedStory, ...]:
    """Stories with the ids that everybody uses."""
    return tuple(
        PlannedStory(story_id=f"US-{number}", title=title, criteria=(f"{title} works",))
        for number, title in enumerate(titles, 1)
    )


def a_plan(path: Path | str, *titles: str, prd_id: str = "APP", **fields: str) -> Plan:
    return Plan(prd_id=prd_id, title="t", path=str(path), stories=stories(*titles), **fields)  # type: ignore[arg-type]  # texts all


def known(*plans: Plan, replaced: tuple[str, ...] = ()) -> Known:
    by_id = {plan.prd_id: plan for plan in plans}
    prds = tuple(
        KnownPrd(
            prd_id=each.prd_id,
            path=each.path,
            part=each.part,
            is_replaced=each.prd_id in replaced,
        )
        for each in plans
    )
    return Known(prds=prds, plan_of=by_id.get)


def ids(plans: list[Plan], known_before: Known) -> list[str]:
    return [plan.prd_id for plan in named(plans, known_before)]


OLD = a_plan("/p", "login", "logout")


@pytest.mark.parametrize(
    ("new", "is_so"),
    [
        (OLD, False),
        (a_plan("/p", "login", "other", "third"), False),
        (replace(OLD, branch="ralph/x"), False),
        (a_plan("/p", "search", "index"), True),
        (replace(OLD, stories=(replace(OLD.stories[0], title="log in"),)), False),
    ],
    ids=["the same", "one is left", "a branch is new", "none is left", "a title is mended"],
)
def test_a_document_is_another_prd_if_nothing_of_it_is_left(new: Plan, *, is_so: bool) -> None:
    assert is_another(OLD, new) is is_so


def test_another_branch_makes_it_another_prd_and_its_own_id_has_the_last_word() -> None:
    one, two = (replace(OLD, branch=branch) for branch in ("ralph/one", "ralph/two"))
    assert is_another(one, two)
    assert not is_another(replace(one, own_id="P"), replace(two, own_id="P"))
    assert is_another(replace(one, own_id="P"), replace(one, own_id="Q"))
    assert not is_another(None, one), "what is not known is not denied"


def test_the_next_feature_in_one_file_gets_an_id_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "prd.json"
    path.touch()
    first, second = a_plan(path, "login"), a_plan(path, "search")
    assert ids([second], known(first)) == ["APP-2"]
    both = known(first, replace(second, prd_id="APP-2"), replaced=("APP",))
    assert ids([second], both) == ["APP-2"]
    assert ids([first], both) == ["APP"], "the first one came back to its place"
    assert ids([a_plan(path, "third")], both) == ["APP-3"]


def test_a_file_that_moves_takes_its_id_along_unless_it_says_something_else(tmp_path: Path) -> None:
    first = a_plan(tmp_path / "gone.json", "login")
    assert ids([a_plan(tmp_path / "new.json", "login")], known(first)) == ["APP"]
    assert ids([a_plan(tmp_path / "new.json", "search")], known(first)) == ["APP-2"]
    archived = replace(first, path=str(tmp_path / "archive.json"))
    path = tmp_path / "prd.json"
    path.touch()
    here = replace(first, path=str(path))
    assert ids([a_plan(path, "search"), archived], known(here)) == ["APP-2", "APP"]


def test_the_parts_of_a_file_are_prds_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    path.touch()
    one, two, three = (
        a_plan(path, name, prd_id=name, part=name) for name in ("one", "two", "three")
    )
    before = known(replace(one, prd_id="ONE"), two)
    assert ids([one, two, three], before) == ["ONE", "two", "three"]
    assert ids([replace(two, stories=stories("else")), one], before) == ["two-2", "ONE"]


def test_what_a_story_is_judged_by_is_more_than_how_it_is_spaced() -> None:
    story = stories("login")[0]
    terms = terms_of(story)
    assert terms_of(replace(story, criteria=("login  works",))) == terms
    for change in ({"criteria": ("x",)}, {"verify": ("make",)}, {"no_code": True}):
        assert terms_of(replace(story, **change)).judged != terms.judged
    for reworded in ({"title": "x"}, {"description": "x"}, {"agent": "codex"}):
        changed = terms_of(replace(story, **reworded))  # type: ignore[arg-type]
        assert changed.judged == terms.judged
        assert changed.told != terms.told
    for silent in ({"rank": 3.0}, {"depends_on": ("A",)}, {"is_done": True}):
        assert terms_of(replace(story, **silent)) == terms


def test_what_has_changed_is_told_in_a_line() -> None:
    old = a_plan("/p", "a", "b", "c")
    assert difference(old, old) == "nothing of its stories has changed"
    gone = replace(old, stories=old.stories[1:])
    assert difference(old, gone) == "gone: US-1"
    many = a_plan("/p", "a", "x", *"cdefghijk")
    assert difference(old, many) == "new: US-4, US-5, US-6, US-7, US-8 and 3 more; changed: US-2"


def test_a_journal_from_before_parts_and_terms_is_still_read() -> None:
    accepted = PrdAccepted(prd_id="P", title="t", path="/p", base="b")
    done = StoryDone(story_id="S", attempt=1, commit="c", evidence="e")
    reset = StoryReset(story_id="S")
    decode = decoder((PrdAccepted, StoryDone, StoryReset))
    for record, newer in ((accepted, ("part",)), (done, ("terms",)), (reset, ("superseded",))):
        text = encode(record, at=1.0).decode()
        document = json.loads(text)
        held = (
            document
            if newer[0] in document
            else next(value for value in document.values() if isinstance(value, dict))
        )
        for name in newer:
            del held[name]
        assert decode(json.dumps(document).encode()) == (record, 1.0)
