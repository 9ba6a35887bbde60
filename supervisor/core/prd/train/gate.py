"""The PRD's own worktree: one worker at a time runs verify commands there.

The train goes first; while it does not want the worktree, the bases of running stories are
checked, so that no train has to wait for that.
"""

from __future__ import annotations

from .....policies.outcomes.outcome import OutcomeKind, VerifyRun
from .....policies.values import replace
from .....workers.messages.git import CheckedOut, CheckOut
from .....workers.messages.story import EndAgent, RunVerify, Verified
from .....workers.messages.train import TakeFormatted
from ..parts import Shown
from ..state import ABOARD, Prd, Run, Stage, Story, worker_of
from ..turn import Turn, in_stage
from ..words import StartVerify, TellWorker

KNOWN_MAX = 100


def order_verify(
    turn: Turn,
    story: Story,
    stage: str,
    checked_out: CheckedOut,
    commands: tuple[str, ...],
    stories: tuple[str, ...] = (),
) -> None:
    """Have the story's worker run verify commands, with its own variables or those of several."""
    order = RunVerify(
        stage=stage,
        commit=checked_out.commit,
        cwd=checked_out.worktree,
        commands=commands,
        timeout_s=turn.prd.limits.verify_timeout_s,
        stories=stories,
        setup=checked_out.setup,
    )
    turn.do(StartVerify(story_id=story.story_id, order=order))


# --- who is in it -------------------------------------------------------------------------------


def enter(turn: Turn, story: Story, run: Run, commit: str) -> None:
    """Let a story's worker have the worktree, with this commit in it."""
    if turn.prd.gate:
        raise AssertionError(f"{story.story_id} enters while {turn.prd.gate} is in")
    turn.prd = replace(turn.prd, gate=story.story_id)
    has_agent = run.stage in {Stage.AGENT, Stage.COMMIT, Stage.REVIEW}
    request = CheckOut(
        story_id=story.story_id,
        attempt=run.attempt,
        commit=commit,
        instead="" if has_agent else story.memory.worktree,
    )
    turn.ask_git(story, run, request)


def free(turn: Turn, story_id: str) -> None:
    """Its worker does nothing in the worktree any more."""
    if turn.prd.gate == story_id:
        turn.prd = replace(turn.prd, gate="")


def leave(turn: Turn, story: Story) -> None:
    """Forget what a story wanted whose attempt is over, and dissolve the train that it was in.

    A worker that lives may still be at work in the worktree: it is free when that one is gone.
    """
    name = story.story_id
    queue = tuple(other for other in turn.prd.base_queue if other != name)
    turn.prd = replace(turn.prd, base_queue=queue)
    worker = turn.prd.workers.child(worker_of(name))
    if worker is None or not worker.is_alive:
        free(turn, name)
    train = turn.prd.train
    if train is not None and name in train.names() and not train.published:
        dissolve(turn, but=name)


def dissolve(turn: Turn, *, but: str = "") -> None:
    """Something has come between: the cars wait for the next train."""
    train = turn.prd.train
    turn.prd = replace(turn.prd, train=None)
    for name in () if train is None else train.names():
        story = turn.prd.story(name)
        if name != but and story is not None and in_stage(story, *ABOARD):
            wait(turn, story)
    if train is not None and isinstance(train.asked, TakeFormatted):
        free(turn, turn.prd.gate)  # it was kept for the integrator alone
    user = turn.prd.story(turn.prd.gate)
    is_at_work = train is not None and train.running is not None
    # One that leaves ends by itself.
    if is_at_work and user is not None and in_stage(user, Stage.GATE):
        end = EndAgent(kind=OutcomeKind.OVER_LIMIT, detail="its train was dissolved", at_once=True)
        turn.do(TellWorker(story_id=user.story_id, order=end))


def wait(turn: Turn, story: Story) -> Story:
    """Let a story wait for the next train."""
    if story.run is None:
        raise AssertionError(f"{story.story_id} waits for a train without an attempt")
    return turn.run(story, replace(story.run, stage=Stage.GATE, beside=()))


# --- the bases of stories -----------------------------------------------------------------------


def baseline_of(prd: Prd, story: Story) -> VerifyRun | None:
    """What the story's verify commands say about the commit that it started from."""
    if not story.verify:
        return None
    return prd.baseline(story.memory.base, story.verify, story.story_id)


def base_is_red(prd: Prd, story: Story) -> bool:
    """Say whether the story began on what was red already."""
    run = baseline_of(prd, story)
    return story.memory.base_is_red or (run is not None and not run.is_green)


def want_base(turn: Turn, story: Story) -> None:
    """Have the story's base checked, unless that is known or on its way."""
    if not story.verify or baseline_of(turn.prd, story) is not None:
        return
    if story.story_id in turn.prd.base_queue or (story.run and story.run.is_checking_base):
        return
    turn.prd = replace(turn.prd, base_queue=(*turn.prd.base_queue, story.story_id))


def wants_base(prd: Prd, story: Story) -> bool:
    """Say whether a train has to wait until the story's base has been looked at."""
    is_checked = story.run is not None and story.run.is_checking_base
    is_unknown = baseline_of(prd, story) is None
    return is_checked or (story.story_id in prd.base_queue and is_unknown)


def check_bases(turn: Turn) -> None:
    """Have the next base checked, those of the train's cars first, unless it wants the worktree."""
    while turn.prd.base_queue and not turn.prd.gate and turn.prd.deadline is None:
        queue = turn.prd.base_queue
        aboard = turn.prd.train.names() if turn.prd.train is not None else ()
        name = next((each for each in queue if each in aboard), queue[0])
        turn.prd = replace(turn.prd, base_queue=tuple(each for each in queue if each != name))
        story = turn.prd.story(name)
        if story is None or story.run is None or not story.run.incarnation:
            continue
        if baseline_of(turn.prd, story) is None:
            run = replace(story.run, is_checking_base=True)
            enter(turn, story, run, story.memory.base)


def on_checked_out(turn: Turn, story: Story, answer: CheckedOut) -> None:
    """The base stands in the worktree: run the verify commands over it."""
    if turn.prd.deadline is None:  # else its worker starts nothing any more
        order_verify(turn, story, "base", answer, story.verify)


def on_base_verified(turn: Turn, story: Story, run: Run, answer: Verified) -> None:
    """What the base says is known; the story goes on with what it is at."""
    free(turn, story.story_id)
    turn.run(story, replace(run, is_checking_base=False))
    if answer.run.interrupted:
        return
    know_base(turn, story.story_id, story.verify, answer.run)
    if not answer.run.is_green:
        where = f"on the base {answer.run.commit[:10]}, before any work"
        turn.tell("base_red", story, f"{answer.run.failure} {where}")


def base_is_unknown(turn: Turn, story: Story, run: Run) -> None:
    """The base could not be checked out: that says nothing against the story's work."""
    free(turn, story.story_id)
    turn.run(story, replace(run, is_checking_base=False))


def know_base(turn: Turn, story_id: str, commands: tuple[str, ...], run: VerifyRun) -> None:
    """Remember what the verify commands say about a commit that stories may start from."""
    know(turn, run.commit, commands, run, story_id=turn.prd.key_of(commands, story_id))


def know(
    turn: Turn, of: str, commands: tuple[str, ...], run: VerifyRun, *, story_id: str = ""
) -> None:
    """Remember what the verify commands have shown of a commit or a tree."""
    shown = Shown(of=of, commands=commands, run=run, story_id=story_id)
    asked = (of, commands, story_id)
    others = (each for each in turn.prd.known if (each.of, each.commands, each.story_id) != asked)
    turn.prd = replace(turn.prd, known=(*others, shown)[-KNOWN_MAX:])
