from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.make_mutants import mutate
from tests.mutants.mutant import Mutant
from tests.mutants.mutants import MUTANTS

_CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.why)
def test_a_fault_still_has_its_place(mutant: Mutant) -> None:
    text = (_CHECKOUT / mutant.file).read_text(encoding="utf-8")

    compile(mutate(text, mutant), mutant.file, "exec")


def test_there_are_faults_enough() -> None:
    assert len({mutant.why for mutant in MUTANTS}) == len(MUTANTS) >= 25
