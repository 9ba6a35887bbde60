from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from msgspec import to_builtins

from prd_supervise.policies.supervising.spec import Tally
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.records import (
    Held,
    PrdAccepted,
    PrdBegun,
    PrdSettled,
    PrdState,
    Released,
    RetryGiven,
    RetryOrdered,
)
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.shell.board import Board
from prd_supervise.supervisor.shell.plans.accepted import read_accepted, write_accepted
from prd_supervise.supervisor.shell.plans.due_retries import with_due_retry
from prd_supervise.supervisor.shell.plans.identity import Known, KnownPrd
from prd_supervise.supervisor.shell.plans.submission import Terms, accept, read_plans
from prd_supervise.supervisor.shell.status.document import RootStatus
from prd_supervise.supervisor.shell.status.making import status_of
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.registry import RegistryFile
from prd_supervise.workers.messages.prd import PrdReport, StoryView

NOW = 28.0


def accepted(prd_id: str) -> PrdAccepted:
    return PrdAccepted(prd_id=prd_id, title=f"title {prd_id}", path=f"/r/{prd_id}.json", base="b")


def view(story_id: str, state: str) -> StoryView:
    return StoryView(story_id=story_id, title="t", state=state, attempt=1)


@pytest.fixture
def board() -> Board:
    made = Board()
    for prd_id in "ABC":
        made.on_record(accepted(prd_id), 1.0)
    made.on_record(PrdBegun(prd_id="A"), 10.0)
    made.on_record(PrdBegun(prd_id="B"), 10.0)
    made.on_record(PrdSettled(prd_id="B", state=PrdState.FAILED, reasons=("why",)), 25.0)
    stories = (view("1", "done"), view("2", "done (unverified)"), view("3", "waiting"))
    made.on_report("A", PrdReport(branch="feature/A", base="b", stories=stories, note="n"), NOW)
    return made


def test_what_waits_in_vain_says_so_once_its_prd_has_failed(board: Board) -> None:
    """As its supervisor has said while it lived: no journal of the PRD tells what others lack."""
    waits = replace(view("3", "waiting"), reason="waits for B/1")
    board.on_report("A", PrdReport(branch="feature/A", base="b", stories=(waits,)), NOW)
    assert told_of(board, "A")["3"] == "waits for B/1"

    reasons = ("3: needs B/1, and B is not being run: start it too", "33: another")
    settled = PrdSettled(prd_id="A", state=PrdState.FAILED, reasons=reasons)
    board.on_record(settled, NOW)
    assert told_of(board, "A")["3"] == "needs B/1, and B is not being run: start it too"

    board.on_record(replace(settled, state=PrdState.STOPPED), NOW)
    assert told_of(board, "A")["3"] == "waits for B/1"


def test_what_is_to_be_retried_wants_nobody_any_more_while_its_prd_is_queued(board: Board) -> None:
    lost = (view("1", "failed"), view("2", "failed"), view("3", "skipped"), view("4", "done"))
    board.on_report("B", PrdReport(branch="feature/B", base="b", stories=lost), NOW)
    assert states_of(board, "B") == ["failed", "failed", "skipped", "done"]

    board.on_record(replace(accepted("B"), retry_stories=("2",)), NOW)
    assert states_of(board, "B") == ["failed", "waiting", "skipped", "done"]
    assert told_of(board, "B")["2"] == "goes again when its PRD's turn comes"

    board.on_record(replace(accepted("B"), retry=True), NOW)
    assert states_of(board, "B") == ["waiting", "waiting", "skipped", "done"]

    board.on_record(PrdBegun(prd_id="B"), NOW)  # from here on its supervisor tells how they are
    assert states_of(board, "B") == ["failed", "failed", "skipped", "done"]


def states_of(board: Board, prd_id: str) -> list[str]:
    document = status_of(board, RootStatus(), NOW)
    (prd,) = (prd for prd in document.prds if prd.id == prd_id)
    return [story.state for story in prd.stories]


def told_of(board: Board, prd_id: str) -> dict[str, str | None]:
    document = status_of(board, RootStatus(), NOW)
    (prd,) = (prd for prd in document.prds if prd.id == prd_id)
    return {story.id: story.reason for story in prd.stories}


def test_the_registry_has_each_prd_under_its_state(board: Board) -> None:
    registry = board.registry(max_prds=3, api_limit=10, now=12.5)
    active = registry.pop("active_prds")
    assert registry == {
        "version": "1.0",
        "boot": "",
        "max_parallel_prds": 3,
        "api_limit": 10,
        "queued_prds": ["C"],
        "completed_prds": [],
        "failed_prds": ["B"],
        "stopped_prds": [],
    }
    assert isinstance(active, dict)
    assert list(active) == ["A"]
    assert active["A"] | {"worktree": ""} == {
        "prd_id": "A",
        "title": "title A",
        "branch": "feature/A",
        "pid": None,
        "status": "running",
        "progress": {"completed": 2, "total": 3},
        "started_at": 10.0,
        "runtime_s": 2.5,
        "worktree": "",
        "prd_file": "/r/A.json",
    }


def test_the_stories_of_a_prd_count_before_its_supervisor_has_named_them() -> None:
    made = Board()
    made.on_record(replace(accepted("A"), stories=7), 1.0)
    assert made.rows["A"].progress() == {"completed": 0, "total": 7}


def test_what_was_rolled_back_is_no_progress() -> None:
    made = Board()
    made.on_record(accepted("A"), 1.0)
    stories = (view("1", "rolled back"), view("2", "failed"))
    made.on_report("A", PrdReport(branch="feature/A", base="b", stories=stories), NOW)
    assert made.rows["A"].progress() == {"completed": 0, "total": 2}


def test_the_status_tells_times_and_reasons(board: Board) -> None:
    document = to_builtins(status_of(board, RootStatus(), 100.0))
    a, b, c = document["prds"]
    assert (a["runtime_s"], b["runtime_s"], c["runtime_s"]) == (90.0, 15.0, 0.0)
    assert (b["state"], b["reasons"]) == ("failed", ("why",))
    assert (c["started_at"], c["stories"]) == (None, ())
    assert [story["state"] for story in a["stories"]] == ["done", "done (unverified)", "waiting"]


def test_reports_change_the_stories_that_they_name_and_no_others(board: Board) -> None:
    report = PrdReport(branch="", base="b", stories=(view("3", "done"),))
    board.on_report("A", report, NOW)
    row = board.rows["A"]
    assert (row.progress(), row.branch, row.note) == ({"completed": 3, "total": 3}, "feature/A", "")


def test_a_plan_names_stories_that_nobody_has_told_of_and_changes_none_that_is_known(
    board: Board,
) -> None:
    planned = (view("2", "waiting"), view("4", "waiting"))
    board.on_plan("A", planned)
    board.on_plan("C", planned)
    assert told_of(board, "A").keys() == told_of(board, "C").keys() == {"2", "4"}
    states = {name: each.state for name, each in board.rows["A"].stories.items()}
    assert states == {"2": "done (unverified)", "4": "waiting"}
    assert board.rows["C"].progress() == {"completed": 0, "total": 2}


def test_a_prd_that_is_taken_again_keeps_its_branch_and_goes_last(board: Board) -> None:
    board.on_record(accepted("A"), 30.0)
    assert list(board.rows) == ["B", "C", "A"]
    row = board.rows["A"]
    assert (row.state, row.branch, row.started_at) == (PrdState.QUEUED, "feature/A", 0.0)
    assert len(row.stories) == 3


# --- registry.json ------------------------------------------------------------------------------


def test_the_registry_is_written_when_it_is_stale(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "registry.json"
    registry = RegistryFile(path, 3, 10)
    registry.write(board)
    assert json.loads(path.read_bytes())["queued_prds"] == ["C"]
    board.on_record(PrdBegun(prd_id="C"), 1.0)
    registry.write(board)
    assert json.loads(path.read_bytes())["queued_prds"] == ["C"]
    registry.is_stale = True
    registry.write(board)
    assert json.loads(path.read_bytes())["queued_prds"] == []
    assert not registry.is_stale


def test_a_registry_that_could_not_be_written_is_written_later(
    board: Board, tmp_path: Path
) -> None:
    (tmp_path / ".registry.json.new").symlink_to("/dev/full")
    registry = RegistryFile(tmp_path / "registry.json", 3, 10)
    registry.write(board)
    assert registry.is_stale
    assert not list(tmp_path.iterdir()), "half a file is no use to anybody"
    registry.write(board)
    assert (tmp_path / "registry.json").exists()


# --- what is run --------------------------------------------------------------------------------


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(
        repository=tmp_path,
        common_dir=tmp_path / ".git",
        state_dir=tmp_path / "state",
        worktrees=tmp_path / "worktrees",
    )


def write_prd(path: Path, project: str, **story: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"id": "US-1", "title": "t", "acceptanceCriteria": ["c"], "passes": False, **story}
    path.write_text(json.dumps({"project": project, "userStories": [whole]}))
    return path


def test_a_plan_comes_back_as_it_was_accepted(layout: Layout) -> None:
    story = PlannedStory(story_id="S", title="ü", depends_on=("T",), verify=(), replay="[]")
    plan = Plan(prd_id="P", title="t", path="/p", stories=(story,), verify=("make",))
    write_accepted(layout, plan)
    assert read_accepted(layout, "P") == plan
    assert read_accepted(layout, "Q") is None
    layout.plan("P").write_bytes(b'{"prd_id": 1}')
    assert read_accepted(layout, "P") is None


def test_the_document_is_kept_as_it_was_read_whatever_its_file_says_by_now(layout: Layout) -> None:
    path = write_prd(layout.repository / "prd.json", "A")
    said = path.read_bytes()
    (plan,), _ = read_plans([path], known=Known(), base_branch="main")
    path.write_text("{")
    write_accepted(layout, plan)
    assert layout.document(plan.prd_id).read_bytes() == said
    assert plan.says_as(read_accepted(layout, plan.prd_id))
    assert len(layout.plan(plan.prd_id).read_bytes()) < 1000 + len(said), "it is kept once"


def test_all_defects_of_all_prds_come_at_once(tmp_path: Path) -> None:
    good = write_prd(tmp_path / "good.json", "GOOD")
    bad = [write_prd(tmp_path / f"bad{n}.json", "BAD", dependsOn=["US-99"]) for n in (1, 2)]
    plans, defects = read_plans([bad[0], good, bad[1]], known=Known(), base_branch="main")
    assert [plan.prd_id for plan in plans] == ["GOOD"]
    assert {defect.path for defect in defects} == {str(path) for path in bad}


def test_ids_are_unique_and_a_file_that_was_run_before_keeps_its_own(tmp_path: Path) -> None:
    paths = [write_prd(tmp_path / name / "prd.json", "SAME") for name in ("one", "two", "three")]
    other = write_prd(tmp_path / "other.json", "OTHER")
    known = Known(
        prds=(
            KnownPrd(prd_id="SAME", path=str(paths[1])),
            KnownPrd(prd_id="SAME-2", path=str(other)),
        )
    )
    plans, _ = read_plans(paths, known=known, base_branch="main")
    ids = [plan.prd_id for plan in plans]
    assert ids[1] == "SAME"
    assert len({*ids, "SAME-2"}) == 4
    assert read_plans(paths * 2, known=known, base_branch="main")[0] == plans


def test_what_is_accepted_is_written_down_with_its_terms(layout: Layout, tmp_path: Path) -> None:
    path = write_prd(tmp_path / "prd.json", "ALPHA")
    plans, _ = read_plans([path], known=Known(), base_branch="main")
    (taken,) = accept(layout, plans, Terms(base="abc", retry=True), str)
    assert taken == PrdAccepted(
        prd_id="ALPHA", title=plans[0].title, path=str(path), base="abc", retry=True, stories=1
    )
    assert plans[0].says_as(read_accepted(layout, "ALPHA"))
    assert layout.plan("ALPHA").stat().st_mode & 0o077 == 0
    assert layout.document("ALPHA").read_bytes() == path.read_bytes()
    assert sorted(os.listdir(layout.plan("ALPHA").parent)) == ["ALPHA.document", "ALPHA.json"]  # noqa: PTH208


def test_no_story_of_a_settled_prd_is_said_to_run(board: Board) -> None:
    stories = (view("1", "running"), view("2", "done"), view("3", "failed"))
    board.on_report("A", PrdReport(branch="feature/A", base="b", stories=stories), NOW)
    board.on_record(PrdSettled(prd_id="A", state=PrdState.FAILED), 30.0)
    shown = {name: story.state for name, story in board.rows["A"].stories.items()}
    assert shown == {"1": "waiting", "2": "done", "3": "failed"}


def held_in(board: Board) -> set[tuple[str, str | None]]:
    prds = status_of(board, RootStatus(), 1.0).prds
    stories = {(prd.id, story.id) for prd in prds for story in prd.stories if story.held}
    return {(prd.id, None) for prd in prds if prd.held} | stories


def test_holds_outlive_what_becomes_of_a_prd(board: Board) -> None:
    board.on_record(Held(prd_id="A", story_id="3"), 30.0)
    board.on_record(Held(prd_id="C"), 31.0)
    assert held_in(board) == {("A", "3"), ("C", None)}
    board.on_record(accepted("A"), 32.0)
    assert held_in(board) == {("A", "3"), ("C", None)}
    board.on_record(Released(prd_id="C"), 33.0)
    assert held_in(board) == {("A", "3")}


def test_losses_are_counted_by_their_cause(board: Board) -> None:
    lost = replace(view("3", "waiting"), losses=Tally(memory=2))
    board.on_report("A", PrdReport(branch="", base="", stories=(lost,)), NOW)
    (told, *_) = status_of(board, RootStatus(), 40.0).prds
    stories = {story.id: story.losses for story in told.stories}
    assert (stories["3"], stories["1"]) == (Tally(memory=2), Tally())


def test_it_is_known_since_when_a_story_is_in_its_state_and_at_its_attempt(board: Board) -> None:
    def moments() -> dict[str, tuple[float | None, float | None]]:
        (told, *_) = status_of(board, RootStatus(), 60.0).prds
        return {story.id: (story.since, story.attempt_since) for story in told.stories}

    assert moments()["3"] == (NOW, NOW)
    begun = replace(view("3", "running"), attempt=2)
    board.on_report("A", PrdReport(branch="", base="", stories=(begun,)), 40.0)
    board.on_report("A", PrdReport(branch="", base="", stories=(begun,), note="new"), 45.0)
    assert moments() == {"1": (NOW, NOW), "2": (NOW, NOW), "3": (40.0, 40.0)}
    verifying = replace(begun, state="verifying")
    board.on_report("A", PrdReport(branch="", base="", stories=(verifying,)), 50.0)
    assert moments()["3"] == (50.0, 40.0)
    board.on_record(PrdSettled(prd_id="A", state=PrdState.STOPPED), 55.0)
    assert moments()["3"] == (55.0, 40.0)
    (told, *_) = status_of(board, RootStatus(), 60.0).prds
    assert (told.since, told.ended_at) == (55.0, 55.0)


def test_a_story_that_was_never_begun_is_at_no_attempt(board: Board) -> None:
    never = replace(view("9", "waiting"), attempt=0)
    board.on_report("C", PrdReport(branch="", base="", stories=(never,)), 30.0)
    told = next(prd for prd in status_of(board, RootStatus(), 60.0).prds if prd.id == "C")
    assert [(each.since, each.attempt_since) for each in told.stories] == [(30.0, None)]


def retried(state: str, *, failed_at: float, begun_at: float) -> PrdAccepted:
    """What a resume accepts after a death, of a PRD whose story 1 was to be retried."""
    board = Board()
    board.on_record(accepted("A"), 1.0)
    board.on_record(PrdBegun(prd_id="A"), 2.0)
    stories = (view("1", state), view("2", "failed"))
    board.on_report("A", PrdReport(branch="f", base="b", stories=stories), failed_at)
    board.on_record(PrdSettled(prd_id="A", state=PrdState.FAILED), failed_at)
    board.on_record(replace(accepted("A"), retry_stories=("1",)), 5.0)
    if begun_at:
        board.on_record(PrdBegun(prd_id="A"), begun_at)
        board.interrupt("A", 9.0)
    return with_due_retry(accepted("A"), board.rows["A"])


def test_a_retry_is_due_until_the_prd_s_supervisor_has_given_it() -> None:
    assert retried("failed", failed_at=3.0, begun_at=0.0).retry_stories == ("1",), "in the queue"
    assert retried("failed", failed_at=3.0, begun_at=6.0).retry_stories == ("1",), "begun alone"
    assert retried("failed", failed_at=7.0, begun_at=6.0).retry_stories == (), "it failed again"
    assert retried("running", failed_at=3.0, begun_at=6.0).retry_stories == ()
    assert with_due_retry(accepted("A"), None) == accepted("A")


def test_a_retry_that_a_prd_at_work_was_ordered_is_due_until_it_has_given_it(board: Board) -> None:
    for record in (RetryOrdered(prd_id="A"), RetryOrdered(prd_id="A", story_id="1")):
        board.on_record(record, 40.0)
    due = with_due_retry(accepted("A"), board.rows["A"])
    assert (due.retry, due.retry_stories) == (True, ("1",))
    board.on_record(RetryGiven(prd_id="A"), 41.0)
    due = with_due_retry(accepted("A"), board.rows["A"])
    assert (due.retry, due.retry_stories) == (False, ("1",))
    board.on_record(RetryGiven(prd_id="A", story_id="1"), 42.0)
    assert with_due_retry(accepted("A"), board.rows["A"]) == accepted("A")


def test_what_failed_and_was_not_to_be_retried_is_not(board: Board) -> None:
    board.on_record(accepted("B"), 30.0)
    assert with_due_retry(accepted("B"), board.rows["B"]) == accepted("B")
    assert with_due_retry(accepted("A"), board.rows["A"]) == accepted("A")
