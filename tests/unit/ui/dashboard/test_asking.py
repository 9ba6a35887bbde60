from __future__ import annotations

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.ui.dashboard.asking import ask
from prd_supervise.supervisor.ui.dashboard.entries import Entry, find
from prd_supervise.supervisor.ui.dashboard.seen import StoryName
from prd_supervise.supervisor.ui.dashboard.wishes import Order, Verb
from tests.support.dashboard_night import NIGHT, SEEN, Viewer, gone, prd, story


def entry(name: StoryName) -> Entry:
    found = find(NIGHT, name)
    assert found is not None
    return found


def question(name: StoryName, verb: Verb) -> str:
    asked = ask(SEEN, entry(name), verb)
    assert not isinstance(asked, str), asked
    assert asked.order.verb is verb
    assert asked.order.target in {name[0], "/".join(name)}
    return asked.text


@pytest.mark.parametrize(
    ("name", "verb", "text"),
    [
        (
            ("PRD-001", "US-009"),
            Verb.STOP,
            (
                "Stop PRD-001, with 2 stories at work? Work in hand may finish within its grace, "
                "the rest is kept; `prd-supervise start PRD-001` goes on."
            ),
        ),
        (
            ("PRD-002", "US-006"),
            Verb.HOLD,
            (
                "Hold PRD-002/US-006? Nothing more of it begins until it is released; "
                "what is at work goes on to its decision."
            ),
        ),
        (
            ("PRD-002", "US-008"),
            Verb.RELEASE,
            "Release PRD-002/US-008? It goes on from where it was held.",
        ),
        (
            ("PRD-001", ""),
            Verb.RETRY,
            (
                "Retry PRD-001? 2 stories that failed or were skipped get a new start with all "
                "attempts."
            ),
        ),
        (
            ("PRD-001", "US-011"),
            Verb.RETRY,
            (
                "Retry PRD-001/US-011? It starts again with all its attempts, and what was "
                "skipped for it may go on."
            ),
        ),
        (
            ("PRD-002", "US-003"),
            Verb.RESTART,
            (
                "Restart the supervisor of PRD-002, with 1 story at work? They end gracefully, "
                "their work is kept, and they start again."
            ),
        ),
        (
            ("PRD-002", "US-004"),
            Verb.APPROVE,
            "Approve PRD-002/US-004? Then its work goes on to be merged.",
        ),
        (
            ("PRD-002", "US-004"),
            Verb.REJECT,
            (
                "Reject PRD-002/US-004? Then that attempt is lost, and the next one is told your "
                "reason. Say why:"
            ),
        ),
    ],
)
def test_a_question_names_what_will_happen(name: StoryName, verb: Verb, text: str) -> None:
    assert question(name, verb) == text


@pytest.mark.parametrize(
    ("name", "verb", "text"),
    [
        (("PRD-003", ""), Verb.STOP, "PRD-003 does not run: it is completed"),
        (("PRD-002", "US-001"), Verb.HOLD, "PRD-002/US-001 is done: there is nothing to hold"),
        (("PRD-002", "US-008"), Verb.HOLD, "PRD-002/US-008 is held already; u releases it"),
        (("PRD-002", "US-003"), Verb.RELEASE, "PRD-002/US-003 is not held"),
        (
            ("PRD-002", "US-003"),
            Verb.RETRY,
            "PRD-002/US-003 is running: only what failed or was skipped is retried",
        ),
        (("PRD-002", ""), Verb.RETRY, "PRD-002 has no story that failed or was skipped"),
        (
            ("PRD-004", ""),
            Verb.RESTART,
            "PRD-004 is queued: there is no supervisor of it to restart",
        ),
        (("PRD-001", ""), Verb.APPROVE, "PRD-001 does not wait for approval"),
    ],
)
def test_what_cannot_be_ordered_says_why(name: StoryName, verb: Verb, text: str) -> None:
    assert ask(SEEN, entry(name), verb) == text


def test_what_has_used_up_its_budget_is_released_to_spend_it_again() -> None:
    poor = prd("P", "active", story("S", "waiting", budget_used="$2.10 of $2.00"))
    asked = ask(SEEN, Entry(prd=poor, story=poor.stories[0]), Verb.RELEASE)
    assert not isinstance(asked, str)
    assert asked.order == Order(verb=Verb.RELEASE_BUDGET, prd="P", story="S")
    assert asked.text == "Let P/S spend its budget once more? It has used $2.10 of $2.00."


def test_a_story_of_a_held_prd_says_what_to_release() -> None:
    held = prd("P", "active", story("S", "waiting"), held=True)
    asked = ask(SEEN, Entry(prd=held, story=held.stories[0]), Verb.RELEASE)
    assert asked == "P/S itself is not held, its PRD is: release P"


def test_nothing_is_ordered_of_a_root_that_does_not_answer() -> None:
    viewer = Viewer(gone(prd("P", "interrupted")))
    for key in "shurRaxSA":
        viewer.press(key)
        assert viewer.chosen.question is None
        assert "no root answers; `prd-supervise resume` goes on" in viewer.text


def test_everything_is_stopped_by_one_order_that_names_nothing() -> None:
    viewer = Viewer().press("S")
    assert "Stop everything? 3 PRDs with 3 stories at work" in viewer.text
    assert viewer.press("y").wishes == [Order(verb=Verb.STOP)]


def test_an_agent_that_waits_for_a_person_is_released_before_one_that_waits_for_its_limit() -> None:
    viewer = Viewer().press("A")
    assert "Let gemini be started again at once?" in viewer.text
    assert viewer.press("y").wishes == [Order(verb=Verb.RELEASE_AGENT, agent="gemini")]
    viewer.seen = replace(SEEN, document=replace(NIGHT, agents=NIGHT.agents[:1]))
    assert "Let claude be started again" in viewer.press("A").text
    viewer.press("n").seen = replace(SEEN, document=replace(NIGHT, agents=()))
    assert viewer.press("A").chosen.notice == "no agent is kept from being started"
