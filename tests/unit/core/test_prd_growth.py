"""When the work of running stories is compared, and what is told of it."""

from __future__ import annotations

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.growth import kindest_first
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.parts import Growth
from prd_supervise.supervisor.core.prd.records import ConflictGone, ConflictPredicted
from prd_supervise.supervisor.core.prd.state import Stage
from prd_supervise.supervisor.core.prd.words import AskGit, GitSaid, StartAgent, Woken
from prd_supervise.workers.messages.growth import BRANCH, Compared, CompareStories, Meeting
from prd_supervise.workers.messages.merging import Conflict
from prd_supervise.workers.messages.prd import Happened, Limits, PrdReport
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

EVERY_S = 30.0
PARSE = Conflict(path="a.py", entity="function parse", right=(3, 9))


def both_at_work() -> World:
    """Two stories whose agents work; nobody has said anything more."""
    world = prd_world(a_story("A", verify=()), a_story("B", rank=2.0, verify=()))
    world = replace(world, prd=replace(world.prd, growth=Growth(every_s=EVERY_S)))

    def are_at_work(each: World) -> bool:
        return each.is_in("A", Stage.AGENT) and each.is_in("B", Stage.AGENT)

    return world.until_that(are_at_work)


def quiet(world: World) -> World:
    """Nobody says anything: agents think."""
    kept = tuple(each for each in world.around.pending if isinstance(each[1], CompareStories))
    return world.with_(pending=kept)


def asked(world: World) -> list[CompareStories]:
    return [
        command.request
        for command in world.commands
        if isinstance(command, AskGit) and isinstance(command.request, CompareStories)
    ]


def look(world: World) -> World:
    """Let time pass until the integrator is asked for a look; let the base checks be known."""
    count = len(asked(world))
    world = quiet(world)
    while len(asked(world)) == count:
        world = world.wait()
    return world


def compared(world: World, *meetings: Meeting, stories: tuple[str, ...] = ("A", "B")) -> World:
    answer = Compared(is_complete=True, stories=stories, meetings=meetings)
    return replace(world, around=replace(world.around, pending=())).hear(GitSaid(answer=answer))


def told(world: World, event: str) -> list[tuple[str, str]]:
    return [
        (word.story_id, word.text)
        for word in world.around.words
        if isinstance(word, Happened) and word.event == event
    ]


def starts(world: World, story_id: str) -> list[StartAgent]:
    return [
        command
        for command in world.commands
        if isinstance(command, StartAgent) and command.story_id == story_id
    ]


def idle(world: World) -> World:
    """The integrator has answered everything; the stories' bases are being verified."""
    while any(s.run is not None and s.run.asked for s in world.prd.stories):
        world = world.deliver(
            next(at for at, (who, _) in enumerate(world.around.pending) if who == "git")
        )
    return world


def test_two_stories_at_work_are_compared_every_so_often() -> None:
    world = look(idle(both_at_work()))
    assert world.now_s == EVERY_S
    (request,) = asked(world)
    assert [each.story_id for each in request.stories] == ["A", "B"]
    assert not any(each.head for each in request.stories)
    world = look(compared(world))
    assert len(asked(world)) == 2
    assert world.now_s == 2 * EVERY_S


def test_nothing_is_compared_where_nobody_asked_for_it() -> None:
    world = idle(both_at_work())
    world = replace(world, prd=replace(world.prd, growth=Growth()))
    assert not asked(world.run())


def test_a_story_alone_is_not_compared() -> None:
    world = prd_world(a_story("A"))
    world = replace(world, prd=replace(world.prd, growth=Growth(every_s=0.001)))
    assert not asked(world.run())


def test_the_integrator_is_not_asked_while_it_has_something_else_to_do() -> None:
    world = idle(both_at_work()).until("A", Stage.COMMIT)
    late = replace(world, now_s=10 * EVERY_S).hear(Woken())
    assert not asked(late)


def test_a_meeting_is_told_once_until_other_entities_meet() -> None:
    world = look(idle(both_at_work()))
    meeting = Meeting(story_id="B", other="A", places=(PARSE,))
    world = compared(world, meeting)
    expected = "with A in a.py:3-9: function parse"
    assert told(world, "conflict_predicted") == [("B", expected)]
    grown = replace(PARSE, right=(3, 12))
    world = compared(look(world), replace(meeting, places=(grown,)))
    assert len(told(world, "conflict_predicted")) == 1
    more = Conflict(path="a.py", entity="function dump", right=(20, 21))
    world = compared(look(world), replace(meeting, places=(grown, more)))
    assert len(told(world, "conflict_predicted")) == 2
    assert world.count(ConflictPredicted) == 2


def test_what_no_longer_meets_is_told_as_gone() -> None:
    world = compared(look(idle(both_at_work())), Meeting(story_id="B", other="A", places=(PARSE,)))
    world = compared(look(world))
    assert told(world, "conflict_gone") == [("B", "none with A any more")]
    assert world.memory("B").predicted == ()
    assert world.count(ConflictGone) == 1


def test_a_story_whose_state_could_not_be_read_keeps_what_was_predicted() -> None:
    world = compared(look(idle(both_at_work())), Meeting(story_id="B", other="A", places=(PARSE,)))
    world = compared(look(world), stories=("A",))
    assert world.memory("B").predicted
    assert not told(world, "conflict_gone")


def test_people_see_it_in_the_status() -> None:
    world = compared(look(idle(both_at_work())), Meeting(story_id="B", other="A", places=(PARSE,)))
    report = [word for word in world.around.words if isinstance(word, PrdReport)][-1]
    (view,) = [view for view in report.stories if view.story_id == "B"]
    assert view.conflicts == ("with A in a.py:3-9: function parse",)


def test_a_look_that_has_not_come_to_its_end_goes_on_at_once() -> None:
    world = look(idle(both_at_work()))
    answer = Compared(is_complete=False)
    world = replace(world, around=replace(world.around, pending=()))
    world = world.hear(GitSaid(answer=answer))
    assert [request.goes_on for request in asked(world)] == [False, True]


def test_a_look_that_git_refused_is_no_failure() -> None:
    world = look(idle(both_at_work()).refuse("CompareStories")).deliver()
    assert world.prd.failure == ""
    assert len(asked(look(world))) == 2


def test_an_integrator_that_died_is_asked_anew() -> None:
    world = look(idle(both_at_work()))
    world = world.kill_git()
    world = world.until_that(lambda each: len(asked(each)) == 2)
    assert not asked(world)[-1].goes_on


def test_a_merged_story_hands_its_meetings_to_the_branch_without_a_word() -> None:
    begun = idle(both_at_work())
    thinks = tuple(each for each in begun.around.pending if each[0] == "story/B")
    others = tuple(each for each in begun.around.pending if each[0] != "story/B")
    meeting = Meeting(story_id="B", other="A", places=(PARSE,))
    world = begun.with_(pending=others).hear(
        GitSaid(answer=Compared(is_complete=True, stories=("A", "B"), meetings=(meeting,)))
    )
    world = world.until_that(lambda each: each.memory("A").state is StoryState.DONE).settle()
    world = compared(world, Meeting(story_id="B", other=BRANCH, places=(PARSE,)), stories=("B",))
    assert thinks
    assert len(told(world, "conflict_predicted")) == 1
    assert told(world, "conflict_gone") == []
    assert [each.other for each in world.memory("B").predicted] == [BRANCH]


def test_the_next_agent_is_told_what_its_story_runs_into() -> None:
    world = compared(look(idle(both_at_work())), Meeting(story_id="B", other="A", places=(PARSE,)))
    world = world.kill_worker("B").until_that(lambda each: len(starts(each, "B")) == 2)
    assert "with A in a.py:3-9: function parse" in starts(world, "B")[-1].conflict


def test_predictions_outlive_the_supervisor() -> None:
    world = compared(look(idle(both_at_work())), Meeting(story_id="B", other="A", places=(PARSE,)))
    assert world.resume().memory("B").predicted == world.memory("B").predicted


def test_who_would_run_into_a_story_at_work_goes_behind_the_others_that_may_start() -> None:
    world = compared(look(idle(both_at_work())), Meeting(story_id="B", other="A", places=(PARSE,)))
    assert kindest_first(world.prd, ("B", "C")) == ("C", "B")
    assert kindest_first(world.prd, ("B",)) == ("B",)


def test_every_night_ends_with_looks_in_between() -> None:
    script = Script(meetings={("A", "B"): (PARSE,)})
    stories = [a_story(name) for name in "ABCD"]
    world = prd_world(*stories, script=script, limits=Limits(max_workers=2))
    world = replace(world, prd=replace(world.prd, growth=Growth(every_s=0.001)))
    assert world.run().around.exit_code == 0
