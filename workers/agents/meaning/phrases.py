"""What the words of an agent's own program mean: one table, each line with where it was seen.

They are looked for only in what the program itself says, never in what its model or a tool says,
and only where no code and no status has said it. No limit is known by its name ("5-hour",
"session", "weekly"): names change.
"""

from __future__ import annotations

import re

from ....policies.outcomes.outcome import OutcomeKind

_Row = tuple[OutcomeKind, str, str]  # what it means, its words, where they were seen

# In the order in which they are tried: what is said of a limit that is none goes first.
_ROWS: tuple[_Row, ...] = (
    (OutcomeKind.TRANSIENT, r"not your usage limit", "claude-code#68502"),
    (OutcomeKind.INCOMPLETE, r"no conversation found with session id", "captured: claude"),
    (OutcomeKind.INCOMPLETE, r"no rollout found for thread id", "captured: codex"),
    (OutcomeKind.CONTEXT, r"prompt is too long", "captured: claude"),
    (OutcomeKind.CONTEXT, r"ran out of room in the model'?s context", "captured: codex"),
    (OutcomeKind.CONTEXT, r"input token count .{0,60}exceeds", "captured: gemini"),
    (OutcomeKind.CONTEXT, r"maximum context length", "captured: qwen; OpenAI's API"),
    (OutcomeKind.CONTEXT, r"context_length_exceeded", "OpenAI's API, as a code"),
    (OutcomeKind.CONTEXT, r"exceeds? (?:the )?(?:\w+ ){0,3}context (?:window|limit)", "opencode"),
    # Google says this of its limits by the minute too, where it means money at OpenAI's.
    (OutcomeKind.RATE_LIMITED, r"current quota.{1,400}(?:rate-limits|retry in)", "Gemini's API"),
    (OutcomeKind.BILLING, r"credit balance is too low", "captured: claude"),
    (OutcomeKind.BILLING, r"insufficient[_ ](?:quota|credits|balance|funds)", "captured: qwen"),
    (OutcomeKind.BILLING, r"check your plan and billing", "OpenAI's API"),
    (OutcomeKind.BILLING, r"billing (?:account|details|hard limit)", "OpenAI's and Google's APIs"),
    (OutcomeKind.BILLING, r"\bspend(?:ing)? limit", "claude, of teams; formats-and-peers"),
    (OutcomeKind.BILLING, r"payment required", "HTTP 402"),
    (OutcomeKind.RATE_LIMITED, r"usage limit reached", "claude-code#2087, #15064"),
    (OutcomeKind.RATE_LIMITED, r"\blimit reached\b.{0,20}\bresets?\b", "claude-code#7157"),
    (OutcomeKind.RATE_LIMITED, r"you'?ve (?:hit|reached) (?:your|the) .{0,40}limit", "captured"),
    (OutcomeKind.RATE_LIMITED, r"you'?ve hit your limit", "umputun/ralphex#47"),
    (OutcomeKind.RATE_LIMITED, r"out of extra usage", "frankbria/ralph-claude-code"),
    (OutcomeKind.RATE_LIMITED, r"(?:exhausted|exceeded) your .{0,30}(?:quota|capacity)", "gemini"),
    (OutcomeKind.RATE_LIMITED, r"quota will reset", "gemini-cli#22107"),
    (OutcomeKind.RATE_LIMITED, r"\brate[- _]?limit(?:ed|s|_\w+| exceeded| reached)?\b", "captured"),
    (OutcomeKind.RATE_LIMITED, r"too many requests|resource_exhausted", "captured: codex; gemini"),
    (OutcomeKind.AUTH, r"not logged in|please (?:run /)?log ?in", "captured: claude"),
    (OutcomeKind.AUTH, r"(?:incorrect|invalid) (?:api key|x-api-key|authentication)", "captured"),
    (OutcomeKind.AUTH, r"api[_ ]key[_ ](?:not[_ ]valid|invalid|not found)", "captured: gemini"),
    (
        OutcomeKind.AUTH,
        r"no api key|set an auth method|missing (?:an )?api key",
        "gemini; opencode",
    ),
    (OutcomeKind.AUTH, r"no auth type is selected|invalid auth method", "captured: qwen; gemini"),
    (
        OutcomeKind.AUTH,
        r"\b(?:oauth|access|refresh) token (?:has )?(?:been )?(?:expired|revoked|invalid)",
        "formats-and-peers",
    ),
    (OutcomeKind.AUTH, r"authentication[_ ](?:failed|error)|\bunauthorized\b", "captured: codex"),
    (OutcomeKind.TRANSIENT, r"\boverloaded\b|overloaded_error", "captured: claude"),
    (OutcomeKind.TRANSIENT, r"at capacity|experiencing high demand", "captured: codex"),
    (OutcomeKind.TRANSIENT, r"internal server error|server-side issue", "captured: claude"),
    (OutcomeKind.TRANSIENT, r"bad gateway|service unavailable|gateway time-?out", "HTTP 502-504"),
    (OutcomeKind.TRANSIENT, r"model is (?:currently )?(?:overloaded|unavailable)", "gemini"),
    (OutcomeKind.TRANSIENT, r"connection (?:refused|dropped|error|reset|failed|closed)", "claude"),
    (OutcomeKind.TRANSIENT, r"\be(?:connreset|connrefused|timedout|ai_again|pipe)\b", "node"),
    (OutcomeKind.TRANSIENT, r"\benotfound\b|fetch failed|network error|socket hang up", "node"),
    (OutcomeKind.TRANSIENT, r"connection to the api was lost", "captured: claude"),
    (OutcomeKind.TRANSIENT, r"empty or malformed response", "captured: claude, a proxy"),
    (OutcomeKind.TRANSIENT, r"waiting for network|error sending request", "captured: codex"),
    (OutcomeKind.TRANSIENT, r"stream disconnected|stream closed before", "captured: codex"),
    (OutcomeKind.TRANSIENT, r"stream ended with", "captured: qwen"),
    (OutcomeKind.TRANSIENT, r"\[api error: terminated|incomplete json segment", "captured: gemini"),
    (OutcomeKind.TRANSIENT, r"cannot connect to api|unable to connect", "captured: opencode"),
    (OutcomeKind.TRANSIENT, r"request timed out|timed out waiting", "captured: claude"),
    (OutcomeKind.TRANSIENT, r"json parse error|invalid json response", "captured: claude, a proxy"),
    (OutcomeKind.PERMANENT, r"model .{0,80}(?:does not exist|not supported)", "captured"),
    (OutcomeKind.PERMANENT, r"\bmodels?[ /](?!metadata).{0,80}not found", "captured: gemini"),
    (OutcomeKind.PERMANENT, r"issue with the selected model", "claude-code, of a wrong model"),
    (OutcomeKind.PERMANENT, r"cannot be used with root/sudo", "captured: claude"),
    (OutcomeKind.PERMANENT, r"cannot be launched inside another", "formats-and-peers"),
    (
        OutcomeKind.PERMANENT,
        r"unknown option|unexpected argument|unknown arguments?\b",
        "by --help",
    ),
    (OutcomeKind.PERMANENT, r"error loading config|invalid configuration", "codex"),
)
_TABLE = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words, _seen in _ROWS)
_READ_CHARS = 2000
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})


def meaning_of(words: str) -> OutcomeKind | None:
    """What these words of a program say, if anything that is known."""
    text = " ".join(words[:_READ_CHARS].translate(_QUOTES).split())
    return next((kind for kind, known in _TABLE if known.search(text)), None)


_STATUSES = {
    401: OutcomeKind.AUTH,
    402: OutcomeKind.BILLING,
    403: OutcomeKind.AUTH,
    407: OutcomeKind.AUTH,
    408: OutcomeKind.TRANSIENT,
    409: OutcomeKind.TRANSIENT,
    413: OutcomeKind.CONTEXT,
    425: OutcomeKind.TRANSIENT,
    429: OutcomeKind.RATE_LIMITED,
}
# What a status leaves open, and the words may say: providers use 400, 403 and 429 for many things.
_OPEN = {
    400: {OutcomeKind.CONTEXT, OutcomeKind.BILLING, OutcomeKind.AUTH, OutcomeKind.RATE_LIMITED},
    403: {OutcomeKind.BILLING, OutcomeKind.RATE_LIMITED, OutcomeKind.PERMANENT},
    413: {OutcomeKind.PERMANENT},
    422: {OutcomeKind.CONTEXT},
    429: {OutcomeKind.BILLING, OutcomeKind.TRANSIENT},
}
_HTTP = range(400, 600)


def meaning_of_status(status: int | None, words: str = "") -> OutcomeKind | None:
    """What a status of HTTP says, together with the words that came with it."""
    if status is None or status not in _HTTP:
        return None
    said = meaning_of(words)
    if said is not None and said in _OPEN.get(status, ()):
        return said
    other = OutcomeKind.TRANSIENT if status >= 500 else OutcomeKind.PERMANENT  # noqa: PLR2004
    return _STATUSES.get(status, other)


def is_agents_fault(status: int | None, words: str) -> bool:
    """Say whether what is refused for good is the agent's model or settings, not the request."""
    return status == 404 or meaning_of(words) is OutcomeKind.PERMANENT  # noqa: PLR2004


_STATUS = re.compile(r"(?:\bstatus|\berror|\bhttp)(?: code)?:? {0,2}\(?([45]\d\d)\b", re.IGNORECASE)
_STATUS_IN_BRACKETS = re.compile(r"\(([45]\d\d)\)")


def status_in(words: str) -> int | None:
    """Find the status of HTTP that a program tells in its words, such as `API Error: 529 …`."""
    text = words[:_READ_CHARS]
    found = _STATUS.search(text) or _STATUS_IN_BRACKETS.search(text)
    return int(found[1]) if found else None
