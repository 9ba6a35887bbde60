"""What a reviewer's last line means: the code of this review, and one of two words.

The code is in no file that the reviewer reads, and the prompt has no line of this form: so neither
a quoted prompt nor anything that stands in the work is an answer.
"""

from __future__ import annotations

import hashlib
import re
from enum import Enum

from msgspec import Struct

TRIES_MAX = 2  # without an answer that can be understood
REASONS_MAX = 16_000  # characters, the last ones
_SIGNS = " \t*_`>#.\"'"


class Verdict(Enum):
    """What came of a review."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_REVIEWED = "not reviewed"  # nobody could be understood, and the story went on


class Judgement(Struct, frozen=True, kw_only=True):
    """An answer that was understood; a refusal has reasons."""

    accepts: bool
    reasons: str = ""


def code_of(*about: object) -> str:
    """The code of one review; the commit that it is about is a part of it."""
    text = "/".join(map(str, about))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def judgement(answer: str, code: str) -> Judgement | None:
    """Read the last line; None where it is no answer, or refuses without a reason."""
    lines = answer.splitlines()
    while lines and not lines[-1].strip(_SIGNS):
        lines.pop()
    if not lines:
        return None
    found = re.fullmatch(rf"{code}[\s:*_`-]{{0,9}}(accept|refuse)(?:e?d)?", _bare(lines[-1]))
    if found is None:
        return None
    if found[1] == "accept":
        return Judgement(accepts=True, reasons=_bounded(lines))
    reasons = _bounded(lines)
    return Judgement(accepts=False, reasons=reasons) if reasons else None


def _bare(line: str) -> str:
    return line[-200:].strip(_SIGNS).lower()


def _bounded(lines: list[str]) -> str:
    return "\n".join(lines[:-1]).strip()[-REASONS_MAX:].strip()
