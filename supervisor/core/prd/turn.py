"""One step of a PRD supervisor in the making: the state so far and the commands so far."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.outcomes.failure import Failure
from ....policies.scheduling.admission import free_places
from ....policies.supervising.shutdown import Deadline, deadline_from
from ....policies.values import replace
from ....workers.messages.git import GitRequest
from ....workers.messages.prd import Happened, LeaseReturned, LeaseWanted
from ..common import Noted
from ..otp import supervisor as otp
from ..otp.child import Phase
from ..otp.commands import Command, Notice, Spawn, SupervisorEnded
from ..otp.events import (
    ChildExited,
    ChildHoldRequested,
    ChildReleaseRequested,
    ChildStartRequested,
    ChildStopRequested,
    Fact,
    StopRequested,
    SupervisorEvent,
)
from .agents.choices import agents_of
from .approvals.records import PrdApproval, approval_after
from .approvals.waits import waits_for_person
from .records import BranchRecorded, PrdHeld, PrdRecord, PrdReleased, StoryRecord
from .remembering import remember
from .state import (
    GIT,
    Prd,
    PrdPhase,
    Run,
    Stage,
    Story,
    lease_of,
    review_lease_of,
    story_of,
    worker_of,
)
from .words import AskGit, PrdCommand, Say, WakeAt, Write

OTHER_GRACE_S = 10.0

ChildEvent = (
    ChildStartRequested | ChildStopRequested | ChildHoldRequested | ChildReleaseRequested | Fact
)


class Turn:
    """Collects what one event leads to. It lives for one step only, so the step stays pure."""

    def __init__(self, prd: Prd, now_s: float) -> None:
        self.prd = prd
        self.now_s = now_s
        self.commands: list[PrdCommand] = []
        self.notices: list[Notice] = []  # what the supervisors concluded and nobody has looked at
        self.spawned: list[str] = []  # workers whose start nobody has looked at
        self.taken_down: set[str] = set()  # children that were being stopped when they exited

    def do(self, command: PrdCommand) -> None:
        """Want an effect."""
        self.commands.append(command)

    def change(self, story: Story) -> Story:
        """Replace a story by its next state."""
        self.prd = self.prd.with_story(story)
        return story

    def run(self, story: Story, run: Run | None) -> Story:
        """Let a story do something else."""
        return self.change(replace(story, run=run))

    def record(self, story: Story, record: StoryRecord) -> Story:
        """Journal what is now true of a story, and know it."""
        self.do(Write(record=record))
        return self.change(replace(story, memory=remember(story.memory, record)))

    def record_hold(self, *, is_held: bool) -> None:
        """Journal that the whole PRD is held or goes on, and know it."""
        self.do(Write(record=PrdHeld() if is_held else PrdReleased()))
        self.prd = replace(self.prd, is_held=is_held)

    def record_approval(self, record: PrdApproval) -> None:
        """Journal what a person was asked or has said of the whole PRD, and know it."""
        self.do(Write(record=record))
        self.prd = replace(self.prd, approval=approval_after(record))

    def record_branch(self, branch: str, base: str) -> None:
        """Journal the PRD's branch, and know it."""
        record = BranchRecorded(branch=branch, base=base, base_branch=self.prd.base_branch)
        self.do(Write(record=record))
        self.prd = replace(self.prd, branch=branch, base=base)

    def write(self, record: PrdRecord) -> None:
        """Journal what is true of the whole PRD; who calls knows it."""
        self.do(Write(record=record))

    def supervise(self, event: ChildEvent) -> None:
        """Hand an event to the supervisor of its child; its conclusions become notices."""
        child_id = event.spec.child_id if isinstance(event, ChildStartRequested) else event.child_id
        if child_id == GIT:
            self._supervise_git(event)
        else:
            self._supervise_workers(event)

    def stop_children(self, deadline: Deadline) -> None:
        """End all children, in the reverse of the order in which they start: the workers first."""
        if self.prd.workers.is_over:
            self._supervise_git(StopRequested(deadline=deadline))
        else:
            # An integrator that dies from now on stays down (OTP: a stop restarts nobody).
            self._supervise_git(ChildHoldRequested(child_id=GIT))
            self._supervise_workers(StopRequested(deadline=deadline))

    def _supervise_git(self, event: SupervisorEvent) -> None:
        supervisor, commands = otp.step(self.prd.supervisor, event, self.now_s)
        self.prd = replace(self.prd, supervisor=supervisor)
        self._take(commands)

    def _supervise_workers(self, event: SupervisorEvent) -> None:
        if isinstance(event, ChildExited):
            child = self.prd.workers.child(event.child_id)
            if child is not None and child.is_stopping:
                self.taken_down.add(event.child_id)
        workers, commands = otp.step(self.prd.workers, event, self.now_s)
        self.prd = replace(self.prd, workers=workers)
        self._take(commands)

    def _take(self, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, SupervisorEnded):
                self._end_the_other(command)
            elif isinstance(command, Notice):
                self.notices.append(command)
            else:
                self.do(command)
                if isinstance(command, Spawn):
                    number = command.incarnation
                    self.note(command.spec.child_id, "started", f"incarnation {number} is started")
                    self.spawned.append(command.spec.child_id)

    def _end_the_other(self, ended: SupervisorEnded) -> None:
        """One supervisor is over: the other one follows, and then the PRD has no child any more."""
        git, workers = self.prd.supervisor, self.prd.workers
        if git.is_over and workers.is_over:
            self.notices.append(ended)
            return
        deadline = (workers if workers.is_over else git).deadline
        grace = deadline or deadline_from(self.now_s, OTHER_GRACE_S)
        self.stop_children(grace)

    def ask_git(self, story: Story, run: Run, request: GitRequest) -> Story:
        """Send a story's request to the integrator, and remember that it is open."""
        if git_serves(self.prd):
            self.do(AskGit(request=request))
        return self.run(story, replace(run, asked=(*run.asked, request)))

    def note(self, child_id: str, event: str, text: str) -> None:
        """Put a line into the story of a child."""
        story = self.prd.story(story_of(child_id))
        attempt = 0 if story is None else story.memory.attempt
        self.do(Write(record=Noted(child_id=child_id, event=event, attempt=attempt, text=text)))

    def tell(self, event: str, story: Story, text: str, failure: Failure | None = None) -> None:
        """Put a line into the public event log, and into the story of the story's worker."""
        attempt = story.memory.attempt
        self.note(worker_of(story.story_id), event, text)
        happened = Happened(
            event=event, story_id=story.story_id, attempt=attempt, text=text, failure=failure
        )
        self.do(Say(word=happened))

    def announce(self, event: str, text: str) -> None:
        """Put a line of the PRD's own into the public event log."""
        self.note(GIT, event, text)
        self.do(Say(word=Happened(event=event, story_id="", attempt=0, text=text)))

    def want_lease(self, story: Story, attempt: int, *, needs_agent: bool = True) -> None:
        """Ask root for the right to run an agent, one of those that the story may have."""
        word = LeaseWanted(
            lease=lease_of(story.story_id, attempt),
            agents=agents_of(story) if needs_agent else (),
            needs_agent=needs_agent,
        )
        self.do(Say(word=word))

    def want_reviewer(self, story: Story, run: Run) -> None:
        """Ask root for the right to run the reviewer."""
        lease = review_lease_of(story.story_id, run.attempt)
        self.do(Say(word=LeaseWanted(lease=lease, agents=(self.prd.review.agent,))))

    def return_lease(self, story: Story, run: Run) -> None:
        """Give the right back, also one that was asked for and has not come."""
        name = review_lease_of if run.stage is Stage.REVIEW else lease_of
        self.do(Say(word=LeaseReturned(lease=name(story.story_id, run.attempt))))

    def wake_at(self, at_s: float) -> None:
        """Be woken at this moment."""
        self.do(WakeAt(at_s=at_s))


def git_serves(prd: Prd) -> bool:
    """Say whether the integrator can be asked; what it misses is asked again when it is back."""
    child = prd.supervisor.child(GIT)
    return child is not None and child.phase is Phase.RUNNING


def is_admitting(prd: Prd) -> bool:
    """Say whether new attempts may begin."""
    return prd.phase is PrdPhase.RUNNING and not prd.storage_is_full and not prd.is_held


def running(prd: Prd) -> tuple[Story, ...]:
    """The stories that have an attempt under way."""
    return tuple(story for story in prd.stories if story.run is not None)


def is_kept_back(story: Story) -> bool:
    """Say whether it waits for something else than its turn."""
    if story.memory.is_held or story.awaits or story.shut:
        return True
    return waits_for_budget(story) or waits_for_person(story)


def waits_for_budget(story: Story) -> bool:
    """Say whether the story needs an agent, and none may start; its evidence needs no money."""
    return bool(story.over_budget) and not story.memory.is_claimed and not story.is_decided


def waiting(prd: Prd) -> int:
    """How many stories have not been decided and are not under way."""
    return sum(not (story.is_decided or story.run or is_kept_back(story)) for story in prd.stories)


def places(prd: Prd) -> int:
    """How many more stories may begin."""
    free = free_places(len(running(prd)), prd.limits.max_workers)
    return len(prd.stories) if free is None else free


def in_stage(story: Story, *stages: Stage) -> bool:
    """Say whether the story's attempt waits for one of these."""
    return story.run is not None and story.run.stage in stages
