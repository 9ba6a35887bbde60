"""PRD files: reading large ones of each language, and marking one story."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path

from bench.clock import timed
from bench.table import Row, row
from prd_supervise.supervisor.prd.documents.parse import parse
from prd_supervise.supervisor.prd.mark import mark_done
from prd_supervise.supervisor.prd.read import read_file

MEGABYTE = 1_000_000
_TEXT = "As a user, I want this to be so that the other thing can be as well. "


def measure(*, quick: bool) -> list[Row]:
    """Parse texts of one size, and read and mark PRDs of 2,000 stories."""
    times = 1 if quick else 3
    large, other = (5, 1) if quick else (50, 10)
    large_json = _json(large * MEGABYTE, description=_TEXT * 5)
    texts = (
        (f"parse {large} MB of JSON", large_json),
        (f"parse {other} MB of YAML", _yaml(other * MEGABYTE)),
        (f"parse {other} MB of Markdown", _markdown(other * MEGABYTE)),
    )
    rows = [row(what, timed(partial(parse, text), times)) for what, text in texts]
    with tempfile.TemporaryDirectory(prefix="prd-bench-") as folder:
        path = Path(folder).resolve() / "prd"
        for name, make in (("JSON", _json), ("YAML", _yaml), ("Markdown", _markdown)):
            data = make(MEGABYTE).encode()
            path.write_bytes(data)
            stories = read_file(path).plans[0].stories
            last = stories[-1].story_id
            what = f"{len(stories)} stories, 1 MB of {name}"
            rows.append(row(f"read {what}", timed(partial(read_file, path), times * 3)))
            rows.append(
                row(
                    f"mark one of {what}",
                    timed(partial(mark_done, data, last), times * 3),
                )
            )
    return rows


def _json(size: int, *, description: str = _TEXT * 5) -> str:
    story = {"title": "A story", "description": description, "acceptanceCriteria": ["it is"]}
    length = len(json.dumps(story, indent=2)) + 90
    stories = [{"id": f"US-{at}", **story, "passes": False} for at in range(size // length)]
    return json.dumps({"project": "bench", "userStories": stories}, indent=2)


def _yaml(size: int) -> str:
    lines = (
        "- id: US-{at}\n  title: A story\n  description: >\n"
        f"    {_TEXT * 5}\n"
        "  acceptance:\n  - it is\n  completed: false\n"
    )
    return "tasks:\n" + "".join(lines.format(at=at) for at in range(size // len(lines)))


def _markdown(size: int) -> str:
    lines = (
        "### US-{at}: A story\n\n"
        f"**Description:** {_TEXT * 5}\n\n"
        "**Acceptance Criteria:**\n- [ ] it is\n\n"
    )
    return "# bench\n\n" + "".join(lines.format(at=at) for at in range(size // len(lines)))
