"""What a PRD supervisor and its integrator say to each other."""

from __future__ import annotations

from msgspec import Struct

from .growth import Compared, CompareStories
from .landing import (
    Land,
    Landed,
    LandingTried,
    PlanPush,
    PushPlanned,
    RollBack,
    RolledBack,
    TryLanding,
)
from .review import ShowWork, WorkShown
from .setup import Setup
from .train import (
    AssembleTrain,
    FormattedTaken,
    PublishTrain,
    TakeFormatted,
    TrainAssembled,
    TrainPublished,
)
from .worktrees import NoWorktree

# A supervisor reads the whole PRD file to mark one story: this many take it some seconds.
MARKED_BYTES_MAX = 10_000_000


class OpenBranch(Struct, frozen=True, kw_only=True):
    """Find or make the PRD's branch; a new one gets the PRD file where its base has another one.

    `prd_file` is relative to the repository, or empty where it lies elsewhere; `document` is a file
    with its bytes as they were accepted, empty where they are not known. `branch` is the one that
    the journal knows, for the case that git's own record of it is torn.
    """

    prd_id: str
    wanted_branch: str
    base: str
    prd_file: str
    adopt: bool
    branch: str = ""
    document: str = ""
    goes_on: bool = False  # the PRD is at work: a branch that is gone is put back


class BranchOpened(Struct, frozen=True, kw_only=True):
    """The PRD's branch stands; `merged` are the stories whose merge is in it (story, commit)."""

    branch: str
    base: str
    head: str
    merged: tuple[tuple[str, str], ...]


class TakePrdFile(Struct, frozen=True, kw_only=True):
    """Let the branch's copy of the PRD file be the document as it was accepted last.

    `done` are the stories that are done: their flags stay set. Where the branch has the same bytes
    already, nothing happens. A PRD that `is_completed` moves from prds/active/ to prds/completed/
    if it lives there, and one that is not any more moves back. Asked when the branch is opened,
    when the accepted document has changed (root writes it before it tells of the change), and
    before `CloseBranch`. `document` is filled in on the way: a file with the bytes to take.
    """

    done: tuple[str, ...]
    is_completed: bool
    document: str = ""


class PrdFileTaken(Struct, frozen=True, kw_only=True):
    """The branch's copy follows the document; `commit` is the one that was needed, or empty."""

    commit: str = ""


class PrdEdit(Struct, frozen=True, kw_only=True):
    """What an agent made of the PRD file, as files of ours with the bytes before and after.

    `left` is empty where it is no file any more; `gone` says then what became of it.
    """

    given: str
    left: str
    gone: str = ""


class Prepare(Struct, frozen=True, kw_only=True):
    """Make a story's worktree ready in `slot`.

    With `base` the story goes on from its own branch, which started there; without, or where that
    branch is gone, it starts afresh from the PRD's branch. What stood in the worktree and is not
    in the story's branch afterwards goes to the salvage ref of the attempt before. `onto` is a
    merge that no branch shows yet: the story starts from there, or goes on from there.
    With `leaves_base` it does not go on from a base that the branch has left: what was red there
    before any work may be mended.
    """

    story_id: str
    title: str
    attempt: int
    slot: int
    base: str = ""
    leaves_base: bool = False
    onto: str = ""
    keeps_leftovers: bool = True  # what nobody committed joins the story's branch; else salvage
    looks_anew: bool = False  # no agent is at work: what is outside of worktrees is the user's


class Prepared(Struct, frozen=True, kw_only=True):
    """The worktree is clean and stands on the story's branch."""

    story_id: str
    attempt: int
    base: str
    head: str
    worktree: str
    setup: Setup | None = None  # what it needs first


class Resting(Struct, frozen=True, kw_only=True):
    """A story's worktree in which nobody of ours is at work."""

    story_id: str
    worktree: str


class Commit(Struct, frozen=True, kw_only=True):
    """Commit what the agent left, put PRD and progress files back, say what came out.

    `copies` is the folder for what it made of the PRD file; empty: nobody wants to know.
    """

    story_id: str
    title: str
    attempt: int
    base: str
    worktree: str
    partial: bool  # the attempt did not end well: keep the work, judge nothing
    copies: str = ""
    beside: tuple[str, ...] = ()  # the stories whose agents are at work meanwhile
    resting: tuple[Resting, ...] = ()


class Committed(Struct, frozen=True, kw_only=True):
    """The story branch holds all of the attempt's work.

    `prd_edit` is what the agent did to the PRD file, if it did anything; `problem` is why the work
    cannot be taken (the agent moved HEAD to somewhere else), in one line.
    """

    story_id: str
    attempt: int
    head: str
    files: tuple[str, ...]  # what differs from base besides PRD and progress files, at most 100
    prd_edit: PrdEdit | None = None
    problem: str = ""
    setup: Setup | None = None  # what the worktree needs after what the agent did
    kept_out: tuple[str, ...] = ()  # what is in no commit, and why; at most 10
    removed: tuple[str, ...] = ()  # those of `files` that are no more
    outside: tuple[str, ...] = ()  # what has changed elsewhere, while agents were at work
    added: tuple[str, ...] = ()  # those of `files` that the base does not have
    more: int = 0  # files that differ besides


class CheckOut(Struct, frozen=True, kw_only=True):
    """Put `commit` into the PRD's own worktree, for verify commands.

    `instead` is a slot's worktree that nobody works in, for a place that has no room for one more.
    """

    story_id: str
    attempt: int
    commit: str
    instead: str = ""


class CheckedOut(Struct, frozen=True, kw_only=True):
    """The answer to CheckOut."""

    story_id: str
    attempt: int
    commit: str
    worktree: str
    setup: Setup | None = None  # what it needs first


class CloseBranch(Struct, frozen=True, kw_only=True):
    """The PRD ends: remove worktrees and merged branches of `done` stories; keep the others."""

    done: tuple[str, ...]
    keep_slots: tuple[int, ...]


class BranchClosed(Struct, frozen=True, kw_only=True):
    """The answer to CloseBranch; `kept` are the worktrees that stay (absolute paths)."""

    kept: tuple[str, ...]


class GitFailed(Struct, frozen=True, kw_only=True):
    """A request that git refused; `story_id` is empty for those of the branch and of a train.

    `attempt` is the number of a train. `passes`: the system was short of something, so that asking
    again later may help.
    """

    request: str
    story_id: str
    attempt: int
    message: str
    passes: bool = False


class Told(Struct, frozen=True, kw_only=True):
    """What people should know of a request, as an event of this name; said before the answer."""

    event: str
    text: str


EndingRequest = RollBack | TryLanding | Land | PlanPush  # what becomes of the branch at the end
EndingAnswer = RolledBack | LandingTried | Landed | PushPlanned
# No story's: the branch's own.
BranchRequest = OpenBranch | TakePrdFile | CloseBranch | CompareStories | EndingRequest
TrainRequest = AssembleTrain | TakeFormatted | PublishTrain
GitRequest = BranchRequest | TrainRequest | Prepare | Commit | CheckOut | ShowWork
GitAnswer = (
    BranchOpened
    | PrdFileTaken
    | Prepared
    | Committed
    | CheckedOut
    | WorkShown
    | TrainAssembled
    | FormattedTaken
    | TrainPublished
    | BranchClosed
    | NoWorktree
    | EndingAnswer
    | Compared
    | GitFailed
)
