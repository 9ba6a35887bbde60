"""How long stories took in earlier runs, by the journals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from statistics import median

from ...core.prd.records import AttemptBegun, StoryDone
from .history import read_history
from .layout import Layout
from .older import prd_as_today
from .recollection import KINDS

PRDS_MAX = 50  # whose journals are read


def durations(layout: Layout, prd_ids: Iterable[str]) -> dict[tuple[str, str], float]:
    """The seconds from the beginning of its last attempt until a story was merged."""
    found: dict[tuple[str, str], float] = {}
    conversion = prd_as_today(layout)
    for prd_id in islice(prd_ids, PRDS_MAX):
        begun: dict[tuple[str, int], float] = {}
        for record, at in read_history(layout.prd(prd_id), KINDS, conversion).records:
            if isinstance(record, AttemptBegun):
                begun[record.story_id, record.attempt] = at
            elif isinstance(record, StoryDone) and (record.story_id, record.attempt) in begun:
                took = at - begun[record.story_id, record.attempt]
                found[prd_id, record.story_id] = max(0.0, took)
    return found


def expected(
    stories: Iterable[tuple[str, str]], known: Mapping[tuple[str, str], float]
) -> dict[tuple[str, str], float]:
    """How long each story will take: as last time, else as its PRD's or all known ones usually do.

    Where nothing is known, each one counts 1.
    """
    by_prd: dict[str, list[float]] = {}
    for (prd_id, _), took in known.items():
        by_prd.setdefault(prd_id, []).append(took)
    usual = {prd_id: median(each) for prd_id, each in by_prd.items()}
    anyhow = median(known.values()) if known else 1.0
    return {key: known.get(key, usual.get(key[0], anyhow)) for key in stories}
