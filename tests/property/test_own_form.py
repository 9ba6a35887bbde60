"""Any PRD in our own form means what it meant before."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.costs.budget import Budget
from prd_supervise.policies.scheduling.complexity import LEVELS
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.check.across import settled
from prd_supervise.supervisor.prd.model import Parallel, Plan, PlannedStory, Supervision
from prd_supervise.supervisor.prd.names import clean_title, is_safe_name
from prd_supervise.supervisor.prd.own_form import own_forms, own_object
from prd_supervise.supervisor.prd.read import read_file

PLACES = [folder / "shared" / "prd-corpus" for folder in Path(__file__).resolve().parents]
FILES = [file for place in PLACES for file in sorted(place.glob("*"))]

names = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,3}(?:[-_.][0-9]{1,3}){0,2}", fullmatch=True).filter(
    is_safe_name
)
texts = st.text(max_size=30).map(lambda text: text.encode("utf-8", "ignore").decode().strip())
lines = texts.map(clean_title).filter(bool)
words = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
paths = st.from_regex(r"[a-z]{1,5}/(?:[a-z*]{1,5}/){0,2}(?:[a-z]{1,5}\.py|\*\*)", fullmatch=True)
commands = st.none() | st.lists(words, max_size=3).map(tuple)
budgets = st.none() | st.builds(
    Budget,
    usd=st.sampled_from((0.0, 2.5, 18.0)),
    tokens=st.sampled_from((0, 1_000_000)),
)
ranks = st.integers(-5, 99).map(float) | st.sampled_from((1.5, 1_000_000_000.0))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A PRD that anybody could have written; dependencies lead upwards, so that none is a cycle."""
    ids = draw(st.lists(names, min_size=1, max_size=6, unique_by=str.casefold))
    stories = []
    for at, story_id in enumerate(ids):
        above = st.lists(st.sampled_from(ids[:at]), unique=True, max_size=3) if at else st.just([])
        depends = draw(above)
        end = draw(st.sampled_from(("open", "done", "skipped")))
        stories.append(
            PlannedStory(
                story_id=story_id,
                title=draw(lines),
                description=draw(texts),
                criteria=tuple(draw(st.lists(lines, max_size=3, unique=True))),
                rank=draw(ranks),
                depends_on=tuple(depends),
                after=tuple(name for name in draw(above) if name not in depends),
                files=tuple(draw(st.lists(paths, unique=True, max_size=3))),
                mutex=tuple(draw(st.lists(words, unique=True, max_size=2))),
                group=draw(st.just("") | words),
                verify=draw(commands),
                no_code=draw(st.booleans()),
                is_done=end == "done",
                is_skipped=end == "skipped",
                agent=draw(st.just("") | words),
                model=draw(st.just("") | words),
                complexity=draw(st.sampled_from(("", *LEVELS))),
                budget=draw(budgets),
                replay=draw(st.sampled_from(("", '[{"say":"x"}]'))),
            )
        )
    return Plan(
        prd_id=draw(names),
        title=draw(lines),
        path="",
        stories=tuple(stories),
        description=draw(texts),
        branch=draw(st.sampled_from(("", "feature/x"))),
        verify=draw(commands),
        agent=draw(st.just("") | words),
        model=draw(st.just("") | words),
        budget=draw(budgets),
        supervision=draw(st.sampled_from((None, Supervision(max_attempts=2, period_s=1.5)))),
        parallel=draw(
            st.none()
            | st.builds(
                Parallel,
                enabled=st.none() | st.booleans(),
                max_workers=st.none() | st.integers(0, 9),
                conflict_strategy=st.sampled_from((None, "entity", "file", "none")),
                inference=st.sampled_from((None, "files", "text", "hybrid", "none")),
            )
        ),
    )


def read_again(text: str) -> Plan:
    """Read a text as a file; the only PRD in it, without its place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "prd.json")
        path.write_text(text, encoding="utf-8")
        reading = read_file(path)
    assert reading.errors == ()
    (plan,) = reading.plans
    return replace(plan, path="", part="", own_id="")


@settings(deadline=None)
@given(plans())
def test_a_plan_that_is_written_and_read_is_the_same(plan: Plan) -> None:
    assert plan.says_as(read_again(json.dumps(own_object(plan))))


@pytest.mark.skipif(not FILES, reason="the corpus of real PRDs is not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_prd_in_our_form_is_the_same(path: Path) -> None:
    reading = read_file(path)
    for form in own_forms(reading) if reading.plans else ():
        assert read_again(form.text).says_as(replace(form.plan, path="", part="", own_id=""))


@pytest.mark.skipif(not FILES, reason="the corpus of real PRDs is not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_prd_has_the_same_defects_in_our_form(path: Path, tmp_path: Path) -> None:
    reading = read_file(path)
    for form in own_forms(reading) if reading.plans else ():
        file = tmp_path / "prd.json"
        file.write_text(form.text, encoding="utf-8")
        again = read_file(file)
        ends = {(end.story_id, end.name) for end in reading.loose if end.part == form.plan.part}
        assert {(end.story_id, end.name) for end in again.loose} == ends
        assert len(settled(again.plans, [again])[1]) == len(ends)
