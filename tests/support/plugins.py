"""A distribution with an adapter in it, as an installer would have laid it down."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adapters.md"

# What the example of the page is an adapter of.
ACME = """#!/bin/sh
[ "$1" = --version ] && { echo "acme 1.2.3"; exit 0; }
cat > acme.seen
echo '{"event": "begin", "conversation": "talk-1"}'
echo '{"event": "tool", "name": "write"}'
echo "$*" > acme.txt
echo "acme says hello"
echo '{"event": "end", "ok": true, "text": "Done.", "tokens": {"in": 70, "out": 7}}'
"""


def example() -> str:
    """The adapter of docs/adapters.md."""
    found = re.search(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[1]


def lay_down(site: Path, name: str, text: str, *, agent: str = "") -> None:
    """Put a module with an adapter there, which a distribution names as an entry point."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (site / f"{name}.py").write_text(text, encoding="utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    points = f"[prd_supervise.agents]\n{agent or name} = {name}\n"
    (info / "entry_points.txt").write_text(points)
