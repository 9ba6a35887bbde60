"""Intensities that no child can reach, named where they were written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ....policies.supervising.reachable import REACHABLE, unreachable
from ....policies.supervising.spec import Backoff, Intensity
from ...prd.defect import Defect
from .layers import KeyPath, Layer

WINDOW = ("intensity", "period_s", "backoff_cap_s", "backoff_base_s")


class Window(Protocol):
    """The settings that make up a window."""

    @property
    def intensity(self) -> int:
        """More restarts than this."""

    @property
    def period_s(self) -> float:
        """Within so many seconds."""

    @property
    def backoff_base_s(self) -> float:
        """The first delay."""

    @property
    def backoff_cap_s(self) -> float:
        """The longest one."""


def window_defects(windows: Mapping[KeyPath, Window], layers: Sequence[Layer]) -> Iterable[Defect]:
    """Check the windows of these tables; a table gets what it does not say from the one above.

    The culprit is the origin that overrules the others: the last one that has said part of it.
    """
    seen: list[str] = []
    for table, window in windows.items():
        problem = unreachable(
            Intensity(max_restarts=window.intensity, period_s=window.period_s),
            Backoff(base_s=window.backoff_base_s, cap_s=window.backoff_cap_s),
        )
        if not problem or problem in seen:
            continue
        seen.append(problem)
        keys = [(*table[:length], key) for length in range(len(table), 0, -1) for key in WINDOW]
        culprit, key = _last_word(layers, keys)
        yield culprit.defect(key, f"[{'.'.join(table)}] {problem}; {REACHABLE}")


def _last_word(layers: Sequence[Layer], keys: Sequence[KeyPath]) -> tuple[Layer, KeyPath]:
    said = ((layer, key) for layer in reversed(layers) for key in keys if _says(layer, key))
    return next(said)  # the defaults alone can be reached


def _says(layer: Layer, key: KeyPath) -> bool:
    values: object = layer.values
    for name in key:
        if not isinstance(values, Mapping) or name not in values:
            return False
        values = values[name]
    return True
