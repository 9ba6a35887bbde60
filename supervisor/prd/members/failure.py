"""What a PRD says of its own failure: what becomes of its branch, and of what has not begun."""

from __future__ import annotations

from .fields import Record, folded

ON_FAILURE = ("onFailure",)
FAIL_FAST = ("failFast",)
WORDS = ("keep", "rollback")


def read_on_failure(record: Record) -> str | None:
    """`keep` or `rollback`; None where the PRD does not speak of it."""
    member = record.find(ON_FAILURE)
    if member is None:
        return None
    word = folded(member.value) if isinstance(member.value, str) else ""
    if word not in WORDS:
        record.refuse(member, f"one of {', '.join(WORDS)}")
        return None
    return word


def read_fail_fast(record: Record) -> bool | None:
    """Whether the first story that fails ends the PRD."""
    member = record.find(FAIL_FAST)
    if member is None:
        return None
    if not isinstance(member.value, bool):
        record.refuse(member, "true or false")
        return None
    return member.value
