"""What the end of a run means, from all that was heard of it.

In this order: what we ended it for, its last word, a code or a status, words that the program
itself wrote, its exit code.
"""

from __future__ import annotations

from datetime import tzinfo

from ....policies.outcomes.outcome import TOLD_BY_AGENTS, OutcomeKind
from ....policies.values import replace
from ..base import Ended, LimitSeen, Retrying, Said, Terminal, Verdict
from ..jsonline import json_object
from .exiting import exit_in_words, kind_of_exit
from .heard import Heard, answer, used
from .phrases import is_agents_fault, meaning_of, meaning_of_status, status_in
from .resets import reset_told
from .wording import one_line

EMPTY = "it answered nothing and did nothing"
SILENT = "exited with 0, and no word of how it ended"

_NO_WORDS = Said(text="")


def judge(heard: Heard, ended: Ended, *, now_s: float, zone: tzinfo) -> Verdict:
    """Judge an end; `zone` is the one in which the program tells times."""
    because = ended.killed_because
    if because is not None and because is not OutcomeKind.NORMAL:
        verdict = _of_killed(heard, because)
    elif heard.terminal is not None:
        verdict = _of_terminal(heard, heard.terminal)
        if verdict.kind is OutcomeKind.NORMAL and because is None and ended.exit_code:
            verdict = replace(verdict, reason=f"{exit_in_words(ended.exit_code)} after its result")
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
    if because not in TOLD_BY_AGENTS:
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
    by_exit = kind_of_exit(ended.exit_code)
    for line in reversed(heard.lines):
        by_words = meaning_of_status(status_in(line), line) or meaning_of(line)
        if by_words is not None and by_exit is not OutcomeKind.CRASHED:
            return Verdict(kind=by_words, reason=line)
    last = said.text or (heard.lines[-1] if heard.lines else _own(ended.tail))
    if by_exit is OutcomeKind.NORMAL:
        return Verdict(kind=OutcomeKind.INCOMPLETE, reason=last or SILENT)
    end = exit_in_words(ended.exit_code)
    return Verdict(kind=by_exit, reason=f"{end}: {last}" if last else end)


def _own(tail: str) -> str:
    """The last line of all, but for an object: its model's or a tool's words stand in those."""
    return "" if json_object(tail) else tail


def _kind_of_error(heard: Heard, status: int | None, text: str) -> OutcomeKind | None:
    by_status = meaning_of_status(status, text)
    if by_status is None and heard.limit is not None:
        return OutcomeKind.RATE_LIMITED
    return by_status or meaning_of(text)


def _dated(heard: Heard, verdict: Verdict, now_s: float, zone: tzinfo) -> Verdict:
    """Say until when the limit holds, where anything that was heard tells it."""
    limit = heard.limit or LimitSeen(is_rejected=True)
    text = verdict.reason or limit.text
    until_s = verdict.until_s or limit.until_s
    if until_s is None:
        until_s = reset_told(text, now_s=now_s, zone=zone)
    return replace(verdict, until_s=until_s, reason=text)
