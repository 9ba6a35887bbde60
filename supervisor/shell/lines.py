"""Events as lines of plain text, safe for a terminal."""

from __future__ import annotations

import re
from datetime import datetime

from .storage.eventlog import Event

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, movements, modes
    # OSC, DCS, SOS, PM, APC: titles, links, the clipboard, images
    r"|(?:\x1b[]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]+[0-~]|\x1b[0-Z\\^-~]"  # character sets, and all that is short
)


def line_of(event: Event, *, has_date: bool = False, has_time: bool = True) -> str:
    """One event as one line of plain text; without the time where its reader notes that itself."""
    when = f"{_moment(str(event['at']), has_date=has_date)}  " if has_time else ""
    where = safe(str(event["prd"] or "root"))
    if event["story"]:
        where += safe(f"/{event['story']}")
    words, text = _said_once(safe(str(event["event"])).replace("_", " "), safe(str(event["text"])))
    return f"{when}{where:<18}  {words:<16}  {text}".rstrip()


def _moment(told: str, *, has_date: bool) -> str:
    try:
        at = datetime.fromisoformat(told).astimezone()
    except (ValueError, OverflowError):
        return safe(told[:19])  # no event of ours, but somebody wrote it
    return f"{at:%Y-%m-%d %H:%M:%S}" if has_date else f"{at:%H:%M:%S}"


def _said_once(words: str, text: str) -> tuple[str, str]:
    """A text often begins with the word that stands before it: that is said once."""
    if text.lower().startswith(f"{words} "):
        return words, text[len(words) + 1 :]
    if text.partition(" ")[0] == words.partition(" ")[0]:
        return text, ""
    return words, text


def safe(text: str) -> str:
    """The text without what a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text)


def readable(line: str) -> str:
    """One line of a program's output as a terminal would have shown it, without what drives one.

    Whole sequences (colours, titles, the clipboard) go without a trace; of one that never ends only
    its control character does, so that nothing can be hidden behind it.
    """
    if line.isprintable():
        return line
    line = _SEQUENCE.sub("", line)
    if "\r" in line:  # a progress bar, written over and over
        line = line.rstrip("\r").rpartition("\r")[2]
    return safe(line.expandtabs())
