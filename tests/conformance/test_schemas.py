from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from prd_supervise.policies.metrics.tally import Level as HowHigh
from prd_supervise.policies.metrics.tally import Tally
from prd_supervise.policies.notices import DIGEST, EVENTS, notice_of
from prd_supervise.policies.supervising.spec import Restart, Strategy
from prd_supervise.supervisor.core.root.records import PrdState
from prd_supervise.supervisor.prd.defect import Severity
from prd_supervise.supervisor.prd.forms.aliases import PRD_NAMES, STORY_NAMES
from prd_supervise.supervisor.prd.members.fields import folded
from prd_supervise.supervisor.prd.model import Supervision
from prd_supervise.supervisor.prd.names import is_safe_name, ref_problem
from prd_supervise.supervisor.prd.own_form import own_forms
from prd_supervise.supervisor.prd.read import read_file
from prd_supervise.supervisor.shell.board import DAMAGED, INTERRUPTED
from prd_supervise.supervisor.shell.metrics.kept import MetricsFile
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.ui.check import checked_in, document
from prd_supervise.supervisor.ui.doctor.command import look
from prd_supervise.supervisor.ui.doctor.show import document as doctor_document
from prd_supervise.supervisor.ui.doctor.words import Level
from prd_supervise.supervisor.ui.init.texts import EXAMPLE
from prd_supervise.supervisor.ui.metrics.document import document as metrics_document
from prd_supervise.supervisor.ui.metrics.reading import read_metrics
from prd_supervise.supervisor.ui.report.document import document as report_document
from prd_supervise.supervisor.ui.report.figures import Figures
from prd_supervise.supervisor.ui.report.reading import PrdPart, Report, StoryLine
from prd_supervise.workers.notify.ways import body_of

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLE_FILE = DOCS / "example" / "prd.json"


def schema(name: str) -> dict[str, Any]:
    found = json.loads((DOCS / "schema" / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    Draft202012Validator.check_schema(found)
    return found


def problems(name: str, instance: object) -> list[str]:
    return [error.message for error in Draft202012Validator(schema(name)).iter_errors(instance)]


def prd(**story: object) -> dict[str, object]:
    return {"userStories": [{"id": "A", "title": "A", **story}]}


# --- a PRD --------------------------------------------------------------------------------------


def test_the_example_is_what_init_writes_and_keeps_to_the_schema() -> None:
    text = EXAMPLE_FILE.read_text(encoding="utf-8")
    assert text == EXAMPLE
    assert problems("prd.schema.json", json.loads(text)) == []


def test_the_example_is_read_without_a_word(tmp_path: Path) -> None:
    checked = checked_in(tmp_path, [str(EXAMPLE_FILE)], is_strict=True)
    assert checked.defects == ()
    assert checked.summary.stories == 2


def test_the_schema_has_every_name_of_ours_and_no_other() -> None:
    found = schema("prd.schema.json")
    of_story = {*found["$defs"]["story"]["properties"]}
    of_prd = {*found["properties"]} - {"$schema"}
    assert of_prd == {names[0] for names in PRD_NAMES.values()}
    # Two more are read, which say what dependsOn and status can say.
    assert of_story | {"blocks", "skip"} == {names[0] for names in STORY_NAMES.values()}


def test_the_schema_knows_the_words_of_the_reader() -> None:
    supervision = schema("prd.schema.json")["$defs"]["supervision"]["properties"]
    assert {*supervision} == {*Supervision.__struct_fields__}
    assert supervision["strategy"]["enum"] == [each.value for each in Strategy]
    assert {*supervision["restart"]["enum"]} < {each.value for each in Restart}


def test_what_we_do_not_know_is_allowed() -> None:
    assert problems("prd.schema.json", prd(notes="x", labels=[1]) | {"owner": None}) == []


@pytest.mark.parametrize(
    "name", ["US-001", "a", "1.1.0", "a.lock.b", "", "-a", "a..b", "a.", "a.lock", "a b", "a/b"]
)
def test_the_schema_and_the_reader_agree_on_ids(name: str) -> None:
    assert (problems("prd.schema.json", prd(id=name)) == []) == is_safe_name(name)


@pytest.mark.parametrize("name", ["main", "feature/x-1", "-x", "/x", "a b", "a~b", "a:b", "a[b"])
def test_the_schema_and_the_reader_agree_on_branches(name: str) -> None:
    found = problems("prd.schema.json", prd() | {"branchName": name})
    assert (found == []) == (ref_problem(name) == "")


def test_what_misleads_is_refused_by_the_schema() -> None:
    wrong: tuple[dict[str, object], ...] = (
        {"stories": []},
        {"userStories": []},
        prd(passes="yes"),
        prd(dependsOn="A, B"),
        prd() | {"supervision": {"strategie": "one_for_one"}},
        prd() | {"parallel": {"conflictStrategy": "maybe"}},
    )
    assert [problems("prd.schema.json", each) != [] for each in wrong] == [True] * len(wrong)


def test_what_init_turns_keeps_to_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    old = {"name": "Old", "stories": [{"id": 7, "title": "T", "priority": "P1", "deps": "none"}]}
    path.write_text(json.dumps(old), encoding="utf-8")
    (form,) = own_forms(read_file(path))
    assert problems("prd.schema.json", json.loads(form.text)) == []


def test_a_name_of_ours_stands_for_one_thing() -> None:
    for table in (PRD_NAMES, STORY_NAMES):
        for subject, (ours, *_) in table.items():
            others = [names for other, names in table.items() if other != subject]
            assert folded(ours) not in {folded(name) for names in others for name in names}


# --- what check prints --------------------------------------------------------------------------


def test_the_document_of_check_keeps_to_its_schema(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"userStories": [}', encoding="utf-8")
    (tmp_path / "prd.json").write_text(json.dumps(prd()), encoding="utf-8")
    (tmp_path / "prd-supervise.toml").write_text("max_prd = 1\n", encoding="utf-8")
    names = [str(tmp_path / name) for name in ("bad.json", "prd.json")]
    found = document(checked_in(tmp_path, names))
    assert problems("check.schema.json", found) == []
    assert len(problems("check.schema.json", {**found, "defects": [{}]})) == 7


def test_the_schema_of_check_has_all_severities() -> None:
    item = schema("check.schema.json")["properties"]["defects"]["items"]
    assert item["properties"]["severity"]["enum"] == [each.value for each in Severity]


# --- doctor -------------------------------------------------------------------------------------


def test_what_doctor_says_keeps_to_the_schema(tmp_path: Path) -> None:
    found = doctor_document(tmp_path, look(tmp_path))
    assert problems("doctor.schema.json", found) == []
    assert problems("doctor.schema.json", found | {"more": 1}) != []
    levels = schema("doctor.schema.json")["$defs"]["line"]["properties"]["level"]["enum"]
    assert levels == [level.value for level in Level]


# --- what report prints -------------------------------------------------------------------------


def test_the_document_of_report_keeps_to_its_schema() -> None:
    figures = Figures(wall_s=3.0, sequential_s=2.0, attempts=1)
    line = StoryLine(story_id="A", title="a", state="done", figures=figures)
    part = PrdPart(
        prd_id="P",
        title="p",
        state="completed",
        branch="feature/P",
        landed="",
        figures=figures,
        spans=((0.0, 3.0),),
        stories=(line,),
    )
    found = report_document(Report(prds=(part,), figures=figures, gaps=("a gap",)))
    assert problems("report.schema.json", found) == []
    assert problems("report.schema.json", {**found, "prds": [{}]}) != []
    assert problems("report.schema.json", {**found, "more": 1}) != []


def test_the_schema_of_report_has_all_states_of_a_prd() -> None:
    states = schema("report.schema.json")["properties"]["prds"]["items"]["properties"]["state"]
    assert {*states["enum"]} == {each.value for each in PrdState} | {INTERRUPTED, DAMAGED}


# --- metrics and messages -------------------------------------------------------------------------


def test_metrics_keep_to_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    layout = Layout(
        repository=tmp_path, common_dir=tmp_path, state_dir=tmp_path, worktrees=tmp_path
    )
    nothing = read_metrics(layout, None, is_running=False, now=0.0)
    assert problems("metrics.schema.json", metrics_document(nothing)) == []
    tally = Tally()
    tally.count("stories_total", ("ALPHA", "done"))
    for took_s in (0.0, 0.5, 1e9):
        tally.time("agent_seconds", ("claude", "normal"), took_s)
    MetricsFile(path).append(tally.batch(), (HowHigh("up", (), 1.0),), 1_700_000_000.0)
    some = read_metrics(layout, None, is_running=True, now=1_700_000_100.0)
    document = metrics_document(some)
    assert problems("metrics.schema.json", document) == []
    assert document["counters"], document


def test_the_schema_of_a_message_knows_every_event() -> None:
    found = schema("notification.schema.json")
    assert {*found["properties"]["event"]["enum"]} == {*EVENTS, DIGEST, "test"}
    for event in EVENTS:
        body = body_of(notice_of(event, "text", prd="ALPHA", story="US-1", at=1.0), "/x")
        assert problems("notification.schema.json", body) == []
