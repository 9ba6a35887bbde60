"""What an agent's end means, in the words of policies/outcomes/outcome."""

from __future__ import annotations

from ...policies.counting import counted
from ...policies.outcomes.outcome import TOLD_BY_AGENTS, Outcome, OutcomeKind
from ..agents.base import Verdict
from ..agents.meaning.exiting import exit_in_words, kind_of_exit
from .job import JobEnd


def outcome_of(  # noqa: PLR0913  each is a fact of one end
    ended: JobEnd,
    *,
    killed_because: OutcomeKind | None,
    duration_s: float,
    detail: str = "",
    last_line: str = "",
    limit_s: float = 0.0,
    verdict: Verdict | None = None,
) -> Outcome:
    """Say how the run ended; `killed_because` is what we stopped it for, and goes before its code.

    `detail` is what was said when it was stopped, if anything; `limit_s` is the limit that it ran
    into; `verdict` is what the agent's adapter makes of the end. Where its command could not be
    executed, the reason stands in `last_line`.
    """
    kind = _kind(killed_because, verdict, ended.code)
    told = detail if detail and kind is killed_because else ""
    by_itself = "" if told or verdict is None else verdict.reason
    if by_itself and kind is killed_because and kind not in TOLD_BY_AGENTS:
        by_itself = ""  # the limit that it ran into says more than its last words
    limit_s = limit_s or duration_s
    said = told or by_itself or _detail(kind, ended.code, last_line=last_line, limit_s=limit_s)
    verdict = verdict or Verdict(kind=kind)
    undead = f"; {counted(ended.undead, 'process')} cannot be killed" if ended.undead else ""
    return Outcome(
        kind=kind,
        detail=said + undead,
        exit_code=ended.code,
        duration_s=duration_s,
        leftovers=ended.leftovers,
        undead=ended.undead,
        until_s=verdict.until_s,
        status=verdict.status,
        session=verdict.session,
        usage=verdict.usage,
        is_agents_fault=verdict.is_agents_fault,
    )


def _kind(because: OutcomeKind | None, verdict: Verdict | None, code: int) -> OutcomeKind:
    """What we ended it for goes first: but for the silence in which it waited for something."""
    if verdict is None:
        return because or kind_of_exit(code)
    if because in {None, OutcomeKind.NORMAL}:
        return verdict.kind
    if because is OutcomeKind.STALLED and verdict.kind in TOLD_BY_AGENTS:
        return verdict.kind
    return because or verdict.kind


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
            ended = exit_in_words(returncode)
            is_for_people = last_line and not last_line.startswith("{")  # else an event, as JSON
            return f"{ended}: {last_line}" if is_for_people and returncode else ended
