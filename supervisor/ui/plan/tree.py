"""The plan as a tree: below each story those that wait for it, each of them once."""

from __future__ import annotations

from collections.abc import Mapping

from ...prd.graph.remaining import Key
from ...shell.lines import safe
from ..looks.columns import clipped
from .outlook import Outlook
from .text import story_name

_DEPTH_MAX = 30  # levels that are indented; deeper ones stand below each other
SOFT = "~"  # before a story that only waits until the one above it is over


def tree_text(found: Outlook, *, width: int) -> str:
    """A line a story; one that waits for several stands below the first that is shown."""
    waits = waiting(found)
    followers: dict[Key, list[Key]] = {}
    for key, needs in waits.items():
        for need in needs:
            followers.setdefault(need, []).append(key)
    lines: list[str] = []
    shown: set[Key] = set()
    # Those in a cycle are below nobody: they come after all others.
    roots = sorted(waits, key=lambda key: bool(waits[key]))
    todo: list[tuple[Key, Key | None, str, str]] = [(key, None, "", "") for key in reversed(roots)]
    while todo:
        key, parent, lead, branch = todo.pop()
        if key in shown:
            if parent is not None:
                mark = waits[key][parent]
                lines.append(clipped(f"{lead}{branch}{mark}{story_name(key, found)} ↑", width))
            continue
        shown.add(key)
        mark = "" if parent is None else waits[key][parent]
        lines.append(clipped(f"{lead}{branch}{mark}{_line(key, parent, waits, found)}", width))
        below = lead + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
        below = below[: 3 * _DEPTH_MAX]
        children = [(child, key, below, "├─ ") for child in followers.get(key, ())]
        if children:
            children[-1] = (*children[-1][:3], "└─ ")
        todo += reversed(children)
    return "\n".join(lines) or "no PRD was found; `prd-supervise init` writes one"


def waiting(found: Outlook) -> dict[Key, dict[Key, str]]:
    """For every story those that it waits for, with the mark of that edge."""
    edges: dict[Key, dict[Key, str]] = {}
    for plan in found.plans:
        for story in plan.stories:
            hard = [(plan.prd_id, name) for name in story.depends_on]
            parts = [need.partition("/") for need in story.needs]
            hard += [(prd, name) for prd, _, name in parts]
            soft = [(plan.prd_id, name) for name in story.after]
            needs = {**dict.fromkeys(soft, SOFT), **dict.fromkeys(hard, "")}
            edges[plan.prd_id, story.story_id] = {
                need: mark for need, mark in needs.items() if need in found.states
            }
    return edges


def _line(
    key: Key, parent: Key | None, waits: Mapping[Key, Mapping[Key, str]], found: Outlook
) -> str:
    state = found.states[key]
    words = [story_name(key, found)]
    if state != "waiting":
        words.append(f"[{state}]")
    also = [story_name(need, found) for need in waits[key] if need != parent]
    if also:
        words.append(f"(also after {', '.join(also)})")
    return " ".join([*words, safe(found.titles[key])])
