"""People's answers at root: kept until their PRD has them. Who waits for one takes no place."""

from __future__ import annotations

from prd_supervise.policies.approval import EVERYTHING_WAITS, Approval, Point, Word
from prd_supervise.policies.supervising.spec import ExitClass
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.elsewhere import WAITING_MAX, waits_for_people
from prd_supervise.supervisor.core.root.needs import Needs, knotted
from prd_supervise.supervisor.core.root.records import AnswerSettled, PersonAnswered, PrdState
from prd_supervise.supervisor.core.root.words import (
    AnswersGiven,
    PassOn,
    PrdsSubmitted,
    RunOpened,
    WriteRoot,
)
from prd_supervise.workers.messages.approval import Answer, AnswerTaken
from prd_supervise.workers.messages.prd import PrdReport, Standing, StoryView, Waiting
from tests.support.root_tree import RootTree, a_tree

YES = Answer(
    story_id="A",
    approval=Approval(point=Point.MERGE, work="c0ffee#1", word=Word.APPROVED, by="ana"),
)


def answers(tree: RootTree) -> list[object]:
    """What the last step has told of answers."""
    return [each.order for each in tree.last if isinstance(each, PassOn)]


def records(tree: RootTree) -> list[object]:
    found = [each.record for each in tree.last if isinstance(each, WriteRoot)]
    return [each for each in found if isinstance(each, PersonAnswered | AnswerSettled)]


def waiting(*stories: str, needs: tuple[str, ...] = ()) -> PrdReport:
    return PrdReport(
        branch="b",
        base="b",
        stories=(),
        is_whole=bool(needs),
        needs=needs,
        waiting=Waiting(approvals=stories, has_held=True, needs=needs),
    )


def test_an_answer_is_journalled_told_and_forgotten_once_its_prd_has_it() -> None:
    tree = a_tree()
    tree.submit("P")
    tree.ready("P")
    tree.hear(AnswersGiven(prd_id="P", answers=(YES,)))
    assert records(tree) == [PersonAnswered(prd_id="P", answer=YES)]
    assert answers(tree) == [YES]

    tree.says("P", AnswerTaken(story_id="A", work="another"))
    assert tree.root.answers == {("P", "A"): YES}
    tree.says("P", AnswerTaken(story_id="A", work="c0ffee#1"))
    assert records(tree) == [AnswerSettled(prd_id="P", story_id="A")]
    assert not tree.root.answers


def test_an_answer_is_said_again_to_each_supervisor_until_one_has_it() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("O", "P")
    tree.ready("O")
    tree.hear(AnswersGiven(prd_id="P", answers=(YES,)))
    tree.ends("O", "completed")
    tree.ready("P")
    assert answers(tree) == [YES]
    tree.exits("P", ExitClass.ABNORMAL)
    tree.comes_back("P")
    assert answers(tree) == [YES]
    tree.says("P", AnswerTaken(story_id="A", work="c0ffee#1"))
    tree.exits("P", ExitClass.ABNORMAL)
    tree.comes_back("P")
    assert not answers(tree)


def test_a_prd_that_waits_for_people_lets_another_one_have_its_place() -> None:
    tree = a_tree(max_prds=1)
    tree.submit("P", "Q")
    tree.ready("P")
    assert tree.state("Q") is PrdState.QUEUED
    tree.says("P", waiting("A"))
    assert tree.started() == ["Q"]
    assert waits_for_people(tree.root) == ""
    tree.ready("Q")
    tree.says("Q", waiting(""))
    assert waits_for_people(tree.root) == EVERYTHING_WAITS
    assert tree.exit_code is None, "it stays"
    tree.says("P", waiting())
    assert waits_for_people(tree.root) == ""


def test_only_so_many_prds_wait_beside_the_places_of_others() -> None:
    tree = a_tree(max_prds=1)
    names = [f"P{number}" for number in range(WAITING_MAX + 3)]
    tree.submit(*names)
    for name in names[: WAITING_MAX + 1]:
        assert tree.state(name) is PrdState.ACTIVE
        tree.ready(name)
        tree.says(name, waiting("A"))
    assert [tree.state(name) for name in names[WAITING_MAX + 1 :]] == [PrdState.QUEUED] * 2


def test_a_supervisor_that_is_gone_waits_for_nobody() -> None:
    tree = a_tree()
    tree.submit("P")
    tree.ready("P")
    tree.says("P", waiting("A"))
    assert tree.root.needs.people == {"P"}
    tree.exits("P", ExitClass.ABNORMAL)
    assert not tree.root.needs.people


def test_prds_of_which_one_waits_for_a_person_are_in_no_ring() -> None:
    tree = a_tree()
    tree.submit("P", "Q")
    for name, need in (("P", "Q/X"), ("Q", "P/X")):
        tree.ready(name)
        view = StoryView(story_id="X", title="", state="waiting", attempt=0, standing=Standing.OPEN)
        tree.says(name, replace(waiting("A", needs=(need,)), stories=(view,)))
    assert knotted(tree.root.needs, frozenset()) == frozenset()
    assert isinstance(tree.root.needs, Needs)


def test_a_run_is_as_it_was_begun_until_the_next_one() -> None:
    tree = a_tree()

    def opened(*, is_new: bool, is_interactive: bool) -> bool:
        opens = RunOpened(is_new=is_new, is_interactive=is_interactive)
        tree.hear(PrdsSubmitted(prds=(), opens=opens))
        return tree.root.is_interactive

    assert not opened(is_new=True, is_interactive=False)
    assert opened(is_new=True, is_interactive=True)
    assert opened(is_new=False, is_interactive=False), "a resume"
    assert opened(is_new=False, is_interactive=True)
    assert not opened(is_new=True, is_interactive=False)
    assert opened(is_new=False, is_interactive=True), "a resume that asks for it"
