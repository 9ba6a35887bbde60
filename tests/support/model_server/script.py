"""What the model server is told to answer, request by request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool that the model calls: a file that is written (with `path`), or a shell command."""

    path: str = ""
    text: str = ""
    command: str = ""
    is_background: bool = False  # in the agent's own sense, where its tool has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the model's; without calls its turn is over."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    tokens_in: int = 100
    tokens_cached: int = 0
    tokens_out: int = 20


class Ill(Enum):
    """What a server can do instead of answering."""

    RATE = "429, with a time to wait"
    USAGE = "429, the account's limit with the moment of its reset"
    OVERLOAD = "529 or 503"
    BROKEN = "500"
    AUTH = "the key is not valid"
    FORBIDDEN = "the account may not"
    CREDIT = "nothing is left to pay with"
    CONTEXT = "the prompt is too long"
    BAD_REQUEST = "400"
    NO_MODEL = "404"
    GARBAGE = "a page that is no JSON"
    DROP = "the connection is reset"
    DROP_MIDWAY = "the connection is reset in the middle of the answer"
    SILENT = "never answers"
    STALL = "the answer stands still after its beginning"
    EMPTY = "an answer without a word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What comes in place of an answer: `times` (0: for ever), or for a while from the first on."""

    ill: Ill
    times: int = 1
    lasts_s: float = 0.0
    retry_after_s: int = 1
    resets_at_s: float = 0.0  # epoch: what a limit says of its end; one that lasts knows it


Step = Answer | Fault


def say(text: str) -> Answer:
    """End the turn with these words."""
    return Answer(text=text)


def write(path: str, text: str) -> Answer:
    """Have a file written, relative to the worktree."""
    return Answer(text="I write it.", calls=(Call(path=path, text=text),))


def shell(command: str, *, is_background: bool = False) -> Answer:
    """Have a shell command run."""
    return Answer(text="I run it.", calls=(Call(command=command, is_background=is_background),))


def always(ill: Ill, *, retry_after_s: int = 1, resets_at_s: float = 0.0) -> Fault:
    """Be ill for ever, whatever a limit says of its end."""
    return Fault(ill=ill, times=0, retry_after_s=retry_after_s, resets_at_s=resets_at_s)


def limit_for(lasts_s: float) -> Fault:
    """Refuse by the account's limit, so long from the first request on, and say until when."""
    return Fault(ill=Ill.USAGE, lasts_s=lasts_s)
