"""The work of stories that run, compared as it grows: when it is looked at, and what follows.

What a look finds is told once, remembered by the story that is merged later, shown, and given to
its next agent. It decides nothing: only the real merge does.
"""

from __future__ import annotations

from ....policies.values import replace
from ....workers.messages.growth import BRANCH, Compared, CompareStories, Growing
from ....workers.messages.merging import Conflict
from .memory import Memory, Prediction, StoryState, without_lines
from .parts import Growth
from .records import ConflictGone, ConflictPredicted
from .state import Prd, PrdPhase, Stage, Story
from .turn import Turn, git_serves, in_stage, running
from .words import AskGit

SHOWN_MAX = 5  # places of one prediction, in a line
PREDICTED_MAX = 20  # of one story

_FINISHED = (Stage.VERIFY, Stage.REVIEW, Stage.GATE, Stage.BASE, Stage.TRIAL, Stage.MERGED)


def look_if_due(turn: Turn) -> None:
    """Have the work of the stories compared, if it is time and the integrator is idle."""
    if turn.prd.growth.is_asked and not git_serves(turn.prd):
        # Nobody answers what an integrator was asked that has died.
        _change(turn, replace(turn.prd.growth, is_asked=False, goes_on=False))
    prd = turn.prd
    stories = _compared(prd)
    if not stories:
        if prd.growth.at_s:
            _change(turn, replace(prd.growth, at_s=0.0, goes_on=False))
    elif not prd.growth.at_s:
        _look_later(turn)
    elif not prd.growth.is_asked and _is_idle(prd) and _is_due(prd.growth, turn.now_s):
        request = CompareStories(
            stories=stories, strategy=prd.merging.strategy, goes_on=prd.growth.goes_on
        )
        _change(turn, replace(prd.growth, is_asked=True))
        turn.do(AskGit(request=request))


def _compared(prd: Prd) -> tuple[Growing, ...]:
    """The stories that are worth a look, in the order in which they would be merged."""
    if not prd.growth.every_s or prd.phase is not PrdPhase.RUNNING:
        return ()
    at_work = [story for story in running(prd) if in_stage(story, Stage.AGENT)]
    if not at_work:
        return ()
    finished = [
        story for story in running(prd) if in_stage(story, *_FINISHED) and story.memory.is_claimed
    ]
    is_alone = len(at_work) + len(finished) == 1
    if is_alone and not at_work[0].memory.predicted:
        return ()
    at_work.sort(key=lambda story: story.rank)
    finished.sort(key=lambda story: story.rank)
    return (
        *(_growing(story, head=story.memory.head) for story in finished),
        *(_growing(story, head="") for story in at_work),
    )


def _growing(story: Story, *, head: str) -> Growing:
    memory = story.memory
    return Growing(story_id=story.story_id, base=memory.base, worktree=memory.worktree, head=head)


def _is_idle(prd: Prd) -> bool:
    """Say whether the integrator has nothing else to do: every other request goes first."""
    of_train = prd.train is not None and prd.train.asked
    of_stories = any(story.run and story.run.asked for story in running(prd))
    return git_serves(prd) and not (prd.opening or prd.taking or of_train or of_stories)


def _is_due(growth: Growth, now_s: float) -> bool:
    return growth.goes_on or growth.at_s <= now_s


def _look_later(turn: Turn) -> None:
    at_s = turn.now_s + turn.prd.growth.every_s
    _change(turn, replace(turn.prd.growth, at_s=at_s, is_asked=False, goes_on=False))
    turn.wake_at(at_s)


def _change(turn: Turn, growth: Growth) -> None:
    turn.prd = replace(turn.prd, growth=growth)


def on_compared(turn: Turn, answer: Compared) -> None:
    """Take what a look has found; it goes on at once if it has not come to its end."""
    if not answer.is_complete:
        _change(turn, replace(turn.prd.growth, is_asked=False, goes_on=True))
        return
    found = {(each.story_id, each.other): each.places for each in answer.meetings}
    for story_id in answer.stories:
        story = turn.prd.story(story_id)
        if story is not None and story.memory.state is StoryState.PENDING:
            _take(turn, story, answer, {o: p for (name, o), p in found.items() if name == story_id})
    _look_later(turn)


def _take(
    turn: Turn, story: Story, answer: Compared, found: dict[str, tuple[Conflict, ...]]
) -> None:
    """Tell what is new for this story, and what is over."""
    known = {each.other: each for each in story.memory.predicted}
    settled = {name for name in known if name != BRANCH and _is_settled(turn.prd, name)}
    inherited = {without_lines(place) for name in settled for place in known[name].places}
    for other, places in list(found.items())[:PREDICTED_MAX]:
        lines = tuple(map(str, places))
        if other in known and _entities(known[other].places) == _entities(lines):
            continue
        record = ConflictPredicted(story_id=story.story_id, other=other, places=lines)
        story = turn.record(story, record)
        # What the branch has now of a story was told when that was still at work.
        if other != BRANCH or not _entities(lines) <= inherited:
            turn.tell("conflict_predicted", story, said(Prediction(other=other, places=lines)))
    for other in known.keys() - found.keys():
        if other == BRANCH or other in answer.stories or other in settled:
            story = turn.record(story, ConflictGone(story_id=story.story_id, other=other))
            if BRANCH not in found or other not in settled:
                turn.tell("conflict_gone", story, no_more(other))


def _is_settled(prd: Prd, story_id: str) -> bool:
    story = prd.story(story_id)
    return story is None or story.is_decided


def _entities(places: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(without_lines, places))


def said(prediction: Prediction) -> str:
    """A prediction in one line."""
    places = prediction.places
    more = f" and {len(places) - SHOWN_MAX} more" if len(places) > SHOWN_MAX else ""
    return f"{_with(prediction.other)} in {', '.join(places[:SHOWN_MAX])}{more}"


def no_more(other: str) -> str:
    """The same for one that is over."""
    return f"none {_with(other)} any more"


def _with(other: str) -> str:
    return f"with {other}" if other != BRANCH else "with what was merged"


def earlier_work(memory: Memory, *, has_work: bool) -> str:
    """Where the next agent finds what was done before.

    `has_work`: its worktree has what attempts left that came to no end, or to a bad one.
    """
    if has_work:
        return (
            "What was done so far is committed in this worktree, "
            f"`git diff {memory.base[:12]}` shows it: keep what is right, and go on from there."
        )
    if memory.reason and memory.earlier:
        return (
            "You begin anew, where the PRD's branch stands by now. What was done before is kept, "
            f"`git diff {memory.earlier}` shows it: take over what still fits."
        )
    return ""


def warning(prd: Prd, memory: Memory) -> str:
    """What the next agent runs into, as far as that is foreseen."""
    lines = [
        said(each)
        for each in memory.predicted
        if each.other == BRANCH or not _is_settled(prd, each.other)
    ]
    if not lines:
        return ""
    return "\n".join(("Stories that run beside this one change the same places:", *lines))


def kindest_first(prd: Prd, able: tuple[str, ...]) -> tuple[str, ...]:
    """Put behind the others who would run into a story at work; it is delayed, never kept back."""
    at_work = {story.story_id for story in running(prd)}
    if len(able) <= 1 or not at_work:
        return able

    def runs_into_one(story_id: str) -> bool:
        story = prd.story(story_id)
        predicted = story.memory.predicted if story is not None else ()
        return any(each.other in at_work for each in predicted)

    return tuple(sorted(able, key=runs_into_one))
