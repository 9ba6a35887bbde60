"""What has become of each PRD, from root's journal alone: quick, and true at this moment.

Root writes down that a PRD begins before anything of it is started.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..board import Board
from ..repository.cleaning import Known
from ..storage.layout import Layout
from ..storage.offline import ROOT_KINDS, answers_of, holds_of, root_records
from ..storage.store import read


def journalled(layout: Layout) -> Mapping[str, Known]:
    """The state of each PRD, when it ended, and where its document is."""
    board = Board()
    records = root_records(read(layout.state_dir, ROOT_KINDS))
    for record, at in records:
        board.on_record(record, at)
    wanted = {prd_id for prd_id, _ in (*holds_of(records), *answers_of(records))}
    return {
        prd_id: Known(
            state=board.state_of(prd_id),
            ended_s=row.ended_at or math.inf,
            path=row.accepted.path,
            is_wanted=prd_id in wanted,
        )
        for prd_id, row in board.rows.items()
    }
