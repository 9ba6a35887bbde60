"""The branch's copy of the PRD file follows what was accepted, and what is done."""

from __future__ import annotations

from ....policies.values import replace
from ....workers.messages.git import TakePrdFile
from .closing import stays_rolled_back
from .memory import StoryState
from .outcome import outcome
from .turn import Turn, git_serves
from .words import AskGit


def take_prd_file(turn: Turn) -> None:
    """Have the branch's copy of the PRD file follow the document as it was accepted last.

    A branch that was rolled back shows nothing of ours: it would only have to go back again.
    """
    if stays_rolled_back(turn.prd):
        return
    done = (each.story_id for each in turn.prd.stories if each.memory.state is StoryState.DONE)
    is_completed = outcome(turn.prd)[0] == "completed"
    request = TakePrdFile(done=tuple(done), is_completed=is_completed)
    turn.prd = replace(turn.prd, taking=request)
    if git_serves(turn.prd):
        turn.do(AskGit(request=request))
