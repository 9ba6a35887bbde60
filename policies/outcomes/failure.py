"""What a failure is called, and what people can do about it.

Every failure that is told, in a result, a report or a log, has the four members of `Failure`.
docs/failures.md lists the types.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from .outcome import OutcomeKind


class FailureType(Enum):
    """All types of failures: words for programs, which stay what they are."""

    # how an agent's run ended
    AGENT_FAILED = "agent_failed"
    AGENT_CRASHED = "agent_crashed"
    AGENT_TIMED_OUT = "agent_timed_out"
    AGENT_STALLED = "agent_stalled"
    AGENT_MISSING = "agent_missing"
    OUT_OF_MEMORY = "out_of_memory"
    OVER_LIMIT = "over_limit"
    RATE_LIMITED = "rate_limited"
    TRANSIENT = "transient"
    AUTH = "auth"
    BILLING = "billing"
    REFUSED = "refused"
    CONTEXT = "context"
    SESSION_REFUSED = "session_refused"
    INCOMPLETE = "incomplete"
    RUNAWAY = "runaway"
    # what its work was found to be
    NO_CHANGE = "no_change"
    WORK_REFUSED = "work_refused"
    SETUP_FAILED = "setup_failed"
    VERIFY_FAILED = "verify_failed"
    REVIEW_REFUSED = "review_refused"
    NOT_REVIEWED = "not_reviewed"
    REJECTED = "rejected"  # by a person, before it was begun or merged
    MERGE_CONFLICT = "merge_conflict"
    MERGED_VERIFY_FAILED = "merged_verify_failed"
    BASE_GONE = "base_gone"
    # what happened around it
    GIT_FAILED = "git_failed"
    NO_WORKTREE = "no_worktree"
    WORKER_DIED = "worker_died"
    WORKER_REFUSED = "worker_refused"
    GROUP_STOPPED = "group_stopped"
    SUPERVISOR_DIED = "supervisor_died"
    TREE_DOWN = "tree_down"
    STOPPED = "stopped"
    PLAN_CHANGED = "plan_changed"
    # why a story was not even begun
    BUDGET = "budget"
    NEEDS_FAILED = "needs_failed"
    FAIL_FAST = "fail_fast"
    NOT_WANTED = "not_wanted"


class Failure(Struct, frozen=True, kw_only=True):
    """One failure. `type` is a FailureType's word, `message` a line for people."""

    type: str
    message: str
    context: str = ""  # the end of what was printed, or what was found
    recovery_hints: tuple[str, ...] = ()  # each something that can be done, or that happens anyway


_OF_AGENTS = {
    OutcomeKind.FAILED: FailureType.AGENT_FAILED,
    OutcomeKind.CRASHED: FailureType.AGENT_CRASHED,
    OutcomeKind.TIMED_OUT: FailureType.AGENT_TIMED_OUT,
    OutcomeKind.STALLED: FailureType.AGENT_STALLED,
    OutcomeKind.OUT_OF_MEMORY: FailureType.OUT_OF_MEMORY,
    OutcomeKind.OVER_LIMIT: FailureType.OVER_LIMIT,
    OutcomeKind.INTERRUPTED: FailureType.STOPPED,
    OutcomeKind.MISSING: FailureType.AGENT_MISSING,
    OutcomeKind.RATE_LIMITED: FailureType.RATE_LIMITED,
    OutcomeKind.TRANSIENT: FailureType.TRANSIENT,
    OutcomeKind.AUTH: FailureType.AUTH,
    OutcomeKind.BILLING: FailureType.BILLING,
    OutcomeKind.PERMANENT: FailureType.REFUSED,
    OutcomeKind.CONTEXT: FailureType.CONTEXT,
    OutcomeKind.INCOMPLETE: FailureType.INCOMPLETE,
    OutcomeKind.RUNAWAY: FailureType.RUNAWAY,
}


def type_of(kind: OutcomeKind) -> FailureType:
    """What an agent's end is called where it is a failure; an end that is none raises KeyError."""
    return _OF_AGENTS[kind]
