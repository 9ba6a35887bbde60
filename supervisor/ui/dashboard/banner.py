"""What is to be known before anything else, in one sentence: mostly nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.counting import counted
from ...shell.status.document import PrdStatus
from ...shell.status.reading import newer_version
from ...shell.status.states import has_landed
from ..looks.rows import Row, Size, Span, Style, Tone
from ..words.times import elapsed
from .fitting import wrapped
from .seen import Seen

LEAST = 4  # rows of a screen from which on there is such a thing
MOST = 2  # rows that it may take
_OVER = frozenset(["completed", "failed"])
_REPORT = "`prd-supervise report` says how it went"


def banner_rows(seen: Seen, size: Size, style: Style) -> list[Row]:
    """The sentence as it stands below the header, where there is room for it."""
    told = banner(seen)
    if told is None or size.rows < LEAST:
        return []
    return [(Span(each, told.tone),) for each in wrapped(told.text, size.columns, MOST, style)]


def banner(seen: Seen) -> Span | None:
    """The sentence, and what it means for the viewer."""
    if newer := newer_version(seen.document):
        return Span(newer, Tone.WARN)
    prds = seen.document.prds
    if seen.is_live and seen.document.root.state == "stopping":
        text = "root is stopping: work in hand may finish within its grace, nothing new begins"
        return Span(text, Tone.WARN)
    if not seen.is_live and seen.document.root.pid is not None:
        return _old(seen)
    if prds and all(prd.state in _OVER for prd in prds):
        return _ended(prds)
    return None if seen.is_live else _unfinished(prds)


def _old(seen: Seen) -> Span:
    old = elapsed(seen.now - seen.document.at)
    why = seen.problem or "root does not answer"
    return Span(f"{why}; what stands here is {old} old, and orders have to wait", Tone.WARN)


def _ended(prds: Sequence[PrdStatus]) -> Span:
    """How the run ended, and what to type next."""
    failed = sum(prd.state == "failed" for prd in prds)
    if failed:
        text = f"ended: {len(prds) - failed} completed, {failed} failed; {_REPORT}, "
        return Span(text + "`prd-supervise resume --retry` gives what failed a new start", Tone.BAD)
    branches = [prd.branch for prd in prds if prd.branch and not has_landed(prd.landed)]
    take = f"`git merge {branches[0]}` takes the work" if branches else "the work has landed"
    if len(branches) > 1:
        take += f", and so on for {counted(len(branches), 'PRD')}"
    return Span(f"ended: everything is done; {take}, {_REPORT}", Tone.GOOD)


def _unfinished(prds: Sequence[PrdStatus]) -> Span:
    if not prds:
        text = "nothing has been run here yet: `prd-supervise start` runs the PRDs that it finds"
        return Span(text, Tone.TITLE)
    left = sum(prd.state not in _OVER for prd in prds)
    text = f"root does not run, and {counted(left, 'PRD')} {'is' if left == 1 else 'are'} not "
    return Span(f"{text}finished: `prd-supervise resume` goes on", Tone.WARN)
