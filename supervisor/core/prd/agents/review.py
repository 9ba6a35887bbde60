"""A fresh agent's look at a story's work: it can refuse it, and never make it count for more.

    (evidence) -> REVIEW -> GATE

The reviewer has a lease of its own. What keeps it from answering for a while (a limit, an overload,
a login) costs the story nothing: it lets go of its worker, and asks again later. Who answers
nothing that can be understood is tried once more; then the story goes on unreviewed, which stands
in its evidence, or waits for people where a review is required.
"""

from __future__ import annotations

from typing import assert_never

from .....policies.outcomes.failure import FailureType, type_of
from .....policies.outcomes.outcome import Outcome, OutcomeKind
from .....policies.outcomes.review import TRIES_MAX, Judgement, Verdict, code_of, judgement
from .....policies.outcomes.setbacks import Circumstances, Course, course_of
from .....policies.values import replace
from .....workers.messages.agents import Choice
from .....workers.messages.prd import LeaseReturned
from .....workers.messages.review import ShowWork, WorkShown
from .....workers.messages.story import AgentEnded, AgentNews, AgentStarted
from ..approvals.asking import asks_before_merge
from ..attempt.loss import Loss
from ..attempt.settle import back_off, finish, lose
from ..costs import budget
from ..costs.spending import Heard
from ..parts import Reviewing
from ..state import REVIEW_LEASE, Prd, Run, Stage, Story, review_lease_of
from ..train import gate
from ..turn import Turn
from ..words import Say, StartReview
from . import shut
from .review_records import Review, ReviewBegan, ReviewOver

SHOWN_BYTES = 96 << 10
SHORT_BYTES = 16 << 10  # once that was more than the reviewer could take in
_PUT_OFF = frozenset({Course.STOP, Course.LIMIT, Course.AGAIN, Course.CLOSE})


def judge(turn: Turn, story: Story, run: Run) -> None:
    """The work is green as far as it can be: have it reviewed, if it is to be, or go on with it."""
    verdict = _known(story).verdict
    match verdict:
        case None if turn.prd.review.agent:
            _begin(turn, story, run)
        case Verdict.REFUSED:
            _refuse(turn, story, run)
        case None | Verdict.ACCEPTED | Verdict.NOT_REVIEWED:
            if asks_before_merge(turn, story, run):
                return
            # What the base was like has to be on record by the time of the merge.
            run = replace(run, stage=Stage.GATE, reviewing=Reviewing())
            gate.want_base(turn, turn.run(story, run))
        case _:
            assert_never(verdict)


def _known(story: Story) -> Review:
    return story.memory.review.of(story.memory.head)


def _begin(turn: Turn, story: Story, run: Run) -> None:
    """Ask for the lease, and for what the reviewer is to see."""
    is_closed = any(each.agent == turn.prd.review.agent for each in turn.prd.closed)
    if turn.prd.deadline is not None or is_closed:
        finish(turn, story, run, "interrupted")
        return
    memory = story.memory
    run = replace(run, stage=Stage.REVIEW, reviewing=Reviewing(), heard=Heard(), has_lease=False)
    turn.want_reviewer(story, run)
    request = ShowWork(
        story_id=story.story_id,
        attempt=run.attempt,
        base=memory.base,
        head=memory.head,
        bytes_max=SHORT_BYTES if _known(story).is_short else SHOWN_BYTES,
    )
    turn.ask_git(story, run, request)


def on_lease(turn: Turn, lease: str) -> None:
    """The lease came: for a review that waits for it, or too late."""
    story = turn.prd.story(lease.removeprefix(REVIEW_LEASE).rpartition("#")[0])
    run = None if story is None else story.run
    if (
        story is None
        or run is None
        or run.stage is not Stage.REVIEW
        or lease != review_lease_of(story.story_id, run.attempt)
    ):
        turn.do(Say(word=LeaseReturned(lease=lease)))
        return
    _start_if_ready(turn, story, replace(run, has_lease=True))


def on_shown(turn: Turn, story: Story, run: Run, answer: WorkShown) -> None:
    """The work is there to be shown."""
    reviewing = replace(run.reviewing, work=answer)
    _start_if_ready(turn, story, replace(run, reviewing=reviewing))


def _start_if_ready(turn: Turn, story: Story, run: Run) -> None:
    reviewing, memory = run.reviewing, story.memory
    if reviewing.work is None or not run.has_lease or reviewing.is_at_work:
        turn.run(story, run)
        return
    base = gate.baseline_of(turn.prd, story)
    turn.do(
        StartReview(
            story_id=story.story_id,
            attempt=run.attempt,
            code=code(turn.prd, story),
            work=reviewing.work,
            run=run.story_run,
            was_red=None if base is None else not base.is_green,
            tampering=memory.tampering,
            remarks=memory.remarks,
        )
    )
    turn.run(story, replace(run, reviewing=Reviewing(is_at_work=True)))


def code(prd: Prd, story: Story) -> str:
    """By which the answer of the next reviewer is known."""
    memory, review = story.memory, _known(story)
    numbers = (memory.attempt, review.tries, review.passed)
    return code_of(prd.prd_id, story.story_id, *numbers, memory.head)


# --- the reviewer -------------------------------------------------------------------------------


def on_said(
    turn: Turn, story: Story, run: Run, answer: AgentStarted | AgentNews | AgentEnded
) -> None:
    """The worker tells of its reviewer."""
    match answer:
        case AgentStarted():
            rules = turn.prd.review
            record = ReviewBegan(
                story_id=story.story_id,
                attempt=run.attempt,
                head=story.memory.head,
                agent=rules.agent,
                model=rules.model,
            )
            turn.record(story, record)
        case AgentNews():
            shut.tell_news(turn, _as_its_run(turn, run), answer)
            is_answered = run.reviewing.is_answered or answer.is_answered
            reviewing = replace(run.reviewing, is_answered=is_answered)
            turn.run(story, replace(run, reviewing=reviewing))
            budget.hear_news(turn, story.story_id, answer)
        case AgentEnded():
            _on_ended(turn, story, run, answer)
        case _:
            assert_never(answer)


def _as_its_run(turn: Turn, run: Run) -> Run:
    """The run as root hears of it: it is the reviewer's account that is used."""
    choice = Choice(agent=turn.prd.review.agent, model=turn.prd.review.model)
    return replace(run, choice=choice, is_answered=run.reviewing.is_answered)


def _on_ended(turn: Turn, story: Story, run: Run, ended: AgentEnded) -> None:
    """The reviewer is gone, with all that it started."""
    outcome, known = ended.outcome, _known(story)
    said = _understood(turn, story, ended)
    course = _course(known, run, outcome)
    _tell_root(turn, story, run, outcome, course)
    turn.return_lease(story, run)
    is_for_others = run.is_for_others
    run = replace(
        run, has_lease=False, reviewing=Reviewing(), demand="", demanded=None, is_for_others=False
    )
    if said is not None:
        verdict = Verdict.ACCEPTED if said.accepts else Verdict.REFUSED
        over = _over(turn, story, run, outcome, said.reasons)
        turn.tell("reviewed", story, f"{turn.prd.review.agent}: {verdict.value}")
        judge(turn, turn.record(story, replace(over, verdict=verdict)), run)
    elif course in _PUT_OFF or is_for_others:
        over = _over(turn, story, run, outcome, outcome.detail)
        is_asked = course is not Course.STOP
        over = replace(over, tries=known.tries, passed=known.passed + is_asked)
        story = turn.record(story, over)
        turn.tell("review_put_off", story, f"{turn.prd.review.agent}: {outcome.detail}")
        finish(turn, back_off(turn, story, over.passed) if is_asked else story, run, "interrupted")
    else:
        why = outcome.detail
        if outcome.kind is OutcomeKind.NORMAL:
            why = "its last line is neither an acceptance nor a refusal with reasons"
        _try_again(turn, story, run, outcome, why)


def _understood(turn: Turn, story: Story, ended: AgentEnded) -> Judgement | None:
    if ended.outcome.kind is not OutcomeKind.NORMAL:
        return None
    return judgement(ended.answer, code(turn.prd, story))


def _course(known: Review, run: Run, outcome: Outcome) -> Course | None:
    if outcome.kind is OutcomeKind.NORMAL:
        return None
    circumstances = Circumstances(
        is_short=known.is_short,
        is_answered=run.reviewing.is_answered,
        passed=known.passed,
    )
    return course_of(outcome, circumstances)


def _tell_root(turn: Turn, story: Story, run: Run, outcome: Outcome, course: Course | None) -> None:
    loss = None
    if course is not None:
        loss = Loss(type=type_of(outcome.kind), reason=outcome.detail, course=course)
    shut.tell_end(turn, story, _as_its_run(turn, run), outcome, loss)


def _over(turn: Turn, story: Story, run: Run, outcome: Outcome, text: str) -> ReviewOver:
    rules = turn.prd.review
    return ReviewOver(
        story_id=story.story_id,
        attempt=run.attempt,
        head=story.memory.head,
        agent=rules.agent,
        model=rules.model,
        outcome=outcome,
        text=text,
        is_short=_known(story).is_short or outcome.kind is OutcomeKind.CONTEXT,
    )


def _try_again(turn: Turn, story: Story, run: Run, outcome: Outcome, why: str) -> None:
    """It has given no answer: once more with a new one, then without."""
    story = _note_failure(turn, story, run, outcome, why)
    known = _known(story)
    if known.tries or known.verdict is not None or not turn.prd.review.is_required:
        judge(turn, story, run)
        return
    loss = Loss(type=FailureType.NOT_REVIEWED, reason=f"not reviewed: {why}", keeps_claim=True)
    lose(turn, story, run, loss)


def _note_failure(turn: Turn, story: Story, run: Run, outcome: Outcome, why: str) -> Story:
    """Know that a try was in vain. After the last one it begins to count anew, or needs none."""
    rules = turn.prd.review
    tries = _known(story).tries + 1
    over = replace(_over(turn, story, run, outcome, why), tries=tries % TRIES_MAX)
    if tries < TRIES_MAX:
        turn.tell("review_failed", story, f"{rules.agent}: {why}; it is tried once more")
    elif rules.is_required:
        turn.tell("review_failed", story, f"{rules.agent}: {why}")
    else:
        over = replace(over, verdict=Verdict.NOT_REVIEWED)
        turn.tell("not_reviewed", story, f"{rules.agent}: {why}; it goes on unreviewed")
    return turn.record(story, over)


def on_worker_gone(turn: Turn, story: Story, run: Run, loss: Loss) -> None:
    """The worker died, and its reviewer with it: a try in vain, unless others took it down."""
    if run.reviewing.is_at_work and loss.counts:
        outcome = Outcome(kind=OutcomeKind.CRASHED, detail=loss.reason)
        _note_failure(turn, story, run, outcome, loss.reason)


def _refuse(turn: Turn, story: Story, run: Run) -> None:
    """The attempt is lost; the next one learns the reasons. The same work is not asked about."""
    review = _known(story)
    first = next(iter(review.text.splitlines()), "")[:200]
    reason = f"refused by the review of {review.agent}: {first}"
    loss = Loss(type=FailureType.REVIEW_REFUSED, reason=reason, context=review.text)
    lose(turn, story, run, loss)
