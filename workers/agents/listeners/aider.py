"""What aider's lines mean. It says everything as text, and ends with 0 whatever happens.

What is read here are lines that it writes itself, an error of its library
(`litellm.AuthenticationError: ...`) and the count of its tokens after each answer. An error that an
answer follows was none that mattered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ....policies.outcomes.outcome import OutcomeKind
from ....policies.usage import Usage
from ..base import Activity, Ended, Event, Retrying, Said, Used, Verdict
from ..meaning.exiting import kind_of_exit
from ..meaning.heard import Heard, hear, used
from ..meaning.phrases import meaning_of
from ..meaning.wording import one_line

_TOKENS = re.compile(r"Tokens: (.{1,120}?) received\.")
_COUNT = re.compile(r"([\d.,]{1,12})(k|M)? (sent|cache write|cache hit|received)")
_COST = re.compile(r"Cost: \$[\d.,]{1,16} message, \$([\d.,]{1,16}) session\.")
_ERROR = re.compile(r"litellm\.([A-Za-z.]{1,60}): ")
_OWN = {
    "has hit a token limit!": OutcomeKind.CONTEXT,
    "possibly exceeded output limit!": OutcomeKind.INCOMPLETE,
    "reflections allowed, stopping.": OutcomeKind.INCOMPLETE,
    "Empty response received from LLM.": OutcomeKind.INCOMPLETE,
    "Insufficient credits with the API provider.": OutcomeKind.BILLING,
}
_CLASSES = {
    "AuthenticationError": OutcomeKind.AUTH,
    "PermissionDeniedError": OutcomeKind.AUTH,
    "RateLimitError": OutcomeKind.RATE_LIMITED,
    "ContextWindowExceededError": OutcomeKind.CONTEXT,
    "BudgetExceededError": OutcomeKind.BILLING,
    "BadRequestError": OutcomeKind.PERMANENT,
    "NotFoundError": OutcomeKind.PERMANENT,
    "UnsupportedParamsError": OutcomeKind.PERMANENT,
}
_SCALES: Mapping[str, int] = {"": 1, "k": 1000, "M": 1_000_000}


class AiderListener:
    """Keeps the last error that no answer has followed."""

    def __init__(self) -> None:
        self.heard = Heard()

    def feed(self, line: str) -> tuple[Event, ...]:
        """Understand a line."""
        events = tuple(_understood(line, self.heard.usage))
        for event in events:
            self.heard = hear(self.heard, event)
        return events

    def finish(self, ended: Ended) -> Verdict:
        """Judge by what we ended it for, else by that error, else by its exit code."""
        said = self.heard.said
        kind, reason = kind_of_exit(ended.exit_code), ""
        because = ended.killed_because
        if because is not None:
            kind = because
        elif said is not None and kind is not OutcomeKind.CRASHED:
            kind, reason = said.kind or kind, said.text
        return Verdict(kind=kind, reason=reason, usage=used(self.heard))


def _understood(line: str, was: Usage) -> Iterator[Event]:
    error = _ERROR.match(line)
    tokens = _TOKENS.match(line)
    cost = _COST.search(line[:400])
    if error is not None:
        text = one_line(line)
        name = error[1].rpartition(".")[2]
        kind = meaning_of(text)
        if kind not in {OutcomeKind.BILLING, OutcomeKind.CONTEXT}:
            kind = _CLASSES.get(name, OutcomeKind.TRANSIENT)
        yield Said(text=text, kind=kind)
    elif line.startswith("Retrying in "):
        yield Retrying(reason=one_line(line))
    elif tokens is not None:
        yield Activity(is_turn=True)  # an answer: what went wrong before it is over
        yield Used(usage=_added(was, tokens[1] + " received", cost))
    elif cost is not None:
        yield Used(usage=_added(was, "", cost))
    else:
        kind = next((kind for words, kind in _OWN.items() if words in line[:400]), None)
        if kind is not None:
            yield Said(text=one_line(line), kind=kind)


def _added(was: Usage, told: str, cost: re.Match[str] | None) -> Usage:
    found = _COUNT.findall(told)
    counts = {name: int(_number(number) * _SCALES[scale]) for number, scale, name in found}
    read, sent = counts.get("cache hit", 0), counts.get("sent", 0)
    return Usage(
        input_tokens=was.input_tokens + max(0, sent - read),
        cached_tokens=was.cached_tokens + read,
        output_tokens=was.output_tokens + counts.get("received", 0),
        cost_usd=was.cost_usd if cost is None else _number(cost[1]),
    )


def _number(text: str) -> float:
    plain = text.replace(",", "").rstrip(".")
    return float(plain) if plain.replace(".", "", 1).isdecimal() else 0.0
