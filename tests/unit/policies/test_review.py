"""What counts as a reviewer's answer, and what does not."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.review import REASONS_MAX, code_of, judgement

CODE = "1a2b3c4d"


@pytest.mark.parametrize(
    "last",
    [
        f"{CODE} ACCEPT",
        f"`{CODE}` ACCEPT",
        f"**{CODE} ACCEPT**",
        f"{CODE}: accept.",
        f"> {CODE} ACCEPTED",
        f"{CODE} ACCEPT\n```\n\n",
    ],
)
def test_an_acceptance_is_understood_as_models_write_it(last: str) -> None:
    found = judgement(f"All is well.\n\n{last}", CODE)
    assert found is not None
    assert (found.accepts, found.reasons) == (True, "All is well.")


def test_a_refusal_has_its_reasons() -> None:
    found = judgement(f"app.py:3 does not add\nat all\n{CODE} REFUSE\n", CODE)
    assert found is not None
    assert (found.accepts, found.reasons) == (False, "app.py:3 does not add\nat all")


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "```\n\n",
        "ACCEPT",
        "looks good\nACCEPT",
        f"{CODE} ACCEPT\nbut I am not sure",
        f"{CODE} REFUSE",  # without a reason nobody learns anything
        "00000000 ACCEPT",
        f"I would not say {CODE} ACCEPT",
        f"{CODE} ACCEPT or {CODE} REFUSE",
        f"{CODE} ACCEPT, REFUSE",
        f"the code is {CODE}, then ACCEPT",
    ],
)
def test_anything_else_is_no_answer(answer: str) -> None:
    assert judgement(answer, CODE) is None


def test_reasons_without_end_are_cut_from_the_front() -> None:
    found = judgement(f"{'x' * 10 * REASONS_MAX} last\n{CODE} REFUSE", CODE)
    assert found is not None
    assert len(found.reasons) == REASONS_MAX
    assert found.reasons.endswith(" last")


def test_each_review_has_its_own_code() -> None:
    codes = {code_of("P", "A", 1, tries, "head") for tries in range(5)}
    assert len(codes) == 5
    assert all(len(code) == len(CODE) for code in codes)
