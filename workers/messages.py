"""The words that a supervisor and its children say to each other. Data only; `wire` has their form.

Every answer names the story and the attempt that it belongs to, so that a late one is recognised by
comparison. Deadlines are CLOCK_MONOTONIC seconds, which all processes of a machine share.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..policies.outcome import Outcome, VerifyRun

# --- any parent to any child, and back ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End by yourself until `deadline_s`; what is kept must be kept by then."""

    deadline_s: float
    grace_s: float  # how long the whole stop may take; margins are fractions of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The child serves its pipe."""

    pid: int
    start_ticks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The last word before exit 0: without it, exit 0 is an abnormal end."""


# --- PRD supervisor to story worker, and back --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec:
    """Which agent, and its bounds. `script` is the replay agent's, as JSON text."""

    name: str
    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()  # names of further variables that it may see
    timeout_s: float = 3600.0
    idle_timeout_s: float = 900.0
    script: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAgent:
    """Run the agent in the story's worktree; the prompt goes to its stdin."""

    prompt: str
    agent: AgentSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class RunVerify:
    """Run the verify commands in `cwd`, where `commit` is checked out.

    `stage` is base, story or merged: what the answer is about.
    """

    stage: str
    commit: str
    cwd: str
    commands: tuple[str, ...]
    timeout_s: float
    env: tuple[str, ...] = ()  # names of further variables that they may see


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The attempt is decided: write `result` (JSON text) as its result.json, say Done, exit."""

    result: str


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


# --- PRD supervisor to integrator, and back ----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBranch:
    """Find or make the PRD's branch; commit the PRD file on it where base does not have it.

    `prd_file` is relative to the repository, or empty where it lies elsewhere.
    """

    prd_id: str
    wanted_branch: str
    base: str
    prd_file: str
    adopt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchOpened:
    """The PRD's branch stands; `merged` are the stories whose merge is in it (story, commit)."""

    branch: str
    base: str
    head: str
    merged: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """Make a story's worktree ready in `slot`.

    With `base` the story goes on from its own branch, which started there; without, or where that
    branch is gone, it starts afresh from the PRD's branch. What stood in the worktree and is not
    in the story's branch afterwards goes to the salvage ref of the attempt before.
    """

    story_id: str
    title: str
    attempt: int
    slot: int
    base: str = ""
    keeps_leftovers: bool = True  # what nobody committed joins the story's branch; else salvage


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The worktree is clean and stands on the story's branch."""

    story_id: str
    attempt: int
    base: str
    head: str
    worktree: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Commit what the agent left, put PRD and progress files back, say what came out."""

    story_id: str
    title: str
    attempt: int
    base: str
    worktree: str
    partial: bool  # the attempt did not end well: keep the work, judge nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The story branch holds all of the attempt's work.

    `prd_text` is the PRD file as the agent left it, if it changed it; `problem` is why the work
    cannot be taken (the agent moved HEAD to somewhere else), in one line.
    """

    story_id: str
    attempt: int
    head: str
    files: tuple[str, ...]  # what differs from base besides PRD and progress files, at most 100
    prd_text: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOut:
    """Put `commit` into the PRD's own worktree, for verify commands."""

    story_id: str
    attempt: int
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOut:
    """The answer to CheckOut."""

    story_id: str
    attempt: int
    commit: str
    worktree: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Merge the story's head with the PRD's branch, touching neither; check the result out."""

    story_id: str
    title: str
    attempt: int
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The merged commit, which no branch shows yet; or the paths that conflict."""

    story_id: str
    attempt: int
    commit: str  # empty on a conflict
    onto: str  # where the PRD's branch stood
    worktree: str
    conflicts: tuple[str, ...] = ()
    prd_text: str | None = None  # the PRD file in the merged commit, if it has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Move the PRD's branch from `onto` to `commit`, and mark the story done in the PRD file."""

    story_id: str
    attempt: int
    commit: str
    onto: str
    prd_text: str | None = None  # the PRD file with the story marked; None: nothing to mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The PRD's branch moved; with `moved`, somebody else moved it first and nothing happened."""

    story_id: str
    attempt: int
    commit: str
    head: str
    moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBranch:
    """The PRD ends: remove worktrees and merged branches of `done` stories; keep the others."""

    done: tuple[str, ...]
    keep_slots: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchClosed:
    """The answer to CloseBranch; `kept` are the worktrees that stay (absolute paths)."""

    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GitFailed:
    """A request that git refused; `story_id` is empty for the branch's own requests."""

    request: str
    story_id: str
    attempt: int
    message: str


GitRequest = OpenBranch | Prepare | Commit | CheckOut | Trial | Publish | CloseBranch
GitAnswer = (
    BranchOpened | Prepared | Committed | CheckedOut | Tried | Published | BranchClosed | GitFailed
)
WorkerOrder = Assign | RunAgent | RunVerify | Finish
WorkerAnswer = AgentStarted | AgentEnded | Verified

# --- root to PRD supervisor, and back ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds that hold inside one PRD."""

    max_workers: int = 3  # stories at once; 0 = no bound
    max_attempts: int = 3
    intensity: int = 5
    period_s: float = 300.0
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 60.0
    verify_timeout_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Run this PRD. The plan (its stories) stands in the file `plan`, which root wrote."""

    prd_id: str
    plan: str
    repository: str  # the checkout that the user called us on
    common_dir: str
    state_dir: str
    crash_log: str
    worktrees: str  # the folder in which worktrees are made
    base: str
    adopt_branch: bool
    marker: str
    limits: Limits
    agent: AgentSpec
    verify: tuple[str, ...]  # the configuration's; a PRD's or a story's own go first
    verify_env: tuple[str, ...]
    retry: bool  # give failed and quarantined stories a new start
    after_crash: bool  # this PRD's supervisor died: what ran then has cost an attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseWanted:
    """A story asks for the right to run an agent."""

    lease: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseGranted:
    """The right is given, until it is returned or its holder dies."""

    lease: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseReturned:
    """The right is given back, or no longer wanted."""

    lease: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """What people see of a story."""

    story_id: str
    title: str
    state: str
    attempt: int
    reason: str = ""
    evidence: str = ""
    worktree: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdReport:
    """What people see of a PRD; sent whenever it changes, with the stories that did."""

    branch: str
    base: str
    stories: tuple[StoryView, ...]
    note: str = ""  # why nothing new starts, in one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that the public event log tells; `text` is one line for people."""

    event: str
    story_id: str
    attempt: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdEnded:
    """The PRD's outcome, said before the supervisor's Done: completed, failed or stopped."""

    state: str
    reasons: tuple[str, ...]


PrdWord = LeaseWanted | LeaseReturned | PrdReport | Happened | PrdEnded
