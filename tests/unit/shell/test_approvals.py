"""Which questions a person answers by what was named."""

from __future__ import annotations

import pytest

from prd_supervise.policies.approval import (
    REASON_MAX,
    Approval,
    Point,
    Word,
    points_of,
    reason_problem,
    story_points,
)
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.records import (
    AnswerSettled,
    PersonAnswered,
    PrdAccepted,
    PrdBegun,
    PrdSettled,
    PrdState,
)
from prd_supervise.supervisor.shell.board import Board
from prd_supervise.supervisor.shell.control.approvals import (
    Found,
    Said,
    answered,
    by_prd,
    names_answered,
    waiting_in,
)
from prd_supervise.supervisor.shell.control.targets import Target
from prd_supervise.supervisor.shell.status.document import RootStatus, StatusDocument
from prd_supervise.supervisor.shell.status.making import status_of
from prd_supervise.workers.messages.approval import Answer
from prd_supervise.workers.messages.prd import PrdReport, StoryView

YES = Said(word=Word.APPROVED, by="ana")
NO = Said(word=Word.REJECTED, by="ana", reason="no")


def asked(work: str, point: Point = Point.MERGE) -> Approval:
    return Approval(point=point, work=work)


def view(story_id: str, approval: Approval | None = None) -> StoryView:
    is_open = approval is not None and approval.word is None
    return StoryView(
        story_id=story_id,
        title="",
        state="waiting for approval" if is_open else "waiting",
        attempt=1,
        awaits=approval.point.value if is_open and approval is not None else "",
        approval=approval,
    )


@pytest.fixture
def board() -> Board:
    """P has two stories that wait and one that does not, Q waits as a whole."""
    made = Board()
    for prd_id in ("P", "Q"):
        made.on_record(PrdAccepted(prd_id=prd_id, title="", path=f"{prd_id}.json", base=""), 1.0)
        made.on_record(PrdBegun(prd_id=prd_id), 1.0)
    stories = (view("A", asked("a")), view("B", asked("b", Point.STORY)), view("C"))
    made.on_report("P", PrdReport(branch="", base="", stories=stories, is_whole=True), 1.0)
    whole = asked("all", Point.PRD)
    report = PrdReport(branch="", base="", stories=(view("D"),), approval=whole, awaits="prd")
    made.on_report("Q", replace(report, is_whole=True), 1.0)
    return made


def say(board: Board, *names: str, said: Said = YES, is_all: bool = False) -> Found:
    targets = [
        Target(prd_id=prd_id, story_id=story_id)
        for prd_id, _, story_id in (name.partition("/") for name in names)
    ]
    return answered(board, targets, said, is_all=is_all)


def test_an_answer_is_about_what_is_asked_just_now(board: Board) -> None:
    found = say(board, "P/A", "Q", said=NO)
    assert by_prd(found) == {
        "P": (
            Answer(
                story_id="A",
                approval=replace(asked("a"), word=Word.REJECTED, by="ana", reason="no"),
            ),
        ),
        "Q": (
            Answer(
                approval=replace(asked("all", Point.PRD), word=Word.REJECTED, by="ana", reason="no")
            ),
        ),
    }
    assert names_answered(found) == ["P/A", "Q"]
    assert not found.refused


def test_the_name_of_a_prd_takes_in_its_stories_only_where_all_is_said(board: Board) -> None:
    assert say(board, "P").refused == (
        "P: only stories of it wait (P/A, P/B); `--all` takes them all",
    )
    assert names_answered(say(board, "P", is_all=True)) == ["P/A", "P/B"]
    assert names_answered(say(board, "P/A", "Q", is_all=True)) == ["P/A", "Q"]
    assert names_answered(say(board, is_all=True)) == ["P/A", "P/B", "Q"]


def test_who_does_not_wait_is_told_who_does(board: Board) -> None:
    assert say(board, "P/C").refused == (
        "P/C: it does not wait for approval; waiting: P/A, P/B, Q",
    )
    board.on_report("Q", PrdReport(branch="", base="", stories=(), is_whole=True), 2.0)
    assert say(board, "Q", is_all=True).refused == ("Q: nothing of it waits for approval",)


def test_what_was_answered_is_not_answered_again(board: Board) -> None:
    for prd_id, answer in say(board, "P/A", said=NO).answers:
        board.on_record(PersonAnswered(prd_id=prd_id, answer=answer), 2.0)
    assert [str(each) for each in waiting_in(board)] == ["P/B", "Q"]
    assert say(board, "P/A", said=NO).already == ("P/A was rejected already, by ana",)
    (refused,) = say(board, "P/A").refused
    assert refused.startswith("P/A was rejected by ana already; `prd-supervise retry P/A`")

    board.on_record(AnswerSettled(prd_id="P", story_id="A"), 3.0)
    taken = replace(asked("a"), word=Word.APPROVED, by="bob")
    report = PrdReport(branch="", base="", stories=(view("A", taken),))
    board.on_report("P", report, 3.0)
    assert say(board, "P/A").already == ("P/A was approved already, by bob",)
    assert "`prd-supervise hold P/A`" in say(board, "P/A", said=NO).refused[0]


def test_an_answer_to_an_earlier_question_does_not_answer_the_next_one(board: Board) -> None:
    for prd_id, answer in say(board, "P/A").answers:
        board.on_record(PersonAnswered(prd_id=prd_id, answer=answer), 2.0)
    again = PrdReport(branch="", base="", stories=(view("A", asked("a2")),))
    board.on_report("P", again, 3.0)
    assert names_answered(say(board, "P/A")) == ["P/A"]


def test_who_says_of_which_attempt_answers_no_other_one(board: Board) -> None:
    assert names_answered(say(board, "P/A", said=replace(NO, attempt=1))) == ["P/A"]
    found = say(board, "P/A", "P/B", "Q", said=replace(NO, attempt=2))
    assert found.answers == ()
    assert found.refused == (
        "P/A: it is at attempt 1, not 2; `prd-supervise status P/A` shows it",
        "P/B: it is at attempt 1, not 2; `prd-supervise status P/B` shows it",
        "Q: a PRD has no attempts; name one of its stories, or no attempt",
    )


def shown(board: Board) -> StatusDocument:
    return status_of(board, RootStatus(), 3.0)


def test_status_shows_what_was_answered_and_what_to_type(board: Board) -> None:
    assert [story.awaits for story in shown(board).prds[0].stories] == ["merge", "story", None]
    assert shown(board).prds[1].awaits == "prd"
    board.on_record(PrdSettled(prd_id="P", state=PrdState.STOPPED), 2.0)
    for prd_id, answer in (*say(board, "P/A", said=NO).answers, *say(board, "Q").answers):
        board.on_record(PersonAnswered(prd_id=prd_id, answer=answer), 2.0)
    first, second = shown(board).prds
    assert (first.stories[0].awaits, first.stories[0].state) == (None, "waiting")
    assert first.stories[0].reason == ("rejected by ana: no; `prd-supervise resume P` goes by that")
    assert first.stories[1].awaits == "story"
    assert (second.awaits, second.note) == (None, "approved by ana")


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("prices need a currency: € or ¥", ""),
        ("  ", "the reason is empty"),
        ("x" * (REASON_MAX + 1), "the reason has 2001 characters; 2000 are allowed"),
        ("a\nb", "the reason has a line break in it"),
        ("a\u2028b", "the reason has a line break in it"),
        ("a\tb", "the reason has U+0009 in it"),
        ("a\x1b[2J", "the reason has U+001B in it"),
        ("a\ud800", "the reason has U+D800 in it"),
    ],
)
def test_a_reason_is_one_line_of_plain_text(reason: str, problem: str) -> None:
    assert reason_problem(reason).startswith(problem)
    assert bool(reason_problem(reason)) == bool(problem)


def test_who_names_points_only_adds_to_them() -> None:
    assert points_of(("prd",), (), ("story", "prd")) == (Point.STORY, Point.PRD)
    assert story_points(("prd",), ("merge",)) == (Point.MERGE,)
    assert points_of() == ()
