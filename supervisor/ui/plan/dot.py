"""The plan as a graph for Graphviz: `prd-supervise plan --dot | dot -Tsvg`."""

from __future__ import annotations

from ...prd.graph.remaining import Key
from ...shell.lines import safe
from .outlook import Outlook
from .tree import waiting

_TITLE_MAX = 40
_FILLS = {"done": "palegreen", "skipped": "gray90", "blocked": "mistyrose", "failed": "lightpink"}


def dot(found: Outlook) -> str:
    """A cluster a PRD; dashed edges are those that only order, grey ones come from no PRD."""
    lines = ["digraph plan {", '  rankdir="LR";', '  node [shape="box", style="filled,rounded"];']
    inferred = {
        ((edge.prd_id, edge.story_id), (edge.prd_id, edge.after)) for edge in found.inference.edges
    }
    critical = set(found.path)
    for at, plan in enumerate(found.plans):
        lines += [f"  subgraph cluster_{at} {{", f"    label={_quoted(plan.prd_id)};"]
        for story in plan.stories:
            key = plan.prd_id, story.story_id
            label = f"{story.story_id}\n{safe(story.title)[:_TITLE_MAX]}"
            fill = _FILLS.get(found.states[key], "white")
            width = ", penwidth=2" if key in critical else ""
            lines.append(
                f"    {_name(key)} [label={_quoted(label)}, fillcolor={_quoted(fill)}{width}];"
            )
        lines.append("  }")
    for key, needs in waiting(found).items():
        for need, mark in needs.items():
            looks = ' [style="dashed"]' if mark else ""
            if (key, need) in inferred:
                looks = ' [style="dashed", color="gray50"]'
            lines.append(f"  {_name(need)} -> {_name(key)}{looks};")
    return "\n".join([*lines, "}"])


def _name(key: Key) -> str:
    return _quoted("/".join(key))


def _quoted(text: str) -> str:
    # In a quoted text of Graphviz only '"' ends it, and a backslash begins an escape of its labels.
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
