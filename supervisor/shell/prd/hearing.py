"""What a PRD's children say, as events for its core."""

from __future__ import annotations

from ....workers.messages.git import (
    BranchClosed,
    BranchOpened,
    CheckedOut,
    Committed,
    GitFailed,
    PrdFileTaken,
    Prepared,
    Told,
)
from ....workers.messages.growth import Compared
from ....workers.messages.landing import Landed, LandingTried, PushPlanned, RolledBack
from ....workers.messages.review import WorkShown
from ....workers.messages.story import AgentEnded, AgentNews, AgentStarted, Verified
from ....workers.messages.train import FormattedTaken, TrainAssembled, TrainPublished
from ....workers.messages.worktrees import NoWorktree
from ....workers.process.wire import WireError
from ...core.common import Noticed
from ...core.prd.state import story_of
from ...core.prd.words import GitSaid, PrdEvent, WorkerSaid
from .file import PrdFile


def heard(child_id: str, incarnation: int, message: object, prd_file: PrdFile) -> PrdEvent:
    """The event that a message is; WireError if it is none for a child's supervisor."""
    match message:
        case AgentStarted() | AgentNews() | AgentEnded() | Verified():
            return WorkerSaid(story_id=story_of(child_id), incarnation=incarnation, answer=message)
        case Committed():
            return GitSaid(answer=message, tampering=prd_file.tampering(message))
        case (
            BranchOpened()
            | BranchClosed()
            | PrdFileTaken()
            | Prepared()
            | NoWorktree()
            | CheckedOut()
            | WorkShown()
            | TrainAssembled()
            | FormattedTaken()
            | TrainPublished()
            | RolledBack()
            | LandingTried()
            | Landed()
            | PushPlanned()
            | Compared()
            | GitFailed()
        ):
            return GitSaid(answer=message)
        case Told():
            return Noticed(child_id=child_id, event=message.event, text=message.text)
        case _:
            raise WireError(f"not for its supervisor: {type(message).__name__}")
