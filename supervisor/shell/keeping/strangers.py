"""Folders and plans of PRDs that no journal knows: root has forgotten them, or lost its journal."""

from __future__ import annotations

from collections.abc import Mapping

from ..storage.layout import Layout


def strangers(layout: Layout, known: Mapping[str, object]) -> list[str]:
    """The PRDs that have a folder or a plan, and are not known."""
    folders = {path.name for path in layout.prd("x").parent.glob("*") if path.is_dir()}
    plans = {path.stem for path in layout.plan("x").parent.glob("*.json")}
    return sorted((folders | plans) - set(known))
