from __future__ import annotations

from typing import Any

import pytest

from prd_supervise.policies.outcomes.failure import Failure
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.status.document import AgentStatus
from prd_supervise.supervisor.ui.report.attempts import End
from prd_supervise.supervisor.ui.report.headline import headline, standings
from prd_supervise.supervisor.ui.report.reading import Report, StoryLine
from prd_supervise.supervisor.ui.report.wants import TEXT_MAX, harvest_of, waits_of, wants_of
from tests.support.report_night import BEGAN, attempt, failed, large, line, night, part, report

DONE = line("A", "a", [attempt(1, 1, BEGAN, 0.0, End.MERGED)], "done")
BEFORE = line("A", "a", [], "done")
WAITS = line("B", "b", [], "waiting")


def of(*stories: StoryLine, **more: Any) -> Report:  # noqa: ANN401  fields of a PRD
    """A report of one PRD with these stories."""
    return report(replace(part("P", "p", stories, "active"), **more))


def test_the_first_line_says_how_all_stories_stand() -> None:
    assert headline(night()) == (
        "4 of 7 stories merged in 5 h 6 min; 1 failed, 1 skipped, 1 waits for you"
    )
    assert headline(large()).startswith("1800 of 2000 stories merged in ")
    assert headline(of(DONE, DONE)) == "all 2 stories merged"
    assert headline(of(DONE)) == "the story is merged"
    assert headline(of()) == "nothing was to be done"


def test_what_was_done_before_is_not_told_as_merged_now() -> None:
    assert headline(of(DONE, BEFORE, WAITS)) == "1 of 3 stories merged; 1 done before, 1 waits"
    assert headline(of(DONE, BEFORE)) == "1 of 2 stories merged; 1 done before"
    assert headline(of(BEFORE)) == "the story was done before"
    assert headline(of(BEFORE, BEFORE)) == "all 2 stories were done before"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("running", "1 at work"),
        ("merging", "1 at work"),
        ("waiting", "1 waits"),
        ("queued", "1 waits"),
        ("backing off", "1 waits"),
        ("rolled back", "1 rolled back"),
        ("a state of a newer version", "1 waits"),
    ],
)
def test_every_state_is_told(state: str, said: str) -> None:
    assert headline(of(DONE, line("B", "b", [], state))).endswith(f"; {said}")


def test_what_the_document_does_not_want_is_not_counted() -> None:
    unwanted = replace(
        line("B", "b", [], "skipped"), failure=Failure(type="not_wanted", message="")
    )
    assert headline(of(DONE, unwanted)).startswith("the story is merged")
    assert standings(of(DONE, unwanted)).total() == 2


def test_what_asks_for_a_word_comes_first_with_what_to_type() -> None:
    first, second, third = wants_of(night())
    assert (first.target, first.asks) == ("pay/PAY-3", True)
    assert first.commands[0] == "prd-supervise approve pay/PAY-3"
    assert second.target == "pay/PAY-1"
    assert second.text.endswith("(1 story skipped for what failed here)")
    assert second.commands == ("prd-supervise logs pay/PAY-1", "prd-supervise resume pay --retry")
    assert not third.is_urgent
    assert harvest_of(night()) == ("git merge feature/shop",)


def test_work_that_waits_can_be_looked_at_first() -> None:
    (hint,) = wants_of(night())[0].hints
    assert hint == "`git diff feature/pay...prd-supervise/pay/PAY-3` shows the work"


def test_many_that_ask_are_one_line() -> None:
    asking = [replace(WAITS, story_id=f"S{at}", awaits="story") for at in range(9)]
    (want,) = wants_of(of(*asking, note="waits for approval: S0, S1"))
    assert want.text == "9 stories wait for your word: S0, S1, S2, S3, S4 and 4 more"
    assert want.commands[1] == "prd-supervise approve P --all"
    assert waits_of(of(*asking, note="waits for approval: S0, S1")) == ()
    assert len(wants_of(of(*asking[:5]))) == 5


def test_a_root_that_runs_takes_the_retry_itself() -> None:
    live = replace(of(failed(DONE)), is_live=True)
    assert wants_of(live)[0].commands[1] == "prd-supervise retry P/A"


def test_of_what_was_never_tried_there_is_no_log() -> None:
    never = replace(failed(DONE), attempts=())
    assert wants_of(of(never))[0].commands == ("prd-supervise resume P --retry",)


@pytest.mark.parametrize(
    ("more", "command"),
    [
        ({"is_held": True}, "prd-supervise release P"),
        ({"budget_used": "$5 of $5"}, "prd-supervise release --budget P"),
        ({"state": "stopped"}, "prd-supervise resume P"),
        ({"state": "interrupted"}, "prd-supervise resume P"),
        ({"awaits": "prd"}, "prd-supervise approve P"),
        ({"state": "completed", "landed": "not landed: it moved"}, "prd-supervise start P"),
    ],
)
def test_what_a_prd_waits_for_has_its_command(more: dict[str, object], command: str) -> None:
    (want,) = wants_of(of(WAITS, **more))
    assert want.commands[0] == command


def test_a_story_that_is_held_or_has_spent_its_budget_has_its_command() -> None:
    held, poor = replace(WAITS, is_held=True), replace(WAITS, budget_used="$1 of $1")
    assert wants_of(of(held))[0].commands == ("prd-supervise release P/B",)
    assert wants_of(of(poor))[0].commands == ("prd-supervise release --budget P/B",)
    assert "1 waits for you" in headline(of(DONE, held))


def test_an_agent_that_is_shut_out_wants_somebody_and_one_that_is_parked_only_waits() -> None:
    shut = AgentStatus(agent="codex", account="codex", state="closed", why="not logged in")
    trial = AgentStatus(agent="gemini", account="gemini", state="trial")
    found = replace(night(), agents=(*night().agents, shut, trial))
    assert "prd-supervise release --agent codex" in [
        command for want in wants_of(found) for command in want.commands
    ]
    parked, tried = waits_of(found)
    assert parked.startswith("claude: no start until ")
    assert tried.startswith("gemini: one start is tried")
    nobody = AgentStatus(agent="a", account="a", state="parked")
    assert "nobody says until when" in waits_of(replace(found, agents=(nobody,)))[0]


def test_why_nothing_starts_is_told() -> None:
    assert waits_of(of(WAITS, note="waits for Q/A")) == ("P: waits for Q/A",)


def test_reasons_are_no_longer_than_anybody_reads() -> None:
    want = wants_of(of(failed(DONE, "x" * 10_000)))[0]
    assert len(want.text) < TEXT_MAX + 40


def test_what_is_complete_waits_for_nothing() -> None:
    note = "its file holds another PRD now"
    assert waits_of(of(DONE, note=note)) == (f"P: {note}",)
    assert waits_of(of(DONE, note=note, state="completed")) == ()
