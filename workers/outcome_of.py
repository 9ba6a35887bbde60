"""What an agent's end means, in the words of policies/outcome."""

from __future__ import annotations

import signal

from ..policies.outcome import Outcome, OutcomeKind


def outcome_of(
    returncode: int | None,
    *,
    killed_because: OutcomeKind | None,
    duration_s: float,
    leftovers: int = 0,
    last_line: str = "",
    limit_s: float = 0.0,
) -> Outcome:
    """Say how the run ended; `killed_because` is what we stopped it for, and goes before its code.

    `limit_s` is the limit that it ran into. `returncode` is None where no process ever started;
    the reason then stands in `last_line`.
    """
    kind = killed_because or _kind_of(returncode)
    return Outcome(
        kind=kind,
        detail=_detail(kind, returncode, last_line=last_line, limit_s=limit_s or duration_s),
        exit_code=returncode,
        duration_s=duration_s,
        leftovers=leftovers,
    )


def _kind_of(returncode: int | None) -> OutcomeKind:
    if returncode is None:
        return OutcomeKind.MISSING
    if returncode == 0:
        return OutcomeKind.NORMAL
    return OutcomeKind.FAILED if returncode > 0 else OutcomeKind.CRASHED


def _detail(kind: OutcomeKind, returncode: int | None, *, last_line: str, limit_s: float) -> str:
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
            return last_line or "it was ended at a ceiling"
        case OutcomeKind.NORMAL | OutcomeKind.FAILED | OutcomeKind.CRASHED:
            ended = _ended(returncode)
            return f"{ended}: {last_line}" if last_line and returncode else ended


def _ended(returncode: int | None) -> str:
    if returncode is None or returncode >= 0:
        return f"exited with {returncode}"
    try:
        return f"killed by {signal.Signals(-returncode).name}"
    except ValueError:  # a real-time signal between the two that have names
        return f"killed by signal {-returncode}"
