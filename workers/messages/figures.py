"""What a PRD supervisor has counted and timed since it said so last."""

from __future__ import annotations

from msgspec import Struct

from ...policies.metrics.tally import Batch


class Measured(Struct, frozen=True, kw_only=True):
    """It concerns no decision: root adds it to what it knows."""

    batch: Batch
