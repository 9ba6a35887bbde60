"""Budgets: whose is used up begins no new agent; what runs goes on to its decision.

What needs no agent goes on: verify commands, merges, landing. A PRD of which nothing can go on
without more money ends as one that was stopped: the user is asleep, and others want its place.
"""

from __future__ import annotations

from .....policies.costs.budget import NO_BUDGET, NOTHING_SPENT, Budget, Spent, used_up
from .....policies.outcomes.failure import FailureType
from .....policies.scheduling.schedule import blocked
from .....policies.supervising.shutdown import deadline_from
from .....policies.usage import NO_USAGE
from .....policies.values import replace
from .....workers.messages.budget import BudgetReleased, RunSpent
from .....workers.messages.prd import Happened
from .....workers.messages.story import AgentNews
from ..attempt.loss import Loss
from ..attempt.settle import finish, lose
from ..candidates import candidate_of
from ..memory import StoryState
from ..state import NOT_BEGUN, Prd, PrdPhase, Run, Stage, Story
from ..turn import Turn, running, waits_for_budget
from ..words import Say
from .records import BudgetFree, BudgetUsed, PrdBudgetFree, PrdBudgetUsed, UsageSeen
from .totals import spent_of

SEEN_EVERY_S = 30.0  # what an agent at work has used is journalled so often
STOP_GRACE_S = 10.0
_ANEW = "its budget counts anew"
_DEAF = frozenset({PrdPhase.STOPPING, PrdPhase.ENDING, PrdPhase.ENDED})


def hear_news(turn: Turn, story_id: str, news: AgentNews) -> None:
    """Journal what an agent at work has used, now and then."""
    story = turn.prd.story(story_id)
    if story is None or story.run is None or news.usage in {NO_USAGE, story.run.heard.usage}:
        return
    run = story.run
    run = replace(run, heard=replace(run.heard, usage=news.usage))
    story = turn.run(story, run)
    if turn.now_s >= run.heard.due_s:
        _journal(turn, story, run)


def note_unsaid(turn: Turn, story: Story) -> Story:
    """A worker is gone that will not say how its agent ended: its last figures count."""
    return story if story.run is None else _journal(turn, story, story.run)


def _journal(turn: Turn, story: Story, run: Run) -> Story:
    heard = run.heard
    if heard.usage == heard.journalled:
        return story
    seen = UsageSeen(
        story_id=story.story_id,
        attempt=run.attempt,
        usage=heard.usage,
        agent=turn.prd.review.agent if run.stage is Stage.REVIEW else "",
    )
    story = turn.record(story, seen)
    heard = replace(heard, journalled=heard.usage, due_s=turn.now_s + SEEN_EVERY_S)
    return turn.run(story, replace(run, heard=heard))


def release(turn: Turn, order: BudgetReleased) -> None:
    """Count from here on what is spent. A PRD that ends is not turned back: root asks again."""
    funds = turn.prd.funds
    renewed = {**dict(funds.renewed), order.story_id: order.spent}
    turn.prd = replace(turn.prd, funds=replace(funds, renewed=tuple(renewed.items())))
    _take(turn, order.story_id)


def hear_run(turn: Turn, word: RunSpent) -> None:
    """The budget of the whole run is used up, or no longer."""
    turn.prd = replace(turn.prd, funds=replace(turn.prd.funds, run_spent=word.why))
    if not word.why:
        _take(turn, "")


def _take(turn: Turn, story_id: str) -> None:
    if turn.prd.phase not in _DEAF:
        taken = Happened(event="budget_taken", story_id=story_id, attempt=0, text=_ANEW)
        turn.do(Say(word=taken))


def weigh(turn: Turn) -> None:
    """Know whose budget is used up, tell whom that stops, and take back what has not begun."""
    prd = turn.prd
    if prd.phase is not PrdPhase.RUNNING or not _has_budget(prd):
        return
    used = _used_of_prd(prd)
    if used != prd.funds.used:
        turn.prd = replace(prd, funds=replace(prd.funds, used=used))
    for story in turn.prd.stories:
        if story.memory.state is StoryState.PENDING or _is_weighed(story):
            _weigh(turn, story)
    _tell_prd(turn)


def _has_budget(prd: Prd) -> bool:
    of_prd = prd.limits.budget != NO_BUDGET or prd.funds.why or prd.funds.told
    of_each = prd.limits.story_budget != NO_BUDGET
    return bool(of_prd) or of_each or any(_is_weighed(story) for story in prd.stories)


def _is_weighed(story: Story) -> bool:
    return story.budget != NO_BUDGET or bool(story.over_budget or story.memory.budget_used)


def _used_of_prd(prd: Prd) -> str:
    if prd.limits.budget == NO_BUDGET:
        return ""
    figures = used_up(prd.limits.budget, spent_of(prd).since(_renewed(prd, "")))
    return f"the PRD's budget: {figures}" if figures else ""


def _weigh(turn: Turn, story: Story) -> None:
    prd, memory = turn.prd, story.memory
    is_open = memory.state is StoryState.PENDING
    spent = memory.spending.spent.since(_renewed(prd, story.story_id))
    own = used_up(budget_of(prd, story), spent) if is_open else ""
    why = (own or prd.funds.why) if is_open else ""
    if why != story.over_budget:
        story = turn.change(replace(story, over_budget=why))
    if own and not memory.budget_used and _is_stopped(story):
        story = turn.record(story, BudgetUsed(story_id=story.story_id, text=own))
        turn.tell("budget_used", story, _told(own, f"{prd.prd_id}/{story.story_id}"))
    elif memory.budget_used and not own:
        story = turn.record(story, BudgetFree(story_id=story.story_id))
    if story.run is not None and _is_stopped(story):
        finish(turn, story, story.run, "interrupted")


def _tell_prd(turn: Turn) -> None:
    """Journal and tell it once, however often the PRD is begun anew."""
    funds = turn.prd.funds
    if funds.used and not funds.told and any(map(_is_stopped, turn.prd.stories)):
        turn.write(PrdBudgetUsed(text=funds.used))
        turn.announce("budget_used", _told(funds.used, turn.prd.prd_id))
        turn.prd = replace(turn.prd, funds=replace(funds, told=funds.used))
    elif funds.told and not funds.used:
        turn.write(PrdBudgetFree())
        turn.announce("budget_free", "it may spend again")
        turn.prd = replace(turn.prd, funds=replace(funds, told=""))


def _told(figures: str, name: str) -> str:
    command = f"`prd-supervise release --budget {name}`"
    return f"{figures}: no agent of it starts before {command}"


def _is_stopped(story: Story) -> bool:
    """Say whether the story would begin an agent, sooner or later; one at work may not need to."""
    is_idle = story.run is None or story.run.stage in NOT_BEGUN
    return is_idle and waits_for_budget(story)


def refuses(turn: Turn, story: Story, run: Run) -> bool:
    """Take an attempt back whose agent was about to start, if the budget is used up by now."""
    weigh(turn)
    story = turn.prd.story(story.story_id) or story
    if not story.over_budget:
        return False
    lose(
        turn,
        story,
        run,
        Loss(type=FailureType.BUDGET, reason=f"not begun: {story.over_budget}", counts=False),
    )
    return True


def end_if_spent(turn: Turn) -> None:
    """Stop where nothing can go on before somebody has released a budget."""
    prd = turn.prd
    if not any(story.over_budget for story in prd.stories) or running(prd):
        return
    opened = [story for story in prd.stories if not story.is_decided]
    stuck = {story.story_id for story in opened if waits_for_budget(story)}
    stuck |= {name for name, _ in blocked(map(candidate_of, opened), tuple(stuck))}
    if opened and all(story.story_id in stuck for story in opened):
        deadline = deadline_from(turn.now_s, STOP_GRACE_S)
        turn.prd = replace(prd, phase=PrdPhase.STOPPING, deadline=deadline)
        turn.stop_children(deadline)


def budget_of(prd: Prd, story: Story) -> Budget:
    """The story's own, in each of its two parts; else that of every story."""
    own, common = story.budget, prd.limits.story_budget
    return Budget(usd=own.usd or common.usd, tokens=own.tokens or common.tokens)


def _renewed(prd: Prd, story_id: str) -> Spent:
    return dict(prd.funds.renewed).get(story_id, NOTHING_SPENT)
