"""State 1: failures are counted by their causes. Before version.json both forms were written."""

from __future__ import annotations

from .migration import Document, Migration, Part


def _with_tallies(snapshot: Document) -> Document:
    """Call all failures ordinary that were counted before causes were told apart."""
    stories = {
        story_id: memory
        if "losses" in memory
        else memory | {"losses": {"ordinary": memory.get("failures", 0)}}
        for story_id, memory in snapshot.get("stories", {}).items()
    }
    return snapshot | {"stories": stories}


TO_1 = Migration(to=1, changes={Part.PRD_SNAPSHOT: _with_tallies})
