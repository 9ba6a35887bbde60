"""How an agent's run ended, before anybody has looked at what it did."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ..supervising.spec import Cause
from ..usage import NO_USAGE, Usage


class OutcomeKind(Enum):
    """The ends that an agent's process can come to."""

    NORMAL = "normal"  # exit 0: a claim, not yet evidence
    FAILED = "failed"  # it exited with another code
    CRASHED = "crashed"  # a signal that we did not send ended it
    TIMED_OUT = "timed_out"  # it ran into timeout_s
    STALLED = "stalled"  # neither output nor a file changed for idle_timeout_s
    OUT_OF_MEMORY = "out_of_memory"  # it was ended for a memory ceiling
    OVER_LIMIT = "over_limit"  # it was ended for another ceiling: processes, CPU
    INTERRUPTED = "interrupted"  # we stopped it, because the tree stops
    MISSING = "missing"  # its command could not be executed
    RATE_LIMITED = "rate_limited"  # its account's limit is used up, until some time
    TRANSIENT = "transient"  # overload, network, a server's error: it passes by itself
    AUTH = "auth"  # no login, or one that is refused: people have to mend it
    BILLING = "billing"  # no credit, or a spending limit: likewise
    PERMANENT = "permanent"  # a model or a request that is refused, and would be again
    CONTEXT = "context"  # more than the model can take in at once
    INCOMPLETE = "incomplete"  # it ended without a result: turns used up, answer empty or cut
    RUNAWAY = "runaway"  # it was ended for its requests, turns, output or cost


# What only an agent's own program can say. Where a run was ended because it had said so, and hung
# about or tried again all the same, its words tell more than why it was ended.
TOLD_BY_AGENTS = frozenset(
    {
        OutcomeKind.RATE_LIMITED,
        OutcomeKind.TRANSIENT,
        OutcomeKind.AUTH,
        OutcomeKind.BILLING,
        OutcomeKind.PERMANENT,
        OutcomeKind.CONTEXT,
    }
)


def cause_of(kind: OutcomeKind) -> Cause:
    """What an agent's end counts as, where it is a failure."""
    match kind:
        case OutcomeKind.STALLED:
            return Cause.HANG
        case OutcomeKind.OUT_OF_MEMORY:
            return Cause.MEMORY
        case _:
            return Cause.ORDINARY


class Outcome(Struct, frozen=True, kw_only=True):
    """The end of an agent's process; `detail` is one line for people."""

    kind: OutcomeKind
    detail: str
    exit_code: int | None = None  # negative: the signal
    duration_s: float = 0.0
    leftovers: int = 0  # processes that it left behind, killed by us
    undead: int = 0  # processes that no SIGKILL has ended so far: they sleep in the kernel
    until_s: float | None = None  # when a limit is lifted (epoch); None: nobody says
    status: int | None = None  # of HTTP, where the agent told it
    session: str = ""  # the agent's own name of its conversation
    usage: Usage = NO_USAGE
    is_agents_fault: bool = False  # of PERMANENT: its model or settings, not what it was asked


class CommandRun(Struct, frozen=True, kw_only=True):
    """One verify command that was run; `exit_code` is None where it ran out of time."""

    command: str
    exit_code: int | None
    duration_s: float


class VerifyRun(Struct, frozen=True, kw_only=True):
    """All verify commands over one commit. They stop at the first one that fails."""

    commit: str
    commands: tuple[CommandRun, ...]
    interrupted: bool = False  # we stopped it: it says nothing about the commit
    setup_s: float = 0.0  # what the worktree needed first, where that passed

    @property
    def is_green(self) -> bool:
        """Say whether every command passed."""
        return not self.interrupted and all(run.exit_code == 0 for run in self.commands)

    @property
    def failure(self) -> str:
        """The first command that did not pass, in one line; empty if there is none."""
        for run in self.commands:
            if run.exit_code is None:
                return f"`{run.command}` ran out of time after {run.duration_s:.0f} s"
            if run.exit_code != 0:
                return f"`{run.command}` exited with {run.exit_code}"
        return "the verify commands were interrupted" if self.interrupted else ""
