"""What an agent's end means, in the words of policies/outcome."""

from __future__ import annotations

import signal

from ...policies.counting import counted
from ...policies.outcome import Outcome, OutcomeKind
from .job import JobEnd


def outcome_of(
    ended: JobEnd,
    *,
    killed_because: OutcomeKind | None,
    duration_s: float,
    detail: str = "",
    last_line: str = "",
    limit_s: float = 0.0,
) -> Outcome:
    """Say how the run ended; `killed_because` is what we stopped it for, and goes before its code.

    `detail` is what was said when it was stopped, if anything; `limit_s` is the limit that it ran
    into. Where its command could not be executed, the reason stands in `last_line`.
    """
    kind = killed_because or _kind_of(ended.code)
    told = detail if detail and kind is killed_because else ""
    said = told or _detail(kind, ended.code, last_line=last_line, limit_s=limit_s or duration_s)
    undead = f"; {counted(ended.undead, 'process')} cannot be killed" if ended.undead else ""
    return Outcome(
        kind=kind,
        detail=said + undead,
        exit_code=ended.code,
        duration_s=duration_s,
        leftovers=ended.leftovers,
        undead=ended.undead,
    )


def _kind_of(returncode: int) -> OutcomeKind:
    if returncode == 0:
        return OutcomeKind.NORMAL
    return OutcomeKind.FAILED if returncode > 0 else OutcomeKind.CRASHED


def _detail(kind: OutcomeKind, returncode: int, *, last_line: str, limit_s: float) -> str:
    match kind:
        case OutcomeKind.TIMED_OUT:
            return f"ran longer than {limit_s:.10g} s"
        case OutcomeKind.STALLED:
            return f"no output and no changed file for {limit_s:.10g} s"
        case OutcomeKind.INTERRUPTED:
            return "stopped by us before its end"
        case OutcomeKind.MISSING:
            return last_line or "the command could not be executed"
        case OutcomeKind.OUT_OF_MEMORY | OutcomeKind.OVER_LIMIT:
            return "ended at a ceiling"
        case _:
            ended = _ended(returncode)
            return f"{ended}: {last_line}" if last_line and returncode else ended


def _ended(returncode: int) -> str:
    if returncode >= 0:
        return f"exited with {returncode}"
    try:
        return f"killed by {signal.Signals(-returncode).name}"
    except ValueError:  # a real-time signal between the two that have names
        return f"killed by signal {-returncode}"
