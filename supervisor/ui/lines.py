"""Events as lines of plain text, safe for a terminal."""

from __future__ import annotations

from datetime import datetime

Event = dict[str, object]


def line_of(event: Event) -> str:
    """One event as one line of plain text."""
    at = datetime.fromisoformat(str(event["at"])).astimezone()
    where = str(event["prd"] or "root")
    if event["story"]:
        where += f"/{event['story']}"
    words = str(event["event"]).replace("_", " ")
    return f"{at:%H:%M:%S}  {where:<18}  {words:<16}  {safe(str(event['text']))}".rstrip()


def safe(text: str) -> str:
    """The text without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)
