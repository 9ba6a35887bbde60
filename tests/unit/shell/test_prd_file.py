from __future__ import annotations

import json
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.model import Plan
from prd_supervise.supervisor.shell.prd.file import QUICK_BYTES, STANDSTILL_S, PrdFile
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.workers.messages.git import (
    CheckOut,
    Commit,
    Committed,
    OpenBranch,
    PrdEdit,
    TakePrdFile,
)
from prd_supervise.workers.messages.train import AssembleTrain, PrdCopy, PublishTrain

TEXT = json.dumps(
    {"userStories": [{"id": each, "title": each, "passes": False} for each in ("A", "B")]}
)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    state = tmp_path / "state"
    made = Layout(
        repository=tmp_path, common_dir=tmp_path, state_dir=state, worktrees=state / "worktrees"
    )
    made.document("P").parent.mkdir(parents=True)
    made.document("P").write_text(TEXT)
    return made


@pytest.fixture
def excused() -> list[float]:
    return []


@pytest.fixture
def prd_file(layout: Layout, excused: list[float]) -> PrdFile:
    return PrdFile(layout, "P", "", excused.append)


def publish(copy: PrdCopy | None, *stories: str) -> PublishTrain:
    return PublishTrain(number=1, commit="c", onto="o", stories=stories or ("A",), prd_file=copy)


def merged(layout: Layout, text: str = TEXT) -> PrdCopy:
    """The copy of a merge's PRD file, where the integrator has written it."""
    path = layout.prd_file("P") / "merged"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return PrdCopy(path=str(path))


def marked_in(copy: PrdCopy | None) -> list[str]:
    assert copy is not None
    stories = json.loads(Path(copy.path).read_bytes())["userStories"]
    return [each["id"] for each in stories if each["passes"]]


def test_a_publish_names_the_marked_file(prd_file: PrdFile, layout: Layout) -> None:
    told = prd_file.in_full(publish(merged(layout)))
    assert isinstance(told.request, PublishTrain)
    assert marked_in(told.request.prd_file) == ["A"]
    assert told.problem == ""
    # Asked again, after another integrator has come, it is the same.
    assert prd_file.in_full(publish(merged(layout))) == told


def test_a_tag_that_is_called_otherwise_now_is_marked_under_its_name(
    prd_file: PrdFile, layout: Layout
) -> None:
    text = json.dumps({"new": {"tasks": [{"id": "A", "title": "A", "status": "pending"}]}})
    assert prd_file.in_full(publish(merged(layout, text))).problem
    prd_file.take(Plan(prd_id="P", title="P", path="/tasks.json", part="new", stories=()))
    told = prd_file.in_full(publish(merged(layout, text)))
    assert told.problem == ""
    assert isinstance(told.request, PublishTrain)
    assert told.request.prd_file is not None
    assert '"status": "done"' in Path(told.request.prd_file.path).read_text()


@pytest.mark.parametrize("text", ["nonsense", '{"userStories": []}', TEXT.replace("A", "C")])
def test_what_cannot_be_marked_is_published_unmarked_and_told(
    prd_file: PrdFile, layout: Layout, text: str
) -> None:
    told = prd_file.in_full(publish(merged(layout, text)))
    assert told.request == publish(None)
    assert told.problem.startswith("A is not marked as done")
    assert told.child_id == "story/A"


def test_the_integrator_s_reason_is_told(prd_file: PrdFile) -> None:
    told = prd_file.in_full(publish(PrdCopy(problem="it is a symbolic link there")))
    assert told.request == publish(None)
    assert told.problem.endswith("it is a symbolic link there")


def test_a_branch_without_a_prd_file_has_nothing_to_be_told(prd_file: PrdFile) -> None:
    assert prd_file.in_full(publish(None)).problem == ""


def test_a_copy_that_is_gone_is_told(prd_file: PrdFile, layout: Layout) -> None:
    copy = merged(layout)
    Path(copy.path).unlink()
    told = prd_file.in_full(publish(copy))
    assert told.request == publish(None)
    assert "No such file" in told.problem


def test_a_disk_that_takes_nothing_costs_the_mark_only(prd_file: PrdFile, layout: Layout) -> None:
    copy = merged(layout)
    (layout.prd_file("P") / ".marked.new").mkdir()  # as good as full
    told = prd_file.in_full(publish(copy))
    assert told.request == publish(None)
    assert "cannot be marked" in told.problem


def test_the_accepted_document_is_taken_with_what_is_done(prd_file: PrdFile) -> None:
    told = prd_file.in_full(TakePrdFile(done=("B", "elsewhere"), is_completed=False))
    assert isinstance(told.request, TakePrdFile)
    assert marked_in(PrdCopy(path=told.request.document)) == ["B"]


def test_a_document_with_nothing_to_mark_is_taken_as_it_is(
    prd_file: PrdFile, layout: Layout
) -> None:
    told = prd_file.in_full(TakePrdFile(done=(), is_completed=False))
    assert isinstance(told.request, TakePrdFile)
    assert told.request.document == str(layout.document("P"))


def test_without_an_accepted_document_the_branch_keeps_its_copy(
    prd_file: PrdFile, layout: Layout
) -> None:
    layout.document("P").unlink()
    request = TakePrdFile(done=("A",), is_completed=False)
    assert prd_file.in_full(request).request == request
    opening = OpenBranch(prd_id="P", wanted_branch="b", base="", prd_file="p", adopt=False)
    assert prd_file.in_full(opening).request == opening


def test_a_document_that_cannot_be_marked_leaves_the_branch_alone(
    prd_file: PrdFile, layout: Layout
) -> None:
    layout.prd_file("P").parent.mkdir(parents=True)
    layout.prd_file("P").write_text("a file where a folder has to be")
    request = TakePrdFile(done=("A",), is_completed=False)
    told = prd_file.in_full(request)
    assert told.request == request
    assert "stays as it is" in told.problem


def test_the_integrator_is_told_where_to_copy(prd_file: PrdFile, layout: Layout) -> None:
    committing = Commit(story_id="A", title="t", attempt=2, base="b", worktree="w", partial=False)
    committed = prd_file.in_full(committing).request
    trial = prd_file.in_full(AssembleTrain(number=1, cars=())).request
    assert isinstance(committed, Commit)
    assert isinstance(trial, AssembleTrain)
    assert Path(committed.copies).parent == Path(trial.copy).parent == layout.prd_file("P")
    other = CheckOut(story_id="A", attempt=1, commit="c")
    assert prd_file.in_full(other).request is other


def answer(edit: PrdEdit | None) -> Committed:
    return Committed(story_id="A", attempt=1, head="h", files=(), prd_edit=edit)


def test_what_an_agent_left_is_compared_with_what_it_got(prd_file: PrdFile, tmp_path: Path) -> None:
    given, left = tmp_path / "given", tmp_path / "left"
    given.write_text(TEXT)
    left.write_text(TEXT.replace('"B"', '"Z"').replace("false", "true"))
    found = prd_file.tampering(answer(PrdEdit(given=str(given), left=str(left))))
    assert found == ("B: the story was removed",)
    assert not given.exists()
    assert not left.exists()


def test_a_file_that_is_gone_is_told_as_it_went(prd_file: PrdFile) -> None:
    edit = PrdEdit(given="", left="", gone="was moved to old/prd.json")
    assert prd_file.tampering(answer(edit)) == ("the PRD file was moved to old/prd.json",)
    assert prd_file.tampering(answer(None)) == ()


def test_copies_that_are_gone_are_told_and_do_not_stop_us(
    prd_file: PrdFile, tmp_path: Path
) -> None:
    missing = str(tmp_path / "missing")
    (line,) = prd_file.tampering(answer(PrdEdit(given=missing, left=missing)))
    assert "cannot be compared" in line


def test_the_reading_of_a_large_file_is_announced(
    prd_file: PrdFile, layout: Layout, excused: list[float]
) -> None:
    prd_file.in_full(publish(merged(layout)))
    assert excused == []
    prd_file.in_full(publish(merged(layout, TEXT + " " * QUICK_BYTES)))
    assert excused == [STANDSTILL_S]


def test_nothing_of_the_copies_is_left(prd_file: PrdFile, layout: Layout) -> None:
    prd_file.in_full(publish(merged(layout)))
    prd_file.clear()
    assert not layout.prd_file("P").exists()
    prd_file.clear()
