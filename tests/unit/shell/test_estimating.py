from __future__ import annotations

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.shell.status.document import (
    AgentStatus,
    PrdStatus,
    Progress,
    RootStatus,
    StatusDocument,
    StoryStatus,
)
from prd_supervise.supervisor.shell.status.estimating import rest_s

NOW = 10_000.0


def done(story_id: str, took_s: float, *, attempt: int = 1) -> StoryStatus:
    return StoryStatus(
        id=story_id,
        title="",
        state="done",
        attempt=attempt,
        since=5_000.0,
        attempt_since=5_000.0 - took_s,
    )


def running(story_id: str, for_s: float) -> StoryStatus:
    return StoryStatus(
        id=story_id,
        title="",
        state="running",
        attempt=1,
        since=NOW,
        attempt_since=NOW - for_s,
        worktree="/w",
    )


def waiting(story_id: str, state: str = "waiting") -> StoryStatus:
    return StoryStatus(id=story_id, title="", state=state, attempt=0)


def prd(
    *stories: StoryStatus, prd_id: str = "P", workers: int | None = 1, state: str = "active"
) -> PrdStatus:
    return PrdStatus(
        id=prd_id,
        title="",
        path="",
        state=state,
        progress=Progress(completed=0, total=len(stories)),
        max_workers=workers,
        stories=stories,
    )


def rest(
    *prds: PrdStatus,
    agents: tuple[AgentStatus, ...] = (),
    max_prds: int = 0,
    api: int = 0,
    **needs: tuple[str, ...],
) -> dict[str, float]:
    root = RootStatus(pid=1, state="running", max_prds=max_prds, api_limit=api)
    plans = [
        Plan(
            prd_id=each.id,
            title="",
            path="",
            stories=tuple(
                PlannedStory(story_id=story.id, title="", depends_on=needs.get(story.id, ()))
                for story in each.stories
            ),
        )
        for each in prds
    ]
    return rest_s(StatusDocument(root=root, agents=agents, prds=prds), plans, NOW)


def test_nothing_is_guessed_before_a_story_is_done() -> None:
    assert rest(prd(running("A", 5), waiting("B"))) == {}
    told = StoryStatus(id="0", title="", state="done", attempt=0, since=1.0)
    assert rest(prd(told, waiting("B"))) == {}, "the document said that it is done"


def test_with_one_place_stories_take_their_times_one_after_the_other() -> None:
    stories = (done("A", 100), done("B", 60), done("C", 80), waiting("D"), waiting("E"))
    assert rest(prd(*stories)) == {"P": 160, "": 160}


def test_more_places_shorten_it_as_far_as_dependencies_allow() -> None:
    stories = (done("A", 100), *(waiting(name) for name in "BCDE"))
    assert rest(prd(*stories, workers=2))["P"] == 200
    assert rest(prd(*stories, workers=0))["P"] == 100
    assert rest(prd(*stories, workers=0), C=("B",), D=("C",))["P"] == 300
    assert rest(prd(*stories, workers=4), api=1)["P"] == 400


def test_what_runs_has_less_left_but_never_nothing() -> None:
    assert rest(prd(done("A", 100), running("B", 30)))["P"] == 70
    assert rest(prd(done("A", 100), running("B", 105)))["P"] == pytest.approx(10.5)
    assert rest(prd(done("A", 100), running("B", 3_000)))["P"] == 300, "who is late may be later"


def test_what_runs_keeps_its_place() -> None:
    assert rest(prd(done("A", 100), waiting("B"), running("C", 90)))["P"] == 110


def test_tries_that_come_to_nothing_are_counted_in() -> None:
    assert rest(prd(done("A", 100, attempt=3), done("B", 100), waiting("C")))["P"] == 200


def test_prds_take_turns_and_a_new_one_goes_by_the_others() -> None:
    first = prd(done("A", 100), waiting("B"), prd_id="P")
    second = prd(waiting("C"), waiting("D"), prd_id="Q", state="queued", workers=None)
    assert rest(first, second, max_prds=1) == {"P": 100, "Q": 200, "": 200}
    assert rest(first, second, max_prds=2) == {"P": 100, "Q": 100, "": 100}


def test_what_is_over_held_or_waits_for_a_person_has_no_rest() -> None:
    base = prd(done("A", 100), waiting("B"))
    assert rest(replace(base, state="failed")) == {}
    assert rest(replace(base, held=True)) == {}
    assert rest(replace(base, awaits="prd")) == {}
    assert rest(prd(done("A", 100))) == {}


@pytest.mark.parametrize(
    "lost", [waiting("B", "failed"), waiting("B", "skipped"), replace(waiting("B"), held=True)]
)
def test_what_will_not_run_is_left_out_with_all_that_needs_it(lost: StoryStatus) -> None:
    assert rest(prd(done("A", 100), lost, waiting("C"), waiting("D")), C=("B",))["P"] == 100


def test_a_limit_puts_off_what_does_not_run_yet() -> None:
    parked = AgentStatus(agent="claude", account="a", state="parked", until=NOW + 3_600)
    assert rest(prd(done("A", 100), waiting("B")), agents=(parked,))["P"] == 3_700
    assert rest(prd(done("A", 100), running("B", 50)), agents=(parked,))["P"] == 50
    waits = replace(waiting("C"), agent="claude")
    assert rest(prd(done("A", 100), running("B", 50), waits), agents=(parked,))["P"] == 3_750
    other = replace(waits, agent="codex")
    assert rest(prd(done("A", 100), running("B", 50), other), agents=(parked,))["P"] == 150
