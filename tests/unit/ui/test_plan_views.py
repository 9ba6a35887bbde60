from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.graph.inference import Rules
from prd_supervise.supervisor.prd.graph.rehearsal import Places
from prd_supervise.supervisor.prd.model import Parallel, Plan, PlannedStory
from prd_supervise.supervisor.shell.board import Board
from prd_supervise.supervisor.ui.looks.columns import cells, clipped, filled, padded
from prd_supervise.supervisor.ui.plan.document import document
from prd_supervise.supervisor.ui.plan.dot import dot
from prd_supervise.supervisor.ui.plan.outlook import Known, Outlook, outlook, places_of
from prd_supervise.supervisor.ui.plan.text import plan_text
from prd_supervise.supervisor.ui.plan.tree import tree_text
from prd_supervise.workers.messages.agents import AgentRules, AgentSpec, Role


def story(story_id: str, **fields: Any) -> PlannedStory:  # noqa: ANN401  any field
    return replace(PlannedStory(story_id=story_id, title=f"make {story_id}"), **fields)


def look(
    *plans: Plan,
    around: tuple[Plan, ...] = (),
    files: tuple[str, ...] = (),
    took_s: dict[tuple[str, str], float] | None = None,
    rules: Rules | None = None,
    agents: AgentRules | None = None,
) -> Outlook:
    known = Known(
        board=Board(),
        around=around,
        files=files,
        took_s=took_s or {},
        agents=agents,
        context_of=lambda role: f"the role {role.name}: 2 files",
    )
    places = places_of(plans, {plan.prd_id: 2 for plan in plans}, 3, 10)
    return outlook(plans, rules or Rules(), places, known)


def plan(*stories: PlannedStory, prd_id: str = "P", **fields: Any) -> Plan:  # noqa: ANN401
    return replace(Plan(prd_id=prd_id, title="A plan", path="/p", stories=stories), **fields)


EXAMPLE = plan(
    story("US-1", is_done=True),
    story("US-2", depends_on=("US-1",), files=("src/**",)),
    story("US-3", depends_on=("US-1",), files=("src/api.py",)),
    story("US-4", depends_on=("US-2", "US-3"), needs=("Q/q",)),
    story("US-5", is_skipped=True),
    story("US-6", depends_on=("US-5",)),
)


def test_the_table_shows_batches_and_what_each_story_still_waits_for() -> None:
    text = plan_text(look(EXAMPLE, files=("src/api.py",)), width=100)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0].startswith("P: A plan (1 of 6 done, 1 skipped, 1 blocked, at most 2 at once,")
    assert "1 US-2 make US-2" in lines
    assert "2 US-3 ~US-2 make US-3" in lines
    assert "3 US-4 US-2 US-3 Q/q make US-4" in lines
    assert "critical path (3 stories): US-2 -> US-3 -> US-4" in lines
    assert (
        "US-3 after US-2: src/api.py and src/** can be the same path, both match src/api.py"
    ) in lines
    assert "Q/q: not done yet, not part of this plan" in lines
    assert "US-6: needs P/US-5, which is not run" in lines


def test_one_round_is_told_in_the_singular() -> None:
    text = plan_text(look(plan(story("US-1"))), width=100)
    assert "up to 1 at once, 1 round\n" in text


def test_what_is_done_elsewhere_is_said_so() -> None:
    other = plan(story("q", is_done=True), prd_id="Q")
    assert look(EXAMPLE, around=(other,)).outside == {"Q/q": "done"}


def test_earlier_runs_turn_rounds_into_times() -> None:
    found = look(EXAMPLE, took_s={("P", "US-2"): 600.0, ("P", "US-1"): 60.0, ("P", "x"): 60.0})
    text = plan_text(found, width=100)
    assert "critical path (3 stories, about 12m00s): US-2 -> US-3 -> US-4" in text
    assert "about 12m00s (by 3 earlier stories)" in text
    assert document(found)["critical_path"] == {
        "stories": ["P/US-2", "P/US-3", "P/US-4"],
        "length": 3,
        "seconds": 720.0,
    }


def test_a_prd_without_parallel_has_one_place() -> None:
    found = look(plan(story("a"), story("b"), parallel=Parallel(enabled=False)))
    assert found.places == Places(prds=3, agents=10, workers={"P": 1})
    assert (found.most_at_once, found.run_s) == (1, 2.0)
    assert "parallel is off: one story at a time" in plan_text(found, width=200)


def test_alike_stories_are_told_where_text_counts() -> None:
    text = "Add a login form with an email field and a password field"
    found = look(
        plan(story("a", description=text), story("b", description=f"{text} again")),
        rules=Rules(mode="text", similar=0.3, threshold=1.0),
    )
    assert "b and a: 0." in plan_text(found, width=80)


def test_nothing_found_and_nothing_left_are_said_plainly() -> None:
    assert plan_text(look(), width=80) == "no PRD was found; `prd-supervise init` writes one"
    assert tree_text(look(), width=80) == "no PRD was found; `prd-supervise init` writes one"
    assert "nothing is left to do" in plan_text(look(plan(story("a", is_done=True))), width=80)


def test_the_tree_shows_a_story_once_and_refers_to_it_after() -> None:
    assert tree_text(look(EXAMPLE), width=80).splitlines() == [
        "US-1 [done] make US-1",
        "├─ US-2 make US-2",
        "│  ├─ ~US-3 (also after US-1) make US-3",
        "│  │  └─ US-4 (also after US-2) make US-4",
        "│  └─ US-4 ↑",
        "└─ US-3 ↑",
        "US-5 [skipped] make US-5",
        "└─ US-6 [blocked] make US-6",
    ]


def test_a_chain_of_any_length_is_a_tree_that_fits() -> None:
    chain = [story("s0"), *(story(f"s{at}", depends_on=(f"s{at - 1}",)) for at in range(1, 3_000))]
    lines = tree_text(look(plan(*chain)), width=120).splitlines()
    assert len(lines) == 3_000
    assert all(cells(line) <= 120 for line in lines)


def test_stories_in_a_cycle_stand_in_the_tree_as_well() -> None:
    found = look(plan(story("a", depends_on=("b",)), story("b", depends_on=("a",))))
    assert tree_text(found, width=60).splitlines() == [
        "a [blocked] (also after b) make a",
        "└─ b [blocked] make b",
        "   └─ a ↑",
    ]


def test_the_document_is_json_and_names_every_edge() -> None:
    found = json.loads(json.dumps(document(look(EXAMPLE))))
    assert found["version"] == 1
    assert found["batches"] == [["P/US-2"], ["P/US-3"], ["P/US-4"]]
    assert found["inferred"] == [
        {
            "story": "P/US-3",
            "after": "P/US-2",
            "globs": ["src/api.py", "src/**"],
            "example": None,
            "similarity": None,
        }
    ]
    assert [each["state"] for each in found["prds"][0]["stories"]] == [
        *("done", "waiting", "waiting", "waiting", "skipped", "blocked"),
    ]
    assert found["needed_of_others"] == {"Q/q": "not done yet"}


QUOTED = r'"(?:[^"\\]|\\.)*"'
LOOKS = rf" \[\w+={QUOTED}(?:, \w+={QUOTED})*(?:, penwidth=2)?\]"
STATEMENT = re.compile(
    rf"digraph plan {{|  subgraph cluster_\d+ {{|  }}|}}|  rankdir={QUOTED};|    label={QUOTED};"
    rf"|  node{LOOKS};|    {QUOTED}{LOOKS};|  {QUOTED} -> {QUOTED}(?:{LOOKS})?;"
)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_whatever_a_title_says_the_graph_stays_a_graph(title: str) -> None:
    hostile = plan(
        story("a", title=title), story("b", title='"]; evil [label="', depends_on=("a",))
    )
    for line in dot(look(hostile)).split("\n"):
        assert STATEMENT.fullmatch(line), line


WIDE = "\N{CJK UNIFIED IDEOGRAPH-8A2D}\N{CJK UNIFIED IDEOGRAPH-8A08}" * 40


@pytest.mark.parametrize("width", [40, 69, 70, 100, 200])
def test_every_line_fits_also_with_wide_characters_and_long_names(width: int) -> None:
    stories = [
        story(f"story-{'x' * 50}-{at}", title=WIDE, files=("src/" + "y" * 90 + "/**",))
        for at in range(3)
    ]
    found = look(plan(*stories, title=WIDE), plan(*stories, prd_id="Q" * 64))
    for text in (plan_text(found, width=width), tree_text(found, width=width)):
        assert max(map(cells, text.splitlines())) <= width


@given(st.text(max_size=40), st.integers(1, 30))
def test_text_is_cut_and_filled_to_its_cells(text: str, width: int) -> None:
    assert cells(clipped(text, width)) <= width
    assert cells(padded(text, width)) == width
    assert all(cells(line) <= max(width, 2) for line in filled(text, width))


def test_who_works_on_what_is_shown() -> None:
    rules = AgentRules(
        specs=(AgentSpec(name="claude", model="sonnet"), AgentSpec(name="codex")),
        fallback=("codex",),
        roles=(Role(name="backend", agent="codex", context=("docs/**",)),),
    )
    asked = plan(
        story("US-1", is_done=True),
        story("US-2", complexity="high"),
        story("US-3", agent="backend"),
        story("US-4"),
    )
    found = look(asked, agents=rules)
    text = plan_text(found, width=100)
    assert "who works on what is left:\n  claude sonnet, then codex: US-2, US-4\n" in text
    assert "\n  codex, then claude sonnet as backend: US-3\n" in text
    assert "files in their prompts:\n  the role backend: 2 files" in text
    stories: Any = document(found)["prds"]
    told = {each["id"]: (each["agents"], each["role"]) for each in stories[0]["stories"]}
    assert told["US-1"] == ([], None)
    assert told["US-3"] == (
        [{"agent": "codex", "model": None}, {"agent": "claude", "model": "sonnet"}],
        "backend",
    )
    assert "who works on what is left:\n  claude sonnet, then codex: all of them" in plan_text(
        look(plan(story("A"), story("B")), agents=rules), width=100
    )
