from __future__ import annotations

from typing import Any

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.prd.prompt.default import PLACEHOLDERS
from prd_supervise.supervisor.prd.prompt.render import (
    FAILURE_MAX,
    PROMPT_MAX,
    SHORT_MAX,
    TEXT_MAX,
    Told,
    cut,
    encoded,
    fenced,
    prompt_for,
)
from prd_supervise.workers.messages.agents import Choice
from prd_supervise.workers.process.wire import FRAME_BYTES_MAX

STORY = PlannedStory(story_id="US-1", title="Add it", description="Do.", criteria=("a", "b"))
PLAN = Plan(prd_id="P", title="The shop", path="/p.json", stories=(STORY,), description="Sells.")


def prompt(story: PlannedStory = STORY, template: str = "", **told: Any) -> str:  # noqa: ANN401
    return prompt_for(PLAN, story, Told(**{"attempt": 1, **told}), template=template)


def test_the_first_prompt_has_the_story_and_how_it_is_judged_and_nothing_else() -> None:
    text = prompt(verify=("make test",))
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# US-1: Add it",
        "## Acceptance criteria",
        "## The PRD",
        "## How it is judged",
    ]
    assert "\n- a\n- b\n" in text
    assert "\nThe shop\n\nSells.\n" in text
    assert "`make test` passed here and on the merged tree." in text
    assert "`NO CHANGE NEEDED: <why, and how you found out>`" in text


def test_what_went_wrong_is_told_in_full() -> None:
    text = prompt(attempt=3, reason="it was red", details="1 failed\n", earlier="`git diff x`")
    wrong = text.partition("## What went wrong last time (attempt 2)\n\n")[2].partition("\n\n## ")[
        0
    ]
    assert wrong == "it was red\n\nIn detail:\n\n```\n1 failed\n```\n\n`git diff x`"
    assert prompt(attempt=2, reason="red: 1 failed", details="1 failed").count("1 failed") == 1


def test_roles_context_and_conflicts_have_sections_of_their_own() -> None:
    text = prompt(role="You know HTTP.", context="### a.md", conflict="with B in a.py")
    assert "## Your role\n\nYou know HTTP.\n" in text
    assert "## What you have to know\n\n### a.md\n" in text
    assert "## What others are changing\n\nwith B in a.py\n" in text


def test_a_story_that_needs_no_code_is_not_asked_for_a_claim() -> None:
    text = prompt(replace(STORY, no_code=True))
    assert "NO CHANGE NEEDED" not in text
    assert "then change nothing" in text


def test_a_short_prompt_is_without_context_and_with_the_end_of_what_failed() -> None:
    details = f"begin{'x' * FAILURE_MAX}end"
    text = prompt(attempt=2, reason="r", details=details, context="### a.md", is_short=True)
    assert "a.md" not in text
    assert "begin" not in text
    assert "xend\n```" in text
    assert len(text) < 2 * SHORT_MAX


def test_every_placeholder_has_a_value() -> None:
    told: dict[str, Any] = {
        "attempt": 2,
        "reason": "r",
        "earlier": "e",
        "conflict": "c",
        "choice": Choice(agent="claude", model="opus"),
        "role": "o",
        "context": "x",
    }
    story = replace(STORY, files=("src/**",))
    template = "\n".join(f"{name}=${name}" for name in PLACEHOLDERS)
    lines = prompt(story, template, **told).splitlines()
    assert [line for line in lines if line.endswith("=") or "$" in line] == []
    assert {"id=US-1", "model=opus", "last_attempt=1", "prd_id=P"} <= {*lines}


@pytest.mark.parametrize("unit", ["x", "é", "\U0001f600", '"', "\n", "\x00", "\x1b"])
def test_the_longest_words_go_in_one_message(unit: str) -> None:
    much = unit * 1_000_000
    story = PlannedStory(story_id="A", title="t", description=much, criteria=(much,))
    text = prompt_for(
        replace(PLAN, description=much),
        story,
        Told(attempt=2, reason=much, details=much, conflict=much, role=much, context=much),
        template="$story $story $story $story $story $criteria $failure",
    )
    assert PROMPT_MAX - 100_000 < encoded(text) < PROMPT_MAX + 100 < FRAME_BYTES_MAX


def test_a_prd_says_no_command_of_the_agents_own_and_a_template_may() -> None:
    story = replace(PLAN.stories[0], title="/clear everything")
    told = Told(attempt=1)
    assert prompt_for(PLAN, story, told, template="$title\n").startswith("\n/clear everything")
    assert prompt_for(PLAN, story, told, template="/work on $id\n").startswith("/work on ")


def test_what_is_cut_says_so() -> None:
    assert cut("abc", TEXT_MAX) == "abc"
    assert cut("abcdefgh", 6) == "abcd\n[cut here: 4 characters more]"


def test_a_block_of_code_holds_any_text() -> None:
    assert fenced("a") == "```\na\n```"
    assert fenced("```\na\n````") == "`````\n```\na\n````\n`````"
