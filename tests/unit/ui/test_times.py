from __future__ import annotations

import pytest

from prd_supervise.supervisor.ui.words.times import rest_text, spoken


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (48.4, "48 s"),
        (60, "1 min"),
        (94, "1 min 34 s"),
        (599.4, "9 min 59 s"),
        (600, "10 min"),
        (3599, "1 h"),
        (3660, "1 h 1 min"),
        (22_320, "6 h 12 min"),
    ],
)
def test_what_something_took_as_a_sentence_says_it(seconds: float, said: str) -> None:
    assert spoken(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "under 1 min"),
        (59, "under 1 min"),
        (60, "about 1 min"),
        (260, "about 4 min"),
        (4_700, "about 1 h 20 min"),
        (86_000, "about 1 day"),
        (2 * 86_400, "about 2 days"),
    ],
)
def test_an_estimate_is_no_measurement(seconds: float, said: str) -> None:
    assert rest_text(seconds) == said
