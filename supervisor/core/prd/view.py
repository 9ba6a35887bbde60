"""What people see of a PRD: states in plain words, and the outcome with its reasons."""

from __future__ import annotations

from ....workers.messages.prd import PrdReport, StoryView
from .memory import StoryState
from .state import Prd, PrdPhase, Stage, Story

_STAGES = {
    Stage.LEASE: "queued",
    Stage.GATHER: "starting",
    Stage.RESTART: "backing off",
    Stage.AGENT: "running",
    Stage.COMMIT: "verifying",
    Stage.VERIFY: "verifying",
    Stage.GATE: "merging",
    Stage.BASE: "merging",
    Stage.TRIAL: "merging",
    Stage.MERGED: "merging",
    Stage.PUBLISH: "merging",
    Stage.FINISH: "ending",
}

HELD = "held"
HELD_NOTE = "held: nothing new begins until it is released"
LIVE_STATES = frozenset(_STAGES.values())  # only a running supervisor can mean them


def report(before: Prd, after: Prd) -> PrdReport | None:
    """What has changed for people between two states; None if nothing has."""
    known = {story.story_id: story for story in before.stories}
    views = (_changed_view(known.get(story.story_id), story) for story in after.stories)
    changed = tuple(view for view in views if view is not None)
    is_new = before.phase is PrdPhase.OPENING and after.phase is not PrdPhase.OPENING
    note = note_of(after)
    if not changed and not is_new and note == note_of(before):
        return None
    stories = tuple(view_of(story) for story in after.stories) if is_new else changed
    return PrdReport(
        branch=after.branch, base=after.base, stories=stories, is_whole=is_new, note=note
    )


def _changed_view(before: Story | None, after: Story) -> StoryView | None:
    if before is after:  # most are: one event concerns one story
        return None
    view = view_of(after)
    return None if before is not None and view_of(before) == view else view


def note_of(prd: Prd) -> str:
    """Why nothing new starts, in one line."""
    if prd.storage_is_full:
        return "the journal cannot be written (disk full?): nothing new starts"
    if prd.is_held:
        return HELD_NOTE
    held = [each.story_id for each in prd.stories if each.memory.is_held and state_of(each) == HELD]
    if held and all(each.is_decided or each.story_id in held for each in prd.stories):
        return f"only what is held is left: {', '.join(held)}"
    return prd.failure


def view_of(story: Story) -> StoryView:
    """One story, for people."""
    memory = story.memory
    return StoryView(
        story_id=story.story_id,
        title=story.title,
        state=state_of(story),
        attempt=memory.attempt,
        reason=memory.reason,
        evidence=memory.evidence,
        losses=memory.losses,
        worktree=memory.worktree if memory.state is StoryState.FAILED or story.run else "",
    )


def state_of(story: Story) -> str:
    """The state of a story in one or two words."""
    memory = story.memory
    if memory.state is StoryState.DONE:
        return "done (unverified)" if memory.evidence == "unverified" else "done"
    if memory.state is not StoryState.PENDING:
        return str(memory.state.value)
    if story.run is not None:
        return _STAGES[story.run.stage]
    if memory.is_held:
        return HELD
    return "backing off" if story.not_before_s > 0 else "waiting"


def outcome(prd: Prd) -> tuple[str, tuple[str, ...]]:
    """How the PRD ended: completed, failed or stopped; and why, a line each."""
    wanted = [story for story in prd.stories if not story.memory.is_unwanted]
    reasons = tuple(
        f"{story.story_id}: {story.memory.reason}"
        for story in wanted
        if story.memory.state in {StoryState.FAILED, StoryState.SKIPPED}
    )
    if prd.failure:
        return "failed", (prd.failure, *reasons)
    if any(story.memory.state is StoryState.PENDING for story in wanted):
        return "stopped", reasons
    return ("failed", reasons) if reasons else ("completed", ())
