"""Events as lines of plain text, safe for a terminal."""

from __future__ import annotations

from datetime import datetime

from .storage.eventlog import Event


def line_of(event: Event, *, has_date: bool = False) -> str:
    """One event as one line of plain text."""
    at = datetime.fromisoformat(str(event["at"])).astimezone()
    when = f"{at:%Y-%m-%d %H:%M:%S}" if has_date else f"{at:%H:%M:%S}"
    where = safe(str(event["prd"] or "root"))
    if event["story"]:
        where += safe(f"/{event['story']}")
    words = safe(str(event["event"])).replace("_", " ")
    return f"{when}  {where:<18}  {words:<16}  {safe(str(event['text']))}".rstrip()


def safe(text: str) -> str:
    """The text without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)
