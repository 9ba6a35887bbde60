"""Amounts of memory as people write and read them."""

from __future__ import annotations

import re

_UNITS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_DECIMAL = {"kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([A-Za-z]{0,3})")
_THREE_DIGITS = 100  # such a number needs no fraction


def size_of(text: str) -> int | None:
    """The bytes that `4GiB`, `1.5 GB`, `512MiB` or `1048576` mean; None if it means nothing."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    unit = (_UNITS | _DECIMAL).get(found[2])
    return None if unit is None else int(float(found[1]) * unit)


def size_text(size_bytes: int) -> str:
    """The size in the unit that needs the fewest digits: `4 GiB`, `1.5 GiB`, `312 MiB`."""
    unit, factor = "B", 1
    for name, each in _UNITS.items():
        if name and size_bytes >= each:
            unit, factor = name, each
    number = size_bytes / factor
    digits = 1 if number < _THREE_DIGITS and unit != "B" else 0
    return f"{number:.{digits}f}".removesuffix(".0") + f" {unit}"
