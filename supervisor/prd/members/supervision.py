"""The object `supervision` of a PRD: how its stories are restarted, where the PRD has a say."""

from __future__ import annotations

from ....policies.bounds import COUNT_MAX, SECONDS_MAX
from ....policies.supervising.spec import Restart, Strategy
from ..defect import advice, quoted
from ..model import Supervision
from .fields import Record

KEY = "supervision"
_STRATEGIES = tuple(each.value for each in Strategy)
# Permanent is none of them: it would start again for ever what has done its work.
_RESTARTS = (Restart.TRANSIENT.value, Restart.TEMPORARY.value)


def read_supervision(record: Record) -> Supervision | None:
    """Read it; None where the PRD does not speak of it."""
    member = record.find((KEY,))
    if member is None:
        return None
    if not isinstance(member.value, dict):
        record.refuse(member, "an object")
        return None
    said = Record(member.value, where=member.where, findings=record.findings)
    _refuse_unknown(said)
    return Supervision(
        strategy=_word(said, "strategy", _STRATEGIES),
        restart=_word(said, "restart", _RESTARTS),
        intensity=_count(said, "intensity", least=0),
        period_s=_seconds(said, "period_s", is_positive=True),
        backoff_base_s=_seconds(said, "backoff_base_s"),
        backoff_cap_s=_seconds(said, "backoff_cap_s"),
        max_attempts=_count(said, "max_attempts", least=1),
        max_memory_kills=_count(said, "max_memory_kills", least=1),
        max_hangs=_count(said, "max_hangs", least=1),
        max_workers=_count(said, "max_workers", least=0),
    )


def _refuse_unknown(said: Record) -> None:
    known = Supervision.__struct_fields__
    for name in said.members:
        if name not in known:
            message = f"unknown key {quoted(name)} in {KEY}; {advice(name, known)}"
            said.findings.add((*said.where, name), message)


def _word(said: Record, name: str, allowed: tuple[str, ...]) -> str | None:
    member = said.find((name,))
    if member is None:
        return None
    if member.value not in allowed:
        said.refuse(member, f"one of {', '.join(allowed)}")
        return None
    return str(member.value)


def _count(said: Record, name: str, *, least: int) -> int | None:
    member = said.find((name,))
    if member is None:
        return None
    value = member.value
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= COUNT_MAX:
        said.refuse(member, f"a whole number from {least} to {COUNT_MAX}")
        return None
    return value


def _seconds(said: Record, name: str, *, is_positive: bool = False) -> float | None:
    member = said.find((name,))
    if member is None:
        return None
    match member.value:
        case int() | float() as value if not isinstance(value, bool):
            if 0 < value <= SECONDS_MAX or (value == 0 and not is_positive):
                return float(value)
    least = "more than 0" if is_positive else "from 0"
    said.refuse(member, f"a number of seconds, {least} up to {SECONDS_MAX:.0f},")
    return None
