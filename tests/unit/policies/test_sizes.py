from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.sizes import size_of, size_text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1048576", 1 << 20),
        ("4GiB", 4 << 30),
        ("512 MiB", 512 << 20),
        ("1.5GiB", 3 << 29),
        ("2GB", 2 * 10**9),
        ("7B", 7),
        ("4G", None),
        ("4gib", None),
        ("-1", None),
        ("", None),
        ("GiB", None),
        ("1e9", None),
        ("nan", None),
        ("1_000", None),
        ("１", None),  # noqa: RUF001  a digit, and not one of ours
    ],
)
def test_a_size_means_its_bytes_or_nothing(text: str, size: int | None) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1 << 10, "1 KiB"),
        (312 << 20, "312 MiB"),
        (3 << 29, "1.5 GiB"),
        (4 << 30, "4 GiB"),
        (1 << 50, "1024 TiB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_needs_the_fewest_digits(size: int, text: str) -> None:
    assert size_text(size) == text


@given(st.integers(min_value=0, max_value=1 << 50))
def test_what_is_told_can_be_read_again_and_is_off_by_little(size: int) -> None:
    told = size_of(size_text(size))
    assert told is not None
    assert abs(told - size) <= 0.06 * size
