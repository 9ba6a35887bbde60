"""A short run of the fuzz targets; `make fuzz` is the long one."""

from __future__ import annotations

import pytest

from tests.fuzz.targets import TARGETS, fuzz

EXAMPLES = 150


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_whatever_the_file_it_is_read_or_refused_and_a_mark_is_a_mark_alone(target: str) -> None:
    fuzz(target, examples=EXAMPLES)
