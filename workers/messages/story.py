"""What a PRD supervisor and a story worker say to each other."""

from __future__ import annotations

from ...policies.outcome import Outcome, OutcomeKind, VerifyRun
from ...policies.values import dataclass
from .rules import SecretSources
from .setup import Setup


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec:
    """Which agent, and its bounds. `script` is the replay agent's, as JSON text."""

    name: str
    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()  # names of further variables that it may see
    timeout_s: float = 3600.0
    idle_timeout_s: float = 900.0
    script: str = ""
    result: str = ""  # a line of output that bears this is its result: it should exit soon
    processes_max: int = 0  # a coarse bound by the system (RLIMIT_NPROC); 0 = none


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """The story and attempt that this worker serves from now on; paths are absolute."""

    prd_id: str
    story_id: str
    title: str
    attempt: int
    base: str  # the commit that the story started from
    worktree: str
    attempt_dir: str
    marker: str  # PRD_SUPERVISE_RUN
    cgroup: str = ""  # of this attempt; empty: the kernel keeps no ceilings here
    secrets: SecretSources = SecretSources()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAgent:
    """Run the agent in the story's worktree; the prompt goes to its stdin."""

    prompt: str
    agent: AgentSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class RunVerify:
    """Run the verify commands in `cwd`, where `commit` is checked out.

    `stage` is base, story or merged: what the answer is about; or setup, where the worktree is
    only made ready for the agent; or format, where formatters go over files of the commit.
    With `stories` the run is for all of them, and has no variables of one story.
    """

    stage: str
    commit: str
    cwd: str
    commands: tuple[str, ...]
    timeout_s: float
    env: tuple[str, ...] = ()  # names of further variables that they may see
    setup: Setup | None = None  # these commands go first; one that fails is the answer
    stories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The attempt is decided: write `result` (JSON text) as its result.json, say Done, exit."""

    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAgent:
    """End the agent; its outcome is of this kind. `at_once`: without SIGTERM."""

    kind: OutcomeKind
    detail: str
    at_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCpu:
    """Let what the worker runs have `share` of the time (1 = all of it), at this nice value."""

    share: float = 1.0
    nice: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStarted:
    """The agent's process lives; identity is (boot id, pid, start ticks)."""

    attempt: int
    pid: int
    start_ticks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEnded:
    """The agent and everything that it started is gone."""

    attempt: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The answer to RunVerify."""

    attempt: int
    stage: str
    run: VerifyRun
    tail: str  # the end of the output of what failed, for the next attempt's prompt


WorkerOrder = Assign | RunAgent | RunVerify | EndAgent | LimitCpu | Finish
WorkerAnswer = AgentStarted | AgentEnded | Verified
