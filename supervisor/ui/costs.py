"""What was spent, for people: a line of a PRD or a story, and what to type where it is too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...policies.costs.budget import Spent, spent_text
from ..shell.costs import spent_from

NAMED_MAX = 3  # stories whose release is written out


def spent_of(document: Mapping[str, Any]) -> Spent:
    """What a PRD or a story of the status document has cost."""
    return spent_from(document.get("spent"))


def cost_lines(document: Mapping[str, Any], *, indent: str) -> list[str]:
    """`1.2 M tokens, $0.42`, where anything is known of it."""
    text = spent_text(spent_of(document))
    return [f"{indent}{text}"] if text else []


def release_hints(document: Mapping[str, Any]) -> list[str]:
    """How what waits for its budget goes on."""
    names: list[str] = []
    for prd in document["prds"]:
        if prd.get("budget_used"):
            names.append(prd["id"])
            continue  # it goes for its stories as well
        waiting = [each["id"] for each in prd["stories"] if each.get("budget_used")]
        names += [f"{prd['id']}/{story_id}" for story_id in waiting]
    if not names:
        return []
    named = " ".join(names) if len(names) <= NAMED_MAX else ""
    command = f"prd-supervise release --budget {named}".rstrip()
    return [f"`{command}` lets what has used up its budget spend as much again"]
