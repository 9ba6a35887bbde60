"""One PRD's git: every request of its supervisor answered, git's refusals included."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, assert_never

from ...policies.values import replace
from ..messages.git import (
    BranchClosed,
    BranchOpened,
    BranchRequest,
    CheckedOut,
    CheckOut,
    CloseBranch,
    Commit,
    Committed,
    EndingAnswer,
    EndingRequest,
    GitAnswer,
    GitFailed,
    GitRequest,
    OpenBranch,
    PrdFileTaken,
    Prepare,
    Prepared,
    TakePrdFile,
    Told,
    TrainRequest,
)
from ..messages.growth import Compared, CompareStories
from ..messages.landing import Land, PlanPush, RollBack, TryLanding
from ..messages.review import ShowWork, WorkShown
from ..messages.rules import Rules
from ..messages.train import (
    AssembleTrain,
    FormattedTaken,
    PublishTrain,
    TakeFormatted,
    TrainAssembled,
    TrainPublished,
)
from ..messages.worktrees import NoWorktree
from ..secrecy.hiding import Hiding
from .branches import open_branch, seen_again
from .closing import close_branch
from .commands import FAILURES, GIT_TIMEOUT_S, GitKilledError, GitRefused, one_line
from .landing.ending import end
from .mending.leftovers import clear_way, sweep
from .merging.formatted import take_formatted
from .merging.growth import Growth
from .merging.scratch import Scratch
from .merging.train import assemble, publish
from .outside import Outside
from .passing import passes
from .place import Branch, Place, open_place
from .prd_file.prd_taking import take_prd_file
from .showing_work import show_work
from .work import commit
from .worktree.own_worktree import check_out_commit
from .worktree.prepare import prepare
from .worktree.room import NoRoomError
from .worktree.worktrees import standing

# A git that somebody kills (a person, the kernel short of memory) has said nothing of the request.
_Answer = TypeVar("_Answer")
_Word = TypeVar("_Word")

KILLED_MAX = 3
# A request runs a dozen commands, and each can stumble over what a killed one left.
LEFTOVERS_MAX = 12


class PrdRepository:
    """The repository as one PRD's integrator sees it.

    Every request can be asked again after a SIGKILL at any point. A new process has to ask
    OpenBranch first. Each git command has `timeout_s`; a request runs a dozen of them at most.
    """

    def __init__(
        self,
        repository: Path,
        worktrees: Path,
        prd_id: str,
        lock_path: Path,
        *,
        rules: Rules | None = None,
        timeout_s: float = GIT_TIMEOUT_S,
    ) -> None:
        self._repository = repository
        self._worktrees = worktrees
        self._prd_id = prd_id
        self._lock_path = lock_path
        self._timeout_s = timeout_s
        self._rules = rules or Rules()
        self._known_place: Place | None = None
        self._known_branch: Branch | None = None
        self._known_growth: Growth | None = None
        self._known_outside: Outside | None = None

    def answer(self, request: GitRequest) -> GitAnswer:
        """Do what is asked; what git refuses is an answer as well."""
        try:
            return self._answer(request)
        except NoRoomError as error:
            if not isinstance(request, Prepare):
                return _failed(request, error)
            return self._no_worktree(request, error)
        except FAILURES as error:
            return _failed(request, error)

    def _no_worktree(self, request: Prepare, error: NoRoomError) -> NoWorktree:
        return NoWorktree(
            story_id=request.story_id,
            attempt=request.attempt,
            message=one_line(str(error)),
            slots=tuple(number for number, _ in standing(self._place)),
        )

    def open_branch(self, request: OpenBranch) -> BranchOpened:
        """Find or make the PRD's branch."""
        self._known_branch, opened = self._done(lambda: open_branch(self._place, request))
        sweep(self._place, self._known_branch)
        self._known_growth = None
        Scratch(self._place).remove()  # one that was killed left it
        return opened

    def take_prd_file(self, request: TakePrdFile) -> PrdFileTaken:
        """Let the branch's copy of the PRD file follow the accepted document."""
        work = lambda: take_prd_file(self._place, self._branch, request)  # noqa: E731
        self._known_branch, taken = self._done(work)
        return taken

    def prepare(self, request: Prepare) -> Prepared:
        """Make a story's worktree ready."""
        prepared = self._done(lambda: prepare(self._place, self._branch, request))
        if self._known_outside is None:
            self._known_outside = Outside(self._place)
        self._known_outside.begin(prepared, looks_anew=request.looks_anew)
        return prepared

    def commit(self, request: Commit) -> Committed:
        """Commit what the agent left."""
        committed = self._done(lambda: commit(self._place, self._branch, request))
        if self._known_outside is None:
            return committed
        return replace(committed, outside=self._known_outside.end(request, committed))

    def check_out(self, request: CheckOut) -> CheckedOut:
        """Put a commit into the PRD's own worktree."""
        if self._known_outside is not None:
            self._known_outside.use(request.story_id)
        return self._done(lambda: check_out_commit(self._place, request))

    def show_work(self, request: ShowWork) -> WorkShown:
        """Show what a story has changed."""
        return self._done(lambda: show_work(self._place, request))

    def assemble(self, request: AssembleTrain) -> TrainAssembled:
        """Merge stories on each other without touching a branch."""
        return self._done(lambda: assemble(self._place, self._branch, request))

    def take_formatted(self, request: TakeFormatted) -> FormattedTaken:
        """Take what a formatter made of files into the merge of a story."""
        return self._done(lambda: take_formatted(self._place, request))

    def publish(self, request: PublishTrain) -> TrainPublished:
        """Move the PRD's branch to a merge."""
        return self._done(lambda: publish(self._place, self._branch, request))

    def close_branch(self, request: CloseBranch) -> BranchClosed:
        """Remove what a PRD that ended needs no more."""
        self.forget_growth()
        return self._done(lambda: close_branch(self._place, self._branch, request))

    def end(self, request: EndingRequest) -> EndingAnswer:
        """Do what becomes of the branch at the end."""
        return self._done(lambda: end(self._place, self._branch, request))

    def compare(self, request: CompareStories) -> Compared:
        """Merge what stories at work have so far, for a trial; what git refuses is for next time.

        Nothing of it waits for a lock, nor mends anything: others' requests go first.
        """
        if self._known_growth is None:
            self._known_growth = Growth(self._place)
        return self._known_growth.compare(self._branch, request)

    def forget_growth(self) -> None:
        """Remove what trial merges have made."""
        if self._known_growth is not None:
            self._known_growth.forget()

    def take_notes(self) -> tuple[Told, ...]:
        """What was noted since the last time, for people."""
        return () if self._known_place is None else self._known_place.take_notes()

    def shown(self, word: _Word) -> _Word:
        """A word as the supervisor may see it: without the values of secret files and variables."""
        hiding = Hiding() if self._known_place is None else self._known_place.hiding
        return hiding.word(word)

    def seen_again(self) -> BranchOpened | None:
        """What the branch has, if somebody rewrote it since it was opened: nobody asks for that."""
        if self._known_place is None or self._known_branch is None:
            return None
        with suppress(*FAILURES):  # it is looked at again after the next request
            return seen_again(self._known_place, self._known_branch)
        return None

    def _done(self, work: Callable[[], _Answer]) -> _Answer:
        """Do the work, again where git was killed and where a killed one had left something."""
        killed = leftovers = 0
        while True:
            try:
                return work()
            except GitKilledError:
                killed += 1
                if killed == KILLED_MAX:
                    raise
            except GitRefused as refused:
                leftovers += 1
                if leftovers > LEFTOVERS_MAX or self._known_place is None:
                    raise
                if not clear_way(self._known_place, self._known_branch, refused):
                    raise

    @property
    def _place(self) -> Place:
        # Opened by the first request, so that a repository that is broken answers that request.
        if self._known_place is None:
            self._known_place = open_place(
                self._repository,
                worktrees=self._worktrees,
                prd_id=self._prd_id,
                lock_path=self._lock_path,
                timeout_s=self._timeout_s,
                rules=self._rules,
            )
        return self._known_place

    @property
    def _branch(self) -> Branch:
        if self._known_branch is None:
            raise GitRefused(f"the branch of {self._prd_id} is not open; ask OpenBranch first")
        return self._known_branch

    def _answer(self, request: GitRequest) -> GitAnswer:  # noqa: C901, PLR0912  a case a request
        answer: GitAnswer
        match request:
            case OpenBranch():
                answer = self.open_branch(request)
            case TakePrdFile():
                answer = self.take_prd_file(request)
            case Prepare():
                answer = self.prepare(request)
            case Commit():
                answer = self.commit(request)
            case CheckOut():
                answer = self.check_out(request)
            case ShowWork():
                answer = self.show_work(request)
            case AssembleTrain():
                answer = self.assemble(request)
            case TakeFormatted():
                answer = self.take_formatted(request)
            case PublishTrain():
                answer = self.publish(request)
            case CloseBranch():
                answer = self.close_branch(request)
            case RollBack() | TryLanding() | Land() | PlanPush():
                answer = self.end(request)
            case CompareStories():
                answer = self.compare(request)
            case _:
                assert_never(request)
        return answer


def _failed(request: GitRequest, error: Exception) -> GitFailed:
    story_id, attempt = "", 0
    if isinstance(request, TrainRequest):
        attempt = request.number
    elif not isinstance(request, BranchRequest):
        story_id, attempt = request.story_id, request.attempt
    return GitFailed(
        request=type(request).__name__,
        story_id=story_id,
        attempt=attempt,
        message=one_line(str(error)),
        passes=passes(error),
    )
