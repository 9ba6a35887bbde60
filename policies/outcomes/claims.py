"""The one thing that an agent may claim: that its story needs no change.

It is told to people, who can accept it. Nothing else follows from it: done means evidence.
"""

from __future__ import annotations

MARK = "NO CHANGE NEEDED:"
SHOWN_MAX = 300
_SIGNS = "*_`> "


def no_change_claim(answer: str) -> str:
    """The reason that an agent gives on the last line of its answer; empty if it claims nothing.

    A line that only repeats what it was told to write is no claim.
    """
    line = answer.rstrip().rpartition("\n")[2].strip(_SIGNS)
    if not line.upper().startswith(MARK):
        return ""
    reason = " ".join(line[len(MARK) :].split()).strip("*_ ")
    return "" if reason.startswith("<") else reason[:SHOWN_MAX]
