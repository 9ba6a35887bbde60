"""What an agent adapter is: how one kind of agent is started, and how what it says is understood.

docs/adapters.md shows how to write one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from ...policies.outcomes.outcome import OutcomeKind
from ...policies.usage import NO_USAGE, Usage
from ..messages.agents import AgentSpec, Home


class AgentRun(Struct, frozen=True, kw_only=True):
    """Where one attempt runs, and with which model; paths are absolute."""

    worktree: str
    attempt_dir: str
    prompt_file: str
    home: str = ""  # its own HOME; empty: it has the user's
    session: str = ""  # the conversation that it goes on with; empty: a new one
    is_review: bool = False  # it shall look and change nothing
    may_run: tuple[str, ...] = ()  # commands that need no leave: the story's verify commands


class Traits(Struct, frozen=True, kw_only=True):
    """What is always so with this kind of agent."""

    program: str = ""  # what is looked for on PATH; empty: the configuration says
    home: Home = Home.OWN
    links: tuple[str, ...] = ()  # into its own HOME: its login, as paths in the user's
    env: tuple[str, ...] = ()  # the variables that it reads: keys, addresses
    secret_env: tuple[str, ...] = ()  # likewise; their values are hidden wherever they would show
    takes_stdin: bool = True  # the prompt is its standard input, else /dev/null
    can_resume: bool = False
    models: tuple[str, ...] = ("*",)  # globs of the names of its models, in small letters
    is_structured: bool = False  # it says how it ended: without such a word it is incomplete
    sandbox: tuple[str, ...] = ()  # programs by which it holds commands, where is_yolo is not set
    yolo: str = ""  # what is_yolo means for it, a line for people


# --- what an agent says --------------------------------------------------------------------------


class Session(Struct, frozen=True, kw_only=True):
    """Its own name of the conversation."""

    session: str


class Activity(Struct, frozen=True, kw_only=True):
    """It works: a sign of life; `what` is a line for people."""

    what: str = ""
    is_turn: bool = False  # its model has answered: one more request
    text: str = ""  # what its model says in words


class Retrying(Struct, frozen=True, kw_only=True):
    """It tries its server again by itself."""

    delay_s: float = 0.0
    status: int | None = None  # of HTTP
    reason: str = ""


class LimitSeen(Struct, frozen=True, kw_only=True):
    """How its account's limit stands."""

    is_rejected: bool  # else it comes near
    until_s: float | None = None  # when it is lifted, epoch
    utilization: float | None = None  # 0 to 1
    text: str = ""


class Used(Struct, frozen=True, kw_only=True):
    """What was used so far; a later one takes its place."""

    usage: Usage


class Said(Struct, frozen=True, kw_only=True):
    """A line that the program itself wrote, not its model and no tool: a warning, an error."""

    text: str
    kind: OutcomeKind | None = None  # where a code or a status says what it is
    status: int | None = None
    until_s: float | None = None
    is_final: bool = True  # else it is told of, and the agent goes on


class Terminal(Struct, frozen=True, kw_only=True):
    """Its last word: after this the process should exit."""

    is_ok: bool
    text: str = ""  # the last thing that its model said, or the error
    kind: OutcomeKind | None = None  # of an error, where it says which
    status: int | None = None
    until_s: float | None = None


Event = Session | Activity | Retrying | LimitSeen | Used | Said | Terminal


class Ended(Struct, frozen=True, kw_only=True):
    """How the process ended; `killed_because` is what we ended it for, if we did."""

    exit_code: int  # negative: the signal
    killed_because: OutcomeKind | None = None
    tail: str = ""  # the last line that it wrote


class Verdict(Struct, frozen=True, kw_only=True):
    """What an end means; `reason` is a line for people, in the words of the program itself."""

    kind: OutcomeKind
    reason: str = ""
    until_s: float | None = None  # epoch
    status: int | None = None
    session: str = ""
    usage: Usage = NO_USAGE
    answer: str = ""  # the last thing that its model said
    is_agents_fault: bool = False  # of PERMANENT: its model or settings, not what it was asked


class Listener(Protocol):
    """Follows one run of an agent."""

    def feed(self, line: str) -> tuple[Event, ...]:
        """Understand a line of its output, stdout and stderr in one; most say nothing to us."""

    def finish(self, ended: Ended) -> Verdict:
        """Say what its end means: killed by us, else its last word, a code, words, exit code."""


class UnknownAgentError(LookupError):
    """No adapter has this name, or its own cannot be used; the text is one line for people."""


class Adapter(Protocol):
    """One kind of agent. A module with these names is one."""

    TRAITS: Traits

    def files(self, spec: AgentSpec, run: AgentRun) -> Mapping[str, str]:
        """Give the files (absolute paths) that must stand before it starts, with their text."""

    def argv(self, spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
        """Give the command line; the worktree is its working directory."""

    def env(self, spec: AgentSpec, run: AgentRun) -> Mapping[str, str]:
        """Give the variables that it needs besides."""

    def listener(self, spec: AgentSpec, run: AgentRun) -> Listener:
        """Begin to listen to a run."""

    def version_argv(self, spec: AgentSpec) -> tuple[str, ...]:
        """Give the command that prints its version, and needs no network; empty: there is none."""
