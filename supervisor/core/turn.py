"""One step of a PRD supervisor in the making: the state so far and the commands so far."""

from __future__ import annotations

from dataclasses import replace

from ...policies.admission import free_places
from ...workers.messages.git import GitRequest
from ...workers.messages.prd import Happened, LeaseReturned, LeaseWanted
from . import supervisor as otp
from .child import Phase
from .commands import Notice
from .events import SupervisorEvent
from .prd_state import GIT, Prd, PrdPhase, Run, Stage, Story, lease_of
from .prd_words import AskGit, PrdCommand, Say, WakeAt, Write
from .records import BranchRecorded, StoryRecord, StoryState, remember


class Turn:
    """Collects what one event leads to. It lives for one step only, so the step stays pure."""

    def __init__(self, prd: Prd, now_s: float) -> None:
        self.prd = prd
        self.now_s = now_s
        self.commands: list[PrdCommand] = []
        self.notices: list[Notice] = []  # what the supervisor concluded and nobody has looked at

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

    def record_branch(self, branch: str, base: str) -> None:
        """Journal the PRD's branch, and know it."""
        self.do(Write(record=BranchRecorded(branch=branch, base=base)))
        self.prd = replace(self.prd, branch=branch, base=base)

    def supervise(self, event: SupervisorEvent) -> None:
        """Hand an event to the supervisor of the children; its conclusions become notices."""
        supervisor, commands = otp.step(self.prd.supervisor, event, self.now_s)
        self.prd = replace(self.prd, supervisor=supervisor)
        for command in commands:
            if isinstance(command, Notice):
                self.notices.append(command)
            else:
                self.do(command)

    def ask_git(self, story: Story, run: Run, request: GitRequest) -> Story:
        """Send a story's request to the integrator, and remember that it is open."""
        if git_serves(self.prd):
            self.do(AskGit(request=request))
        return self.run(story, replace(run, asked=(*run.asked, request)))

    def tell(self, event: str, story: Story, text: str) -> None:
        """Put a line into the public event log."""
        attempt = story.memory.attempt
        happened = Happened(event=event, story_id=story.story_id, attempt=attempt, text=text)
        self.do(Say(word=happened))

    def want_lease(self, story: Story, attempt: int) -> None:
        """Ask root for the right to run an agent."""
        self.do(Say(word=LeaseWanted(lease=lease_of(story.story_id, attempt))))

    def return_lease(self, story: Story, run: Run) -> None:
        """Give the right back, also one that was asked for and has not come."""
        self.do(Say(word=LeaseReturned(lease=lease_of(story.story_id, run.attempt))))

    def wake_at(self, at_s: float) -> None:
        """Be woken at this moment."""
        self.do(WakeAt(at_s=at_s))


def git_serves(prd: Prd) -> bool:
    """Say whether the integrator can be asked; what it misses is asked again when it is back."""
    child = prd.supervisor.child(GIT)
    return child is not None and child.phase is Phase.RUNNING


def is_admitting(prd: Prd) -> bool:
    """Say whether new attempts may begin."""
    return prd.phase is PrdPhase.RUNNING and not prd.storage_is_full


def running(prd: Prd) -> tuple[Story, ...]:
    """The stories that have an attempt under way."""
    return tuple(story for story in prd.stories if story.run is not None)


def waiting(prd: Prd) -> int:
    """How many stories have not been decided and are not under way."""
    return sum(
        story.memory.state is StoryState.PENDING and story.run is None for story in prd.stories
    )


def places(prd: Prd) -> int:
    """How many more stories may begin."""
    free = free_places(len(running(prd)), prd.limits.max_workers)
    return len(prd.stories) if free is None else free


def taken_slots(prd: Prd, asking: Story) -> frozenset[int]:
    """The worktree slots that hold something of the other stories that is still wanted."""
    kept = (StoryState.PENDING, StoryState.FAILED)
    return frozenset(
        story.memory.slot
        for story in prd.stories
        if story.story_id != asking.story_id
        and story.memory.slot
        and (story.run is not None or story.memory.state in kept)
    )


def in_stage(story: Story, *stages: Stage) -> bool:
    """Say whether the story's attempt waits for one of these."""
    return story.run is not None and story.run.stage in stages
