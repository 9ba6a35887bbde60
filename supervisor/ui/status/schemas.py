"""The JSON Schemas of what `status --json` prints, as they stand in docs/schema.

`python -m prd_supervise.supervisor.ui.status.schemas docs/schema` writes them, after a change of
the types.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ...shell.status.document import StatusDocument
from ...shell.status.schema import schema_of, text_of
from .evidence import StoryDetail


def schemas() -> dict[str, str]:
    """The texts, by the names of their files."""
    command = "What `prd-supervise status"
    return {
        "status.schema.json": text_of(schema_of(StatusDocument, f"{command} --json` prints")),
        "story.schema.json": text_of(schema_of(StoryDetail, f"{command} PRD/STORY --json` prints")),
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        Path(sys.argv[1], name).write_text(text, encoding="utf-8")
