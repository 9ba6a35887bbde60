"""Whose a file in the folder for units is: ours as we wrote it, ours and changed, or another's."""

from __future__ import annotations

import hashlib
import re
from enum import Enum

_HEAD = """\
# Written by `prd-supervise service install`, and removed by `prd-supervise service uninstall`.
# What you change here is kept, and no longer kept up to date: a drop-in is the better place.
# sha256 of all below: {digest}
"""
HEAD_LINES = _HEAD.count("\n")
_SIGNED = re.compile(_HEAD.replace("{digest}", "([0-9a-f]{64})").replace(".", r"\."))


class Whose(Enum):
    """What may be done with it."""

    NOBODY = "absent"
    OURS = "ours"  # as we wrote it, now or in an earlier version
    CHANGED = "changed"  # by a person, after we wrote it
    FOREIGN = "foreign"


def signed(text: str) -> str:
    """The text below a head by which it is known again."""
    return _HEAD.format(digest=_digest(text)) + text


def whose(found: bytes | None) -> Whose:
    """Whose a file is that holds this; None: there is none."""
    if found is None:
        return Whose.NOBODY
    text = found.decode(errors="replace")
    head = _SIGNED.match(text)
    if head is None:
        return Whose.FOREIGN
    return Whose.OURS if head[1] == _digest(text[head.end() :]) else Whose.CHANGED


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
