"""A PRD whose document was changed, while it runs or between two runs: one rule for both.

What is at work goes on under the words that its agent was told; all else obeys the new ones at
once. A done story is reopened if that by which it was judged has changed, a failed one gets a new
start if anything has that its agent is told.
"""

from __future__ import annotations

from ....policies.outcomes.failure import FailureType
from ....policies.values import replace
from ....workers.messages.prd import PlanTaken
from .attempt.loss import Loss
from .attempt.settle import finish, note_loss
from .memory import StoryState
from .opening import open_again
from .records import StoryDone, StoryReset, StorySkipped
from .skipping import skip_blocked, take_back_skips
from .state import PrdPhase, Stage, Story
from .taking import take_prd_file
from .turn import Turn
from .words import PlanRead, Say

MARKED = "marked done in the PRD"
_DEAF = frozenset({PrdPhase.STOPPING, PrdPhase.ENDING, PrdPhase.ENDED})
_NO_AGENT_YET = frozenset({Stage.LEASE, Stage.GATHER, Stage.SETUP, Stage.RESTART})


def on_plan(turn: Turn, event: PlanRead) -> None:
    """Take the new plan. A PRD that ends is not turned back: root asks again."""
    prd = turn.prd
    if prd.phase in _DEAF:
        return
    turn.do(Say(word=PlanTaken()))
    known = {story.story_id: story for story in (*prd.left, *prd.stories)}
    stories = [_planned(known.get(each.story_id), each) for each in event.stories]
    names = {each.story_id for each in stories}
    gone = [story for story in prd.stories if story.story_id not in names]
    leaving = [replace(each, is_leaving=True, planned=None) for each in gone if each.run]
    left = [each for each in (*prd.left, *gone) if each.run is None]
    turn.prd = replace(
        prd.with_stories((*stories, *leaving)),
        left=tuple(each for each in left if each.story_id not in names),
        is_replanning=True,
        asks_at_end=event.asks_at_end,
    )
    for story in leaving:
        _let_leave(turn, story)
    if prd.phase is PrdPhase.OPENING:
        return  # the branch has the first word: then every story is looked at
    for each in event.stories:
        known_now = turn.prd.story(each.story_id)
        if known_now is not None and not _is_at_work(known_now):
            take_word(turn, known_now)
    _draw_conclusions(turn)


def _planned(old: Story | None, planned: Story) -> Story:
    """A story under its new words, or, while it is at work, with them in store."""
    if old is None:
        return planned
    if _is_at_work(old):
        return replace(old, planned=planned, is_leaving=False)
    return _adopt(old, planned)


def _is_at_work(story: Story) -> bool:
    return story.run is not None and story.run.stage not in _NO_AGENT_YET


def _adopt(old: Story, planned: Story) -> Story:
    has_same_needs = old.needs == planned.needs
    return replace(
        planned,
        memory=old.memory,
        run=old.run,
        not_before_s=old.not_before_s,
        refusals=old.refusals,
        hindrances=old.hindrances,
        rests_on=old.rests_on,
        voided=old.voided,
        awaits=old.awaits if has_same_needs else (),
        lacks=old.lacks if has_same_needs else "",
    )


def _let_leave(turn: Turn, story: Story) -> None:
    """Take back an attempt without an agent of a story that the plan no longer has."""
    if story.run is None or story.run.stage not in _NO_AGENT_YET:
        return
    loss = Loss(
        type=FailureType.PLAN_CHANGED,
        reason="the PRD no longer has this story",
        counts=False,
        keeps_claim=True,
    )
    noted = note_loss(turn, story, loss) if story.memory.is_open else story
    if noted.run is not None:
        finish(turn, noted, noted.run, "interrupted")


def take_over(turn: Turn) -> None:
    """Give their new words to stories whose attempts are over, and let leave what is to leave."""
    if not turn.prd.is_replanning or turn.prd.phase in _DEAF:
        return
    ready = [s for s in turn.prd.stories if s.run is None and (s.planned or s.is_leaving)]
    for story in ready:
        if story.planned is not None:
            take_word(turn, turn.change(_adopt(story, story.planned)))
        else:
            _leave(turn, story)
    waiting = any(story.planned or story.is_leaving for story in turn.prd.stories)
    turn.prd = replace(turn.prd, is_replanning=waiting)
    if ready:
        _draw_conclusions(turn)


def _leave(turn: Turn, story: Story) -> None:
    prd = turn.prd
    stories = tuple(each for each in prd.stories if each.story_id != story.story_id)
    left = (*prd.left, replace(story, is_leaving=False))
    turn.prd = replace(prd.with_stories(stories), left=left)


def _draw_conclusions(turn: Turn) -> None:
    take_back_skips(turn)
    skip_blocked(turn)
    take_prd_file(turn)  # the branch's copy says what the plan says
    if turn.prd.is_winding_up and not all(s.is_decided for s in turn.prd.stories):
        open_again(turn)  # its worktrees are being tidied away


def take_word(turn: Turn, story: Story) -> None:
    """Draw what follows from the document's words for a story without an agent at work."""
    memory = story.memory
    if memory.state is StoryState.DONE:
        _compare_done(turn, story)
    elif story.done_in_document:
        _record_marked(turn, story)
    elif story.skipped_in_document:
        if not memory.is_unwanted:
            reason = "the PRD says that it is not to be done"
            story = _withdrawn(turn, story)
            record = StorySkipped(story_id=story.story_id, reason=reason, by_document=True)
            turn.record(story, record)
    elif memory.is_unwanted:
        turn.record(story, StoryReset(story_id=story.story_id))
    elif memory.state is StoryState.FAILED and _has_changed(memory.terms.told, story.terms.told):
        text = "its words in the PRD have changed since it failed: it gets a new start"
        turn.tell("reopened", turn.record(story, StoryReset(story_id=story.story_id)), text)


def _record_marked(turn: Turn, story: Story) -> None:
    story = _withdrawn(turn, story)
    done = StoryDone(
        story_id=story.story_id,
        attempt=0,
        commit="",
        evidence=story.recorded or MARKED,
        terms=story.terms,
    )
    turn.record(story, done)


def _withdrawn(turn: Turn, story: Story) -> Story:
    """The story without the attempt that it was about to begin."""
    if story.run is not None:
        noted = story
        if story.memory.is_open:
            reason = "the PRD decides it"
            loss = Loss(type=FailureType.PLAN_CHANGED, reason=reason, counts=False)
            noted = note_loss(turn, story, loss)
        if noted.run is not None:
            finish(turn, noted, noted.run, "interrupted")
    return turn.prd.story(story.story_id) or story


def _compare_done(turn: Turn, story: Story) -> None:
    memory = story.memory
    if not memory.commit:
        if memory.evidence == MARKED and not story.done_in_document:
            text = "the PRD no longer marks it as done: open again"
            turn.tell("reopened", turn.record(story, StoryReset(story_id=story.story_id)), text)
    elif not _has_changed(memory.terms.judged, story.terms.judged):
        pass
    elif story.done_in_document:
        done = StoryDone(
            story_id=story.story_id,
            attempt=memory.attempt,
            commit=memory.commit,
            evidence=memory.evidence,
            terms=story.terms,
        )
        text = "its criteria have changed, and the PRD marks it as done: it stays done"
        turn.tell("kept_done", turn.record(story, done), text)
    else:
        reason = "its criteria or verify commands were changed after it was done"
        reset = StoryReset(story_id=story.story_id, superseded=memory.commit, reason=reason)
        turn.tell("reopened", turn.record(story, reset), f"{reason}: open again")


def _has_changed(then: str, now: str) -> bool:
    return bool(then and now) and then != now
