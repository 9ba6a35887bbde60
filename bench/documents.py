"""What stands in a scratch repository: the agent and the PRDs."""

from __future__ import annotations

import json
from pathlib import Path

# Bash knows the time without starting a process; its own start counts against the product.
_AGENT = """\
#!/bin/bash
began=$EPOCHREALTIME
echo "$PRD_SUPERVISE_STORY_ID" > "$PRD_SUPERVISE_STORY_ID.txt"
{also}sleep {sleep_s}
echo "$began $EPOCHREALTIME" > "{times}/$PRD_SUPERVISE_PRD_ID.$PRD_SUPERVISE_STORY_ID"
"""


def agent_text(sleep_s: float, times: Path, *, also: str = "") -> str:
    """An agent that makes one file and sleeps; it notes when it began and ended.

    `also` are lines of its own.
    """
    return _AGENT.format(sleep_s=sleep_s, times=times, also=also)


def prd_text(number: int, stories: int, chain: int) -> str:
    """A PRD whose stories need the one `chain` places before them (0: none)."""
    document = {
        "id": f"PRD-{number}",
        "project": f"bench {number}",
        "userStories": [
            {
                "id": f"US-{at:03}",
                "title": f"story {at}",
                "acceptanceCriteria": ["a file"],
                "dependsOn": [f"US-{at - chain:03}"] if chain and at > chain else [],
                "passes": False,
            }
            for at in range(1, stories + 1)
        ],
    }
    return json.dumps(document, indent=2)
