"""What people see of a PRD: states in plain words, and the outcome with its reasons."""

from __future__ import annotations

from ....policies.approval import Approval, Point
from ....policies.outcomes.failure import Failure, FailureType
from ....policies.values import replace
from ....workers.messages.prd import PrdReport, Standing, StoryView
from .approvals.waits import awaited_of, end_awaited
from .attempt.hints import hints_of
from .costs.totals import money_awaited, money_awaited_by, spent_of
from .growth import said
from .landing.landing_state import LandingStage
from .memory import ALONE_AFTER, SUSPECT_AFTER, StoryState
from .needs import all_needs
from .state import Prd, PrdPhase, Run, Stage, Story

_STAGES = {
    Stage.LEASE: "queued",
    Stage.GATHER: "starting",
    Stage.RESTART: "backing off",
    Stage.SETUP: "setting up",
    Stage.AGENT: "running",
    Stage.COMMIT: "verifying",
    Stage.VERIFY: "verifying",
    Stage.REVIEW: "in review",
    Stage.GATE: "merging",
    Stage.BASE: "merging",
    Stage.TRIAL: "merging",
    Stage.MERGED: "merging",
    Stage.PUBLISH: "merging",
    Stage.FINISH: "ending",
}

_LANDINGS = {
    LandingStage.TURN: "waits until no other PRD goes into",
    LandingStage.TRIAL: "is merged into",
    LandingStage.VERIFY: "is verified on top of",
    LandingStage.LAND: "is merged into",
    LandingStage.PLAN: "pushes",
    LandingStage.PUSH: "pushes",
}

HELD = "held"
AWAITED = "waiting for approval"
ROLLED_BACK = "rolled back"
VIEWS_MAX = 250  # in one report: each has to fit into one frame
NEEDS_SHOWN = 5
BESIDE_SHOWN = 8
_APPROVAL = "waits for approval"
_BEFORE = {Point.STORY.value: "it is begun", Point.MERGE.value: "its work is merged"}
CONTEXT_SHOWN = 400  # characters of a failure's context
HELD_NOTE = "held: nothing new begins until it is released"
LIVE_STATES = frozenset(_STAGES.values())  # only a running supervisor can mean them


def reports(before: Prd, after: Prd) -> tuple[PrdReport, ...]:
    """What has changed between two states for people and for root; nothing if nothing has."""
    is_whole = _is_new(before, after)
    views = _all_views(after) if is_whole else _changed_views(before, after)
    note = note_of(after)
    is_told = note == note_of(before) and after.waiting == before.waiting
    is_told = is_told and (after.landed, after.funds.told) == (before.landed, before.funds.told)
    is_told = is_told and _said_of_end(after) == _said_of_end(before)
    if not views and not is_whole and is_told:
        return ()
    first = PrdReport(
        branch=after.branch,
        base=after.base,
        stories=views[:VIEWS_MAX],
        is_whole=is_whole,
        note=note,
        needs=all_needs(after) if is_whole else (),
        waiting=after.waiting,
        landed=after.landed,
        spent=spent_of(after),
        budget_used=after.funds.told,
        approval=after.approval,
        awaits=_end_awaited(after),
    )
    rest = (views[at : at + VIEWS_MAX] for at in range(VIEWS_MAX, len(views), VIEWS_MAX))
    return (first, *(replace(first, stories=part, is_whole=False, needs=()) for part in rest))


def _said_of_end(prd: Prd) -> tuple[Approval | None, str]:
    return prd.approval, _end_awaited(prd)


def _end_awaited(prd: Prd) -> str:
    """Whether a person is asked if the PRD is complete, as people see it."""
    known = prd.approval
    is_asked = known is not None and known.word is None and end_awaited(prd)
    return Point.PRD.value if is_asked and all(s.is_decided for s in prd.stories) else ""


def _is_new(before: Prd, after: Prd) -> bool:
    """Say whether all is to be told: the branch has just been opened, or the plan is another."""
    if before.phase is PrdPhase.OPENING and after.phase is not PrdPhase.OPENING:
        return True
    return after.phase is not PrdPhase.OPENING and (
        len(before.stories) != len(after.stories)
        or any(
            old is not new and (old.story_id, old.needs) != (new.story_id, new.needs)
            for old, new in zip(before.stories, after.stories, strict=True)
        )
    )


def _all_views(prd: Prd) -> tuple[StoryView, ...]:
    return tuple(view_of(each, is_rolled_back=prd.is_rolled_back) for each in prd.stories)


def _changed_views(before: Prd, after: Prd) -> tuple[StoryView, ...]:
    """The stories stand in the same places: else all of them are told."""
    if before.is_rolled_back != after.is_rolled_back:
        return _all_views(after)
    if before.stories is after.stories or len(before.stories) != len(after.stories):
        return ()
    pairs = zip(before.stories, after.stories, strict=True)
    is_gone = after.is_rolled_back
    changed = [pair for pair in pairs if pair[0] is not pair[1]]
    views = ((old, view_of(new, is_rolled_back=is_gone)) for old, new in changed)
    return tuple(view for old, view in views if view_of(old, is_rolled_back=is_gone) != view)


def note_of(prd: Prd) -> str:
    """Why nothing new starts, in one line."""
    if prd.storage_is_full:
        return "the journal cannot be written (disk full?): nothing new starts"
    if prd.is_held:
        return HELD_NOTE
    if prd.landing is not None:
        return f"{_LANDINGS[prd.landing.stage]} {prd.landing.into}"
    held = [each.story_id for each in prd.stories if each.memory.is_held and state_of(each) == HELD]
    if held and all(each.is_decided or each.story_id in held for each in prd.stories):
        return f"only what is held is left: {', '.join(held)}"
    return money_awaited(prd) or _waits_for(prd) or prd.failure


def _waits_for(prd: Prd) -> str:
    if prd.waiting.needs:
        return f"waits for {', '.join(prd.waiting.needs[:NEEDS_SHOWN])}"
    if prd.failure:
        return ""
    if prd.waiting.approvals:
        return _waits_for_people(prd)
    opened = [each for each in prd.stories if not each.is_decided] if prd.closed else []
    if opened and all(each.shut and each.run is None for each in opened):
        return f"waits for {opened[0].shut}"
    return _who_goes_alone(prd) or (prd.shortage.note if prd.shortage is not None else "")


def _who_goes_alone(prd: Prd) -> str:
    alone = [each.story_id for each in prd.stories if each.run and each.memory.goes_alone]
    if alone:
        return f"{alone[0]} goes alone: others were merged before it {ALONE_AFTER} times or more"
    suspects = [each.story_id for each in prd.stories if each.run and each.memory.is_suspect]
    if suspects and prd.is_service:
        return f"{suspects[0]} goes alone: everything went down with it {SUSPECT_AFTER} times"
    return ""


def _waits_for_people(prd: Prd) -> str:
    """Who can be answered now; behind them others may want a word, once it is their turn."""
    if prd.waiting.approvals == ("",):
        return f"all is done; {_APPROVAL} of the whole: `prd-supervise approve {prd.prd_id}`"
    names = [story.story_id for story in prd.stories if awaited_of(story)]
    if not names:
        return ""
    shown = ", ".join(names[:NEEDS_SHOWN]) + (" ..." if len(names) > NEEDS_SHOWN else "")
    return f"{_APPROVAL}: {shown}; `prd-supervise approve {prd.prd_id}/{names[0]}`"


def view_of(story: Story, *, is_rolled_back: bool = False) -> StoryView:
    """One story, for people, and for the PRDs that need it."""
    memory = story.memory
    is_gone = _is_gone(story, is_rolled_back=is_rolled_back)
    choice = story.run.choice if story.run is not None else memory.choice
    return StoryView(
        story_id=story.story_id,
        title=story.title,
        state=ROLLED_BACK if is_gone else state_of(story),
        attempt=memory.attempt,
        reason=_reason_of(story),
        evidence=memory.evidence,
        losses=memory.losses,
        worktree=memory.worktree if memory.state is StoryState.FAILED or story.run else "",
        standing=_standing_of(story, is_gone=is_gone),
        conflicts=tuple(map(said, memory.predicted)),
        spent=memory.spending.spent,
        budget_used=memory.budget_used,
        agent=choice.agent,
        model=choice.model,
        failure=_failure_of(story),
        awaits=awaited_of(story),
        approval=memory.approval,
    )


def _failure_of(story: Story) -> Failure | None:
    """Why nothing comes of it just now: money, or what its last attempt was lost for."""
    money = money_awaited_by(story)
    if not money:
        return _in_short(story.memory.lost)
    hints = hints_of(FailureType.BUDGET, prd_id="")
    return Failure(type=FailureType.BUDGET.value, message=money, recovery_hints=hints)


def _in_short(failure: Failure | None) -> Failure | None:
    """Only the end of its context: hundreds of stories are told in one message."""
    if failure is None or len(failure.context) <= CONTEXT_SHOWN:
        return failure
    return replace(failure, context=f"...{failure.context[-CONTEXT_SHOWN:]}")


def _reason_of(story: Story) -> str:
    if story.lacks:
        return story.lacks
    return _waits_with(story.run) or _held_up_by(story) or story.memory.reason


def _waits_with(run: Run | None) -> str:
    if run is not None and run.beside:
        return f"merging with {', '.join(run.beside[:BESIDE_SHOWN])}"
    return "waits for the next train" if run is not None and run.stage is Stage.GATE else ""


def _held_up_by(story: Story) -> str:
    if awaits := awaited_of(story):
        return f"{_APPROVAL} before {_BEFORE[awaits]}"
    if story.hindrance and story.run is None and story.memory.state is StoryState.PENDING:
        return f"waits until git can go on: {story.hindrance}"
    if story.shut and story.run is None and not story.over_budget:
        return f"waits for {story.shut}"
    if story.awaits:
        return f"waits for {', '.join(story.awaits)}"
    return money_awaited_by(story)


def _is_gone(story: Story, *, is_rolled_back: bool) -> bool:
    """Say whether the story was merged and taken out of its branch again."""
    memory = story.memory
    return is_rolled_back and memory.state is StoryState.DONE and bool(memory.commit)


def _standing_of(story: Story, *, is_gone: bool) -> Standing:
    """What was taken out of its branch again is nothing that another PRD could build on."""
    if story.memory.state is StoryState.DONE and not is_gone:
        return Standing.DONE
    return Standing.LOST if story.is_decided else Standing.OPEN


def state_of(story: Story) -> str:
    """The state of a story in one or two words."""
    memory = story.memory
    if memory.state is StoryState.DONE:
        return "done (unverified)" if memory.evidence.startswith("unverified") else "done"
    if memory.state is not StoryState.PENDING:
        return str(memory.state.value)
    if story.run is not None:
        return _STAGES[story.run.stage]
    if memory.is_held:
        return HELD
    if awaited_of(story):
        return AWAITED
    return "backing off" if story.not_before_s > 0 and not story.shut else "waiting"
