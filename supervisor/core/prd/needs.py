"""The stories of other PRDs that this PRD's stories need, and what becomes of who needs them.

That a need will not be done is no decision about the story that has it: root says it anew to each
supervisor, and takes it back. So nothing of it is journalled, and a later run begins afresh.
"""

from __future__ import annotations

from ....policies.scheduling.schedule import blocked
from ....policies.values import replace
from ....workers.messages.prd import Standing, StoryElsewhere, Waiting
from .agents.choices import agents_awaited
from .approvals.waits import end_awaited, waits_for_person
from .candidates import candidate_of, undecided
from .memory import StoryState
from .opening import open_again
from .state import Prd, PrdPhase, Story
from .turn import Turn, is_kept_back, running, waits_for_budget


def hear(turn: Turn, word: StoryElsewhere) -> None:
    """Know how a story elsewhere stands now."""
    others = (each for each in turn.prd.elsewhere if each.need != word.need)
    turn.prd = replace(turn.prd, elsewhere=(*others, word))


def weigh(turn: Turn) -> None:
    """Draw the conclusions from what is known: who waits, and who waits in vain."""
    if turn.prd.phase is not PrdPhase.RUNNING and not turn.prd.is_winding_up:
        return
    if not any(story.needs for story in turn.prd.stories):
        return
    was_decided = all(story.is_decided for story in turn.prd.stories)
    for story in _weighed(turn.prd):
        _settle(turn, story)
    is_decided = all(story.is_decided for story in turn.prd.stories)
    if turn.prd.is_winding_up and was_decided and not is_decided:
        open_again(turn)  # there is hope again, and its worktrees are being tidied away


def _weighed(prd: Prd) -> tuple[Story, ...]:
    """The stories that are open, each with what it awaits and what it lacks now."""
    told = {each.need: each for each in prd.elsewhere}
    done = {need for need, word in told.items() if word.standing is Standing.DONE}
    lost = {need: word for need, word in told.items() if word.standing is Standing.LOST}
    lacks = {
        story.story_id: f"needs {need}, {lost[need].why}"
        for story in prd.stories
        for need in story.needs
        if need in lost and _is_open(story)
    }
    if lacks:
        for story_id, cause in blocked(undecided(prd), tuple(lacks)):
            lacks[story_id] = f"needs {cause}, which is not done"
    return tuple(
        replace(
            story,
            awaits=tuple(need for need in story.needs if need not in done and _is_open(story)),
            lacks=lacks.get(story.story_id, ""),
        )
        for story in prd.stories
    )


def _is_open(story: Story) -> bool:
    return story.memory.state is StoryState.PENDING and story.run is None


def _settle(turn: Turn, story: Story) -> None:
    before = turn.prd.story(story.story_id)
    if before is None or before == story:
        return
    turn.change(story)
    if story.lacks and not before.lacks:
        turn.tell("story_skipped", story, story.lacks)
    elif before.lacks and not story.lacks and _is_open(story):
        turn.tell("story_waits", story, f"it may come yet: {', '.join(story.awaits) or 'now'}")


def note_waiting(turn: Turn) -> None:
    """Know what the PRD waits for."""
    waiting = waiting_of(turn.prd)
    if waiting != turn.prd.waiting:
        turn.prd = replace(turn.prd, waiting=waiting)


def waiting_of(prd: Prd) -> Waiting:
    """What the PRD waits for, where nothing of it can go on without another PRD, or an agent."""
    if prd.phase is not PrdPhase.RUNNING or prd.is_held or running(prd):
        return Waiting()
    if all(story.is_decided for story in prd.stories):
        return Waiting(approvals=("",), has_held=True) if end_awaited(prd) else Waiting()
    if not any(s.awaits or s.shut or waits_for_person(s) for s in prd.stories):
        return Waiting()  # what is looked at after every event is mostly a PRD without needs
    opened = [story for story in prd.stories if not story.is_decided]
    stuck = {story.story_id for story in opened if is_kept_back(story)}
    stuck |= {name for name, _ in blocked(map(candidate_of, opened), tuple(stuck))}
    if any(story.story_id not in stuck for story in opened):
        return Waiting()
    return Waiting(
        needs=tuple(dict.fromkeys(need for story in opened for need in story.awaits)),
        has_held=any(_can_be_let_go(story) for story in opened),
        agents=tuple(
            dict.fromkeys(
                agent
                for story in opened
                if story.shut and not (story.awaits or story.memory.is_held or story.over_budget)
                for agent in agents_awaited(prd, story)
            )
        ),
        approvals=tuple(story.story_id for story in opened if waits_for_person(story)),
    )


def _can_be_let_go(story: Story) -> bool:
    if story.memory.is_held or story.shut:
        return True
    return waits_for_budget(story) or waits_for_person(story)


def all_needs(prd: Prd) -> tuple[str, ...]:
    """Everything that any story needs of other PRDs."""
    return tuple(dict.fromkeys(need for story in prd.stories for need in story.needs))
