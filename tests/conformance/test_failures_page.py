"""docs/failures.md names every type of failure, and each has something that can be done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prd_supervise.policies.outcomes.failure import FailureType
from prd_supervise.supervisor.core.prd.attempt.hints import Fate, hints_of, what_follows

PAGE = Path(__file__).parents[2] / "docs" / "failures.md"
_SILENT = {FailureType.TREE_DOWN, FailureType.STOPPED, FailureType.PLAN_CHANGED}


def test_the_page_has_every_type_and_no_other() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    named = [word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(named) == sorted(each.value for each in FailureType)


@pytest.mark.parametrize("failure", list(FailureType))
@pytest.mark.parametrize("agent", ["", "claude"])
def test_every_failure_comes_with_what_can_be_done(failure: FailureType, agent: str) -> None:
    hints = hints_of(failure, prd_id="P", story_id="S-1", agent=agent, cause="S-0")
    assert bool(hints) is (failure not in _SILENT)  # of these, what follows says all
    for hint in hints:
        assert "{" not in hint
        assert hint.isprintable()


def test_what_follows_says_when_and_at_what_cost() -> None:
    def told(fate: Fate) -> str:
        return what_follows(fate, prd_id="P", story_id="S")

    assert told(Fate(wait_s=4.2, left=2)) == "it goes again by itself in 4 s; 2 attempts left"
    assert told(Fate(next_agent="codex")) == (
        "it goes again by itself with codex at once; this cost no attempt"
    )
    assert told(Fate(goes_on_later=True)) == "it goes on with `prd-supervise resume P`"
    assert "`prd-supervise retry P/S`" in told(Fate(is_over=True))
