from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.oracle import check_ledger
from tests.chaos.storm import storm

pytestmark = [pytest.mark.chaos, pytest.mark.slow]


def test_a_short_storm_breaks_no_promise(tmp_path: Path) -> None:
    def folder_of(night: int) -> Path:
        place = tmp_path / str(night)
        place.mkdir()
        return place

    tally = storm(folder_of, seed=4, kills=12, size=(2, 4), left_stopped=0.0, say=print)

    assert tally.kills == 12


@pytest.mark.parametrize(
    "journal",
    ['00000000 1 {"a":1}\n00000000 2 {"b":2}\n', '00000000 3 {"c":4}\n'],
    ids=["forgotten", "used twice"],
)
def test_the_ledger_shows_a_record_that_was_forgotten(tmp_path: Path, journal: str) -> None:
    path, ledger = tmp_path / "journal.log", tmp_path / "ledger"
    path.write_text(journal)
    acknowledged = [f"{path}\t{line}\n" for line in ('0 3 {"c":3}', *journal.splitlines())]
    ledger.write_text("".join(acknowledged))

    with pytest.raises(AssertionError, match=r"number 3|forgot 3"):
        check_ledger(ledger)
