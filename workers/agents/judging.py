"""What the end of a run means, from all that was heard of it.

In this order: what we ended it for, its last word, a code or a status, words that the program
itself wrote, its exit code.
"""

from __future__ import annotations

from datetime import tzinfo

from ...policies.outcome import OutcomeKind
from ...policies.values import replace
from .base import Ended, LimitSeen, Retrying, Said, Terminal, Verdict
from .exiting import kind_of_exit
from .heard import Heard, answer, used
from .jsonline import json_object
from .phrases import is_agents_fault, meaning_of, meaning_of_status, status_in
from .resets import reset_told
from .wording import one_line

EMPTY = "it answered nothing and did nothing"
SILENT = "it ended without a word of how"

# What a run is ended for early because its own program has said it.
_TOLD_EARLY = frozenset(
    {
        OutcomeKind.RATE_LIMITED,
        OutcomeKind.TRANSIENT,
        OutcomeKind.AUTH,
        OutcomeKind.BILLING,
        OutcomeKind.PERMANENT,
        OutcomeKind.CONTEXT,
    }
)
_NO_WORDS = Said(text="")


def judge(heard: Heard, ended: Ended, *, now_s: float, zone: tzinfo) -> Verdict:
    """Judge an end; `zone` is the one in which the program tells times."""
    because = ended.killed_because
    if because is not None and because is not OutcomeKind.NORMAL:
        verdict = _of_killed(heard, because)
    elif heard.terminal is not None:
        verdict = _of_terminal(heard, heard.terminal)
    else:
        verdict = _of_silence(heard, ended)
    if verdict.kind is OutcomeKind.RATE_LIMITED:
        verdict = _dated(heard, verdict, now_s, zone)
    if verdict.kind is OutcomeKind.PERMANENT:
        is_fault = is_agents_fault(verdict.status, verdict.reason)
        verdict = replace(verdict, is_agents_fault=is_fault)
    return replace(
        verdict,
        reason=one_line(verdict.reason),
        session=heard.session,
        usage=used(heard),
        answer=answer(heard),
    )


def _of_killed(heard: Heard, because: OutcomeKind) -> Verdict:
    if because is OutcomeKind.STALLED and heard.retrying is not None:
        # It was silent because it waits to try again: that is no fault of the story.
        return _of_retrying(heard.retrying)
    if because not in _TOLD_EARLY:
        return Verdict(kind=because)
    said = heard.said or _NO_WORDS
    return Verdict(kind=because, reason=said.text, until_s=said.until_s, status=said.status)


def _of_retrying(retrying: Retrying) -> Verdict:
    text = retrying.reason
    status = retrying.status or status_in(text)
    kind = meaning_of_status(status, text) or meaning_of(text) or OutcomeKind.TRANSIENT
    return Verdict(kind=kind, reason=text, status=status)


def _of_terminal(heard: Heard, terminal: Terminal) -> Verdict:
    if terminal.is_ok:
        is_empty = not (terminal.text.strip() or heard.words.strip() or heard.has_acted)
        if is_empty:
            return Verdict(kind=OutcomeKind.INCOMPLETE, reason=EMPTY, status=terminal.status)
        return Verdict(kind=OutcomeKind.NORMAL, status=terminal.status)
    # With some agents the end says less of its reason than the error that came before.
    said = heard.said or _NO_WORDS
    text = terminal.text or said.text
    status = terminal.status or said.status or status_in(text)
    kind = terminal.kind or said.kind or _kind_of_error(heard, status, text)
    return Verdict(
        kind=kind or OutcomeKind.FAILED,
        reason=text,
        until_s=terminal.until_s or said.until_s,
        status=status,
    )


def _of_silence(heard: Heard, ended: Ended) -> Verdict:
    """Judge a run that has not said how it ended."""
    said = heard.said or _NO_WORDS
    status = said.status or status_in(said.text)
    told = said.kind or _kind_of_error(heard, status, said.text)
    if told is not None:
        return Verdict(kind=told, reason=said.text, until_s=said.until_s, status=status)
    by_words, reason = _of_lines(heard, ended)
    by_exit = kind_of_exit(ended.exit_code)
    if by_exit is OutcomeKind.CRASHED:  # whatever it was about to say
        return Verdict(kind=by_exit, reason=reason)
    if by_exit is OutcomeKind.NORMAL:
        return Verdict(kind=by_words or OutcomeKind.INCOMPLETE, reason=reason or SILENT)
    return Verdict(kind=by_words or by_exit, reason=reason)


def _kind_of_error(heard: Heard, status: int | None, text: str) -> OutcomeKind | None:
    by_status = meaning_of_status(status, text)
    if by_status is None and heard.limit is not None:
        return OutcomeKind.RATE_LIMITED
    return by_status or meaning_of(text)


def _of_lines(heard: Heard, ended: Ended) -> tuple[OutcomeKind | None, str]:
    """Find a line of the program's own that says how it ended, else its last one."""
    for line in reversed(heard.lines):
        kind = meaning_of_status(status_in(line), line) or meaning_of(line)
        if kind is not None:
            return kind, line
    said = heard.said.text if heard.said else ""
    tail = ended.tail if json_object(ended.tail) is None else ""
    return None, said or (heard.lines[-1] if heard.lines else tail)


def _dated(heard: Heard, verdict: Verdict, now_s: float, zone: tzinfo) -> Verdict:
    """Say until when the limit holds, where anything that was heard tells it."""
    limit = heard.limit or LimitSeen(is_rejected=True)
    text = verdict.reason or limit.text
    until_s = verdict.until_s or limit.until_s
    if until_s is None:
        until_s = reset_told(text, now_s=now_s, zone=zone)
    return replace(verdict, until_s=until_s, reason=text)
