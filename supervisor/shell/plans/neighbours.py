"""The PRDs beside those that a command is about: a story of theirs may be depended on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from ...prd.discover import discover
from ...prd.model import Plan
from ..storage.layout import Layout
from .accepted import read_accepted


class Neighbours(Struct, frozen=True, kw_only=True):
    """Files that are PRDs, and PRDs as they were run here before."""

    paths: tuple[Path, ...] = ()
    plans: tuple[Plan, ...] = ()


def neighbours(layout: Layout, patterns: tuple[str, ...], run_before: Iterable[str]) -> Neighbours:
    """Look for them; `run_before` are the ids of PRDs that root knows."""
    accepted = (read_accepted(layout, prd_id) for prd_id in run_before)
    return Neighbours(
        paths=discover(layout.repository, patterns).paths,
        plans=tuple(plan for plan in accepted if plan is not None),
    )
