from __future__ import annotations

import pytest

from prd_supervise.policies.counting import counted


@pytest.mark.parametrize(
    ("count", "word", "said"),
    [
        (1, "story", "1 story"),
        (0, "story", "0 stories"),
        (1, "process", "1 process"),
        (2, "process", "2 processes"),
        (3, "failed attempt", "3 failed attempts"),
    ],
)
def test_a_number_goes_with_its_word(count: int, word: str, said: str) -> None:
    assert counted(count, word) == said
