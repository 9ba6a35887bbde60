"""A copy of a value with some fields changed.

Values are msgspec's Structs: a process of ours defines 40 to 400 kinds of them before it can
serve, and a frozen dataclass costs 500 µs there where a Struct costs 12. Of the two functions
named `replace`, msgspec's is the quick one, and `dataclasses`' the one whose arguments type
checkers look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from msgspec.structs import replace

__all__ = ["replace"]
