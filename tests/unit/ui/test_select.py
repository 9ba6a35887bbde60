from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.records import PrdAccepted, PrdBegun, PrdSettled, PrdState
from prd_supervise.supervisor.prd.model import Plan
from prd_supervise.supervisor.prd.read import read_file
from prd_supervise.supervisor.shell.board import Board
from prd_supervise.supervisor.shell.plans.identity import Only, known_prds, wanted
from prd_supervise.supervisor.shell.plans.submission import read_plans
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.ui.errors import FatalError, StateError, UsageError
from prd_supervise.supervisor.ui.known import known_board, row_named
from prd_supervise.supervisor.ui.start.selection import Selection, chosen, to_resume, to_start
from prd_supervise.supervisor.ui.whereabouts import already_running, checkout_of, layout_of
from prd_supervise.workers.messages.prd import StoryView


def write_prd(top: Path, name: str, *, prd_id: str = "", passes: bool = False) -> Path:
    path = top / name
    path.parent.mkdir(parents=True, exist_ok=True)
    story = {"id": "US-1", "title": "t", "acceptanceCriteria": ["c"], "passes": passes}
    head = {"project": prd_id} if prd_id else {}
    path.write_text(json.dumps(head | {"userStories": [story]}))
    return path


def board_of(**states: tuple[PrdState, Path]) -> Board:
    board = Board()
    for prd_id, (state, path) in states.items():
        accepted = PrdAccepted(prd_id=prd_id, title="t", path=str(path), base="b")
        board.on_record(accepted, 1.0)
        if state is PrdState.QUEUED:
            continue
        board.on_record(PrdBegun(prd_id=prd_id), 2.0)
        if state is not PrdState.ACTIVE:
            board.on_record(PrdSettled(prd_id=prd_id, state=state), 3.0)
    return board


def chosen_of(
    selection: Selection, board: Board, top: Path, **accepted: Plan
) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    known = known_prds(board.rows, accepted.get)
    plans, _ = read_plans(selection.paths, known=known, base_branch="")
    return chosen(selection, plans, board, top=top, plan_of=accepted.get)


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path


def test_without_names_all_that_are_found_and_not_complete_are_started(top: Path) -> None:
    new = write_prd(top, "prd.json")
    ended = write_prd(top, "tasks/ended.json")
    grown = write_prd(top, "tasks/grown.json")
    marked = write_prd(top, "tasks/marked.json", passes=True)
    failed = write_prd(top, "tasks/failed.json")
    board = board_of(
        E=(PrdState.COMPLETED, ended), F=(PrdState.FAILED, failed), G=(PrdState.COMPLETED, grown)
    )
    view = StoryView(story_id="US-1", title="t", state="done (unverified)", attempt=1)
    board.rows["E"].stories["US-1"] = view
    plans, notes = chosen_of(to_start(top, board, (), ()), board, top)
    paths = {Path(plan.path) for plan in plans}
    assert paths == {new, failed, grown}, "a story was added to a completed one"
    assert set(notes) == {"tasks/ended.json: complete", "tasks/marked.json: complete"}
    board.rows["E"].landed = "not landed: main is protected"
    _, notes = chosen_of(to_start(top, board, (), ()), board, top)
    assert (
        "tasks/ended.json: complete, but not landed: main is protected; "
        "`prd-supervise start E` tries again"
    ) in notes
    assert marked not in paths


@pytest.mark.parametrize("state", [PrdState.ACTIVE, PrdState.STOPPED])
def test_a_prd_that_was_left_before_its_end_is_started_though_its_stories_are_done(
    top: Path, state: PrdState
) -> None:
    path = write_prd(top, "tasks/a.json", prd_id="A", passes=True)
    board = board_of(A=(state, path))

    plans, notes = chosen_of(to_start(top, board, (), ()), board, top)

    assert [plan.prd_id for plan in plans] == ["A"], "it may have to land"
    assert notes == ()


def test_a_completed_prd_whose_criteria_were_changed_is_started_again(top: Path) -> None:
    path = write_prd(top, "prd.json", prd_id="E")
    board = board_of(E=(PrdState.COMPLETED, path))
    board.rows["E"].stories["US-1"] = StoryView(story_id="US-1", title="t", state="done", attempt=1)
    accepted = read_file(path).plans[0]
    assert chosen_of(to_start(top, board, (), ()), board, top, E=accepted)[0] == ()
    path.write_text(path.read_text().replace('["c"]', '["another"]'))
    plans, _ = chosen_of(to_start(top, board, (), ()), board, top, E=accepted)
    assert [plan.prd_id for plan in plans] == ["E"]


def test_a_markdown_prd_is_left_to_the_json_that_was_made_of_it(top: Path) -> None:
    plan = read_file(write_prd(top, "prd.json", prd_id="A")).plans[0]
    source = replace(plan, path=str(top / "tasks" / "prd-a.md"), prd_id="prd-a")
    everything = Selection(paths=(), is_everything=True)
    plans, notes = chosen(everything, (source, plan), Board(), top=top, plan_of=lambda _: None)
    assert plans == (plan,)
    assert notes == (
        "tasks/prd-a.md: its stories stand in prd.json; passed over (name it to run it)",
    )
    run_before = board_of(**{"prd-a": (PrdState.FAILED, Path(source.path))})
    plans, _ = chosen(everything, (source, plan), run_before, top=top, plan_of=lambda _: None)
    assert plans == (source,), "what was run before goes on"


def test_of_a_file_with_several_prds_one_is_meant_by_its_id(top: Path) -> None:
    plan = read_file(write_prd(top, "tasks.json", prd_id="A")).plans[0]
    parts = [replace(plan, prd_id=part, part=part) for part in ("one", "two")]
    only = (Only(path=plan.path, part="two"),)
    assert wanted(parts, only) == (parts[1],)
    assert wanted(parts, (Only(path=plan.path, prd_id="one"),)) == (parts[0],)
    assert wanted(parts, ()) == tuple(parts)


def test_a_prd_whose_file_holds_another_one_now_is_told_of(top: Path) -> None:
    path = write_prd(top, "prd.json", prd_id="NEW")
    board = board_of(OLD=(PrdState.STOPPED, path))
    selection = to_resume(top, board, (), retry=False)
    new = read_file(path).plans[0]
    plans, notes = chosen(selection, (new,), board, top=top, plan_of=lambda _: None)
    assert plans == ()
    assert notes == (
        "OLD: prd.json holds another PRD now (NEW); write it into a file of its own to go on",
    )


def test_a_prd_is_named_by_id_by_file_or_by_folder(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = write_prd(top, "prds/active/PRD-7/prd.json")
    for name in ("PRD-7", "prds/active/PRD-7", "prds/active/PRD-7/prd.json", str(named)):
        assert to_start(top, Board(), ("prds/active/*",), (name,)).paths == (named,)
    monkeypatch.chdir(named.parent)
    assert to_start(top, Board(), (), ("prd.json",)).paths == (named,), "the nearer one"


def test_a_prd_whose_file_went_elsewhere_is_found_by_its_id(top: Path) -> None:
    merged = write_prd(top, "prds/completed/DONE/prd.json")
    moved = write_prd(top, "tasks/new.json", prd_id="MOVED")
    lost = top / "tasks" / "lost.json"
    board = board_of(
        DONE=(PrdState.STOPPED, top / "prds" / "active" / "DONE" / "prd.json"),
        MOVED=(PrdState.STOPPED, top / "tasks" / "old.json"),
        LOST=(PrdState.STOPPED, lost),
    )
    assert to_resume(top, board, ("DONE", "MOVED"), retry=False).paths == (merged, moved)
    selection = to_resume(top, board, (), retry=False)
    assert selection.paths == (merged, moved, lost)
    assert wanted([read_file(moved).plans[0]], selection.only), "by its id, wherever it is"
    assert to_resume(top, board, ("LOST",), retry=False).paths == (lost,), "its absence is told of"


def test_a_prd_that_is_named_twice_is_run_once(top: Path) -> None:
    path = write_prd(top, "prd.json", prd_id="ALPHA")
    assert to_start(top, Board(), (), ("ALPHA", "prd.json", str(path))).paths == (path,)
    board = board_of(ALPHA=(PrdState.STOPPED, path))
    assert to_resume(top, board, ("ALPHA", "prd.json"), retry=False).paths == (path,)


def test_an_id_that_was_run_before_means_the_same_file(top: Path) -> None:
    path = write_prd(top, "moved/by-hand.json")
    board = board_of(OLD=(PrdState.FAILED, path))
    assert to_start(top, board, (), ("OLD",)).paths == (path,)


def test_what_is_neither_file_nor_id_is_told_with_what_there_is(top: Path) -> None:
    write_prd(top, "prd.json", prd_id="ALPHA")
    with pytest.raises(UsageError) as caught:
        to_start(top, Board(), (), ("BETA",))
    assert str(caught.value) == "BETA: neither a file nor the id of a PRD here; found: ALPHA"
    with pytest.raises(UsageError, match=r"found: ALPHA; did you mean ALPHA\?$"):
        to_start(top, Board(), (), ("alhpa",))
    with pytest.raises(UsageError, match="found: none"):
        to_start(top / "elsewhere", Board(), (), ("BETA",))


def test_resume_takes_what_is_unfinished_and_with_retry_what_failed(top: Path) -> None:
    paths = {state: top / f"{state.value}.json" for state in PrdState}
    board = board_of(**{state.value: (state, path) for state, path in paths.items()})
    unfinished = {paths[state] for state in (PrdState.QUEUED, PrdState.ACTIVE, PrdState.STOPPED)}
    assert set(to_resume(top, board, (), retry=False).paths) == unfinished
    with_failed = unfinished | {paths[PrdState.FAILED]}
    assert set(to_resume(top, board, (), retry=True).paths) == with_failed


def test_a_prd_that_was_stopped_by_its_name_goes_on_by_its_name_alone(top: Path) -> None:
    path = write_prd(top, "prd.json", prd_id="ALPHA")
    board = board_of(ALPHA=(PrdState.ACTIVE, path))
    stopped = PrdSettled(prd_id="ALPHA", state=PrdState.STOPPED, by_operator=True)
    board.on_record(stopped, 3.0)
    for selection in (to_start(top, board, (), ()), to_resume(top, board, (), retry=True)):
        assert chosen_of(selection, board, top)[0] == ()
        assert any(note.startswith("ALPHA: stopped by its name") for note in selection.notes)
    assert to_start(top, board, (), ("ALPHA",)).paths == (path,)
    assert to_resume(top, board, ("ALPHA",), retry=False).paths == (path,)


def test_a_row_is_named_by_its_id_alone(top: Path) -> None:
    board = board_of(ALPHA=(PrdState.FAILED, top / "prd.json"))
    assert row_named(board, "ALPHA").accepted.prd_id == "ALPHA"
    with pytest.raises(UsageError, match="BETA: no such PRD here; there are: ALPHA"):
        row_named(board, "BETA")
    with pytest.raises(UsageError, match="there are: none yet"):
        row_named(Board(), "BETA")


# --- where a command works ----------------------------------------------------------------------


def test_a_folder_that_is_no_repository_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="not a git repository"):
        checkout_of(tmp_path)


def test_where_nothing_was_run_the_board_is_empty_and_nothing_is_made(tmp_path: Path) -> None:
    git = ("git", "-c", "user.name=T", "-c", "user.email=t@example.org")
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], cwd=tmp_path, check=True)
    layout = layout_of(tmp_path)
    assert known_board(layout).rows == {}
    assert not layout.state_dir.exists()


def test_state_that_cannot_be_read_is_named_with_its_place(tmp_path: Path) -> None:
    layout = Layout(
        repository=tmp_path, common_dir=tmp_path, state_dir=tmp_path / "s", worktrees=tmp_path / "w"
    )
    layout.state_dir.mkdir()
    snapshot = layout.state_dir / "snapshot.json"
    snapshot.write_text(json.dumps({"number": 1, "payload": ["of a day to come"]}))
    newer = "snapshot.json: a snapshot of another version: .*; use the version that wrote it"
    with pytest.raises(StateError, match=newer):
        known_board(layout)
    snapshot.unlink()
    (layout.state_dir / "journal.log").mkdir()
    with pytest.raises(FatalError, match=r"journal\.log: Is a directory; what runs have left"):
        known_board(layout)


def test_who_runs_already_is_named_as_far_as_it_is_known() -> None:
    told = already_running({"pid": 4711, "started_at": 1_795_212_184})
    assert told.startswith("root already runs here: pid 4711 since 2026-11-")
    assert already_running({}).startswith("root already runs here: pid ?; ")


def test_a_resume_takes_a_prd_that_failed_before_its_stories_did(top: Path) -> None:
    path = write_prd(top, "prd.json")
    board = board_of(A=(PrdState.FAILED, path))
    assert to_resume(top, board, (), retry=False).paths == ()
    board.rows["A"].stories["US-1"] = StoryView(
        story_id="US-1", title="t", state="waiting", attempt=0
    )
    assert to_resume(top, board, (), retry=False).paths == (path,)
    board.rows["A"].stories["US-1"] = StoryView(
        story_id="US-1", title="t", state="failed", attempt=3
    )
    assert to_resume(top, board, (), retry=False).paths == ()
    assert to_resume(top, board, (), retry=True).paths == (path,)
