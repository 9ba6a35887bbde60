"""What a PRD supervisor and its integrator say to each other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBranch:
    """Find or make the PRD's branch; commit the PRD file on it where base does not have it.

    `prd_file` is relative to the repository, or empty where it lies elsewhere. `branch` is the one
    that the journal knows, for the case that git's own record of it is torn.
    """

    prd_id: str
    wanted_branch: str
    base: str
    prd_file: str
    adopt: bool
    branch: str = ""


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
    """A request that git refused; `story_id` is empty for the branch's own requests.

    `passes`: the system was short of something, so that asking again later may help.
    """

    request: str
    story_id: str
    attempt: int
    message: str
    passes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What a killed git or a power loss had left was put right; said before the answer."""

    text: str


GitRequest = OpenBranch | Prepare | Commit | CheckOut | Trial | Publish | CloseBranch
GitAnswer = (
    BranchOpened | Prepared | Committed | CheckedOut | Tried | Published | BranchClosed | GitFailed
)
