from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.check.remark import Around
from prd_supervise.supervisor.prd.check.rules import remarks
from prd_supervise.supervisor.prd.check.sites import Sites
from prd_supervise.supervisor.prd.model import Parallel, Plan, PlannedStory
from prd_supervise.supervisor.prd.read import read_file
from prd_supervise.workers.messages.agents import AgentRules, AgentSpec, Role

VERIFIED = Around(verify=("make test",))
AGENTS = AgentRules(
    specs=(AgentSpec(name="claude", fits=("opus*",)), AgentSpec(name="command")),
    roles=(Role(name="backend-developer"),),
)


def story(story_id: str, **fields: Any) -> PlannedStory:  # noqa: ANN401  a story's own fields
    fields.setdefault("criteria", ("it is there",))
    return PlannedStory(story_id=story_id, title=story_id, **fields)


def plan(*stories: PlannedStory, **fields: Any) -> Plan:  # noqa: ANN401  a plan's own fields
    fields.setdefault("prd_id", "P")
    fields.setdefault("path", f"/{fields['prd_id']}.json")
    return Plan(title="P", stories=stories, **fields)


def said(
    *plans: Plan, around: Around = VERIFIED, read_ids: Sequence[str] | None = None
) -> list[tuple[str, str, str]]:
    """What is remarked: the code, the story, the severity."""
    ids = [each.prd_id for each in plans] if read_ids is None else read_ids
    found = remarks(plans, ids, around)
    return [(each.code, each.story_id, each.severity.value) for each in found]


def test_a_sound_prd_gets_no_remark() -> None:
    assert said(plan(story("A"), story("B", depends_on=("A",)))) == []


# --- criteria and commands ----------------------------------------------------------------------


def test_a_story_without_criteria_is_warned_of() -> None:
    assert said(plan(story("A"), story("B", criteria=()))) == [("no-criteria", "B", "warning")]


def test_a_prd_without_any_criteria_is_warned_of_once() -> None:
    bare = [story(name, criteria=()) for name in "ABC"]
    assert said(plan(*bare)) == [("no-criteria", "", "warning")]


def test_what_is_done_or_not_wanted_needs_neither_criteria_nor_commands() -> None:
    done, skipped = story("A", criteria=(), is_done=True), story("B", criteria=(), is_skipped=True)
    assert said(plan(done, skipped), around=Around()) == []


def test_without_any_verify_command_the_prd_is_warned_of() -> None:
    assert said(plan(story("A")), around=Around()) == [("unverified", "", "warning")]
    assert said(plan(story("A"), verify=()), around=VERIFIED) == [("unverified", "", "warning")]
    assert said(plan(story("A", verify=("true",))), around=Around()) == []
    assert said(plan(story("A"), verify=("true",)), around=Around()) == []


def test_a_criterion_that_is_a_command_is_hinted_at_unless_it_is_run() -> None:
    criteria = ("it is there", "`npm test` passes")
    assert said(plan(story("A", criteria=criteria))) == [("runnable-criterion", "A", "hint")]
    assert said(plan(story("A", criteria=criteria, verify=("npm test -- --ci",)))) == []


# --- names --------------------------------------------------------------------------------------


def test_two_prds_that_want_one_branch_are_told() -> None:
    first, second = plan(story("A"), branch="x"), plan(story("A"), prd_id="Q", branch="x")
    assert said(first, second) == [("branch-twice", "", "warning")]
    default = plan(story("A"), prd_id="Q", branch="feature/P")
    assert said(plan(story("A")), default) == [("branch-twice", "", "warning")]
    assert said(first, plan(story("A"), prd_id="Q", branch="y")) == []


def test_a_prd_that_cannot_keep_its_id_is_told() -> None:
    plans = plan(story("A")), plan(story("A"), prd_id="P-2")
    assert said(*plans, read_ids=["P", "P"]) == [("id-taken", "", "warning")]
    assert said(*plans, read_ids=["P", "Q"]) == []


def test_an_agent_that_is_not_known_is_hinted_at() -> None:
    around = Around(verify=("true",), agents=AGENTS)
    assert said(plan(story("A", agent="claud")), around=around) == [("unknown-agent", "A", "hint")]
    assert said(plan(story("A", agent="command")), around=around) == []
    assert said(plan(story("A", agent="backend-developer")), around=around) == []
    named = replace(plan(story("A")), agent="claud")
    assert said(named, around=around) == [("unknown-agent", "", "hint")]


def test_a_model_of_another_agent_is_hinted_at_once() -> None:
    around = Around(verify=("true",), agents=AGENTS)
    asked = plan(story("A", model="gpt-5"), story("B", model="gpt-5"), story("C", model="opus-4"))
    assert said(asked, around=around) == [("other-model", "A", "hint")]
    other = plan(story("A", model="gpt-5", agent="command"))
    assert said(other, around=around) == []


# --- waiting ------------------------------------------------------------------------------------


def test_who_needs_a_story_that_is_not_wanted_is_told() -> None:
    skipped = story("A", is_skipped=True)
    assert said(plan(skipped, story("B", depends_on=("A",)))) == [("needs-skipped", "B", "warning")]
    other = plan(story("B", needs=("P/A",)), prd_id="Q")
    assert said(plan(skipped), other) == [("needs-skipped", "B", "warning")]


def test_a_done_story_whose_need_is_open_is_hinted_at() -> None:
    done = story("B", depends_on=("A",), is_done=True)
    assert said(plan(story("A"), done)) == [("done-before", "B", "hint")]


# --- files --------------------------------------------------------------------------------------


def test_two_stories_side_by_side_on_one_file_are_told() -> None:
    both = story("A", files=("a.py",)), story("B", files=("a.py", "b.py"))
    assert said(plan(*both)) == [("same-files", "B", "warning")]
    ordered = Around(verify=("true",), inference="files")
    assert said(plan(*both), around=ordered) == [("same-files", "B", "hint")]
    asked = Parallel(inference="files")
    assert said(plan(*both, parallel=asked)) == [("same-files", "B", "hint")]


def test_globs_that_can_match_one_path_are_told_with_both() -> None:
    both = plan(story("A", files=("src/**",)), story("B", files=("src/*.py", "doc.md")))
    (found,) = remarks([both], ["P"], VERIFIED)
    assert "A and B both touch a path of 'src/**' and 'src/*.py'; " in found.message


def test_stories_that_are_kept_apart_may_touch_one_file() -> None:
    first = story("A", files=("a.py",))
    assert said(plan(first, story("B", files=("a.py",), depends_on=("A",)))) == []
    chain = first, story("B", depends_on=("A",)), story("C", files=("a.py",), after=("B",))
    assert said(plan(*chain)) == []
    mutex = story("A", files=("a.py",), mutex=("m",)), story("B", files=("a.py",), mutex=("m",))
    assert said(plan(*mutex)) == []
    alone = plan(first, story("B", files=("a.py",)), parallel=Parallel(enabled=False))
    assert said(alone) == []
    assert said(plan(first, story("B", files=("a.py",), is_done=True))) == []
    assert said(plan(first, story("B", files=("b.py",)))) == []


def test_thousands_of_stories_on_one_file_are_told_of_in_bounds() -> None:
    many = [story(f"S-{n}", files=("a.py",)) for n in range(3000)]
    assert len(said(plan(*many))) == 20


# --- places -------------------------------------------------------------------------------------


def test_a_remark_stands_at_what_it_is_about(tmp_path: Path) -> None:
    document = {
        "branchName": "x",
        "userStories": [
            {"id": "A", "title": "A", "acceptance": ["it is there", "`npm test` passes"]},
            {"id": "B", "title": "B", "agent": "claud"},
        ],
    }
    path = tmp_path / "prd.json"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    plans = read_file(path).plans
    sites = Sites()
    found = [
        sites.defect(each) for each in remarks(plans, ["prd"], Around(agents=AGENTS, verify=()))
    ]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert {each.code: lines[each.line - 1][each.column - 1 :] for each in found} == {
        "no-criteria": "{",
        "unverified": "{",
        "runnable-criterion": '"`npm test` passes"',
        "unknown-agent": '"claud"',
    }


def test_a_file_that_has_gone_gives_a_remark_no_place() -> None:
    (found,) = remarks([plan(story("A"))], ["P"], Around())
    assert str(Sites().defect(found)).startswith("/P.json: warning: no verify command for A; ")


def test_a_story_without_declared_files_is_named_where_files_are_the_locks() -> None:
    both = story("A", files=("x",)), story("B")
    around = Around(verify=("true",), strategy="file")
    assert said(plan(*both), around=around) == [("no-files", "B", "hint")]
