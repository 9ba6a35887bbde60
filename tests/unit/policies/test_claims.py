from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.claims import SHOWN_MAX, no_change_claim


@pytest.mark.parametrize(
    ("answer", "claim"),
    [
        ("I looked.\n\nNO CHANGE NEEDED: it is there since 1.2", "it is there since 1.2"),
        ("**No change needed:** `make test` is green.\n", "`make test` is green."),
        ("", ""),
        ("NO CHANGE NEEDED: a\n\nNow I have changed b.", ""),
        ("It may be that no change needed: who knows", ""),
        ("NO CHANGE NEEDED: <why, and how you found out>", ""),
        ("NO CHANGE NEEDED:", ""),
        ("NO CHANGE NEEDED: " + "x" * 1000, "x" * SHOWN_MAX),
    ],
)
def test_only_the_last_line_of_an_answer_claims_that_nothing_is_needed(
    answer: str, claim: str
) -> None:
    assert no_change_claim(answer) == claim
