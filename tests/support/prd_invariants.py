"""What must hold after every step of a PRD's core, whatever happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from prd_supervise.policies.approval import Approval, Point, Word
from prd_supervise.supervisor.core.common import Noted
from prd_supervise.supervisor.core.otp.commands import Spawn
from prd_supervise.supervisor.core.prd.approvals.records import PrdApproval, approval_after
from prd_supervise.supervisor.core.prd.approvals.waits import (
    end_awaited,
    merge_work,
    waits_for_person,
)
from prd_supervise.supervisor.core.prd.memory import Memory, StoryState
from prd_supervise.supervisor.core.prd.outcome import outcome
from prd_supervise.supervisor.core.prd.records import (
    PrdRecord,
    StoryDone,
    StoryReset,
)
from prd_supervise.supervisor.core.prd.remembering import remember
from prd_supervise.supervisor.core.prd.state import (
    ABOARD,
    Prd,
    PrdPhase,
    Stage,
    lease_of,
    review_lease_of,
    story_of,
)
from prd_supervise.supervisor.core.prd.turn import in_stage
from prd_supervise.supervisor.core.prd.words import PrdCommand
from prd_supervise.workers.messages.landing import LANDING_LEASE
from prd_supervise.workers.messages.prd import Standing
from tests.support.prd_around import Around

_LEASED = (Stage.LEASE, Stage.GATHER, Stage.SETUP, Stage.AGENT)


def check(before: Prd, prd: Prd, around: Around, commands: Sequence[PrdCommand]) -> None:
    """Fail if a step has broken a promise."""
    _the_gate_is_held_by_who_uses_it(prd, around)
    _the_cars_of_the_train_know_it(prd)
    _every_agent_has_its_lease(prd, around)
    _a_done_story_is_recorded_once(prd, around)
    _nobody_runs_beside_whom_it_excludes(prd)
    _whatever_begins_has_what_it_needs(before, prd)
    _whatever_is_merged_was_approved(before, prd)
    _nobody_is_asked_beside_his_worker(prd)
    _a_prd_ends_as_a_person_has_said(prd)
    _the_journal_tells_the_same(prd, around)
    if not around.pending and around.exit_code is None:  # else root takes them back itself
        _nobody_holds_a_lease_for_nothing(prd, around)
    if before.workers.deadline is not None:
        assert not any(isinstance(each, Spawn) for each in commands), "a start after a stop began"


def _the_gate_is_held_by_who_uses_it(prd: Prd, around: Around) -> None:
    """Nobody verifies in the PRD's own worktree beside whom it was given to."""
    users = {
        story_of(each.child_id)
        for each in around.processes
        if {"base", "merged"} & {*each.verifies}
    }
    checking = {
        story.story_id
        for story in prd.stories
        if story.run is not None and story.run.is_checking_base
    } - {story.story_id for story in prd.stories if in_stage(story, Stage.FINISH)}
    if prd.deadline is None:
        assert users | checking <= {prd.gate}, f"gate {prd.gate!r}, used by {users}, {checking}"
    if prd.train is not None and prd.train.running is not None:
        check = prd.train.running
        assert prd.gate == (check.story_id or prd.train.cars[0].story_id)


def _the_cars_of_the_train_know_it(prd: Prd) -> None:
    aboard = {story.story_id for story in prd.stories if in_stage(story, *ABOARD)}
    train = prd.train
    if train is None:
        assert not aboard, f"{aboard} are aboard of no train"
        return
    names = train.names()
    assert aboard <= {*names}, f"{aboard} are not aboard of {names}"
    if train.published:
        assert {*names[: train.published]} <= aboard
    else:
        assert aboard == {*names}


def _every_agent_has_its_lease(prd: Prd, around: Around) -> None:
    at_work = [each for each in around.processes if each.has_agent]
    stories = Counter(story_of(each.child_id) for each in at_work)
    assert all(count == 1 for count in stories.values()), f"two agents at one story: {stories}"
    for each in at_work:
        story = prd.story(story_of(each.child_id))
        run = None if story is None else story.run
        if run is not None and run.stage is Stage.AGENT:
            lease = lease_of(story_of(each.child_id), each.attempt)
            assert lease in around.leases, f"an agent works without {lease}"
        if run is not None and run.stage is Stage.REVIEW:
            lease = review_lease_of(story_of(each.child_id), each.attempt)
            assert lease in around.leases, f"a reviewer works without {lease}"


def _nobody_runs_beside_whom_it_excludes(prd: Prd) -> None:
    at_work = {each.story_id: each for each in prd.stories if each.run is not None}
    held = Counter(name for each in at_work.values() for name in each.mutex)
    assert all(count == 1 for count in held.values()), f"held by more than one: {held}"
    for each in at_work.values():
        beside = at_work.keys() & {*each.after}
        assert not beside, f"{each.story_id} runs beside {beside}, after which it comes"


def _whatever_begins_has_what_it_needs(before: Prd, prd: Prd) -> None:
    """What its dependencies and the stories elsewhere have to be when it begins."""
    done = {each.story_id for each in prd.stories if each.memory.state is StoryState.DONE}
    done |= {*before.train.names()} if before.train is not None else set()
    done |= {*prd.train.names()} if prd.train is not None else set()
    told = {each.need for each in prd.elsewhere if each.standing is Standing.DONE}
    for story in prd.stories:
        was = before.story(story.story_id)
        if story.run is not None and was is not None and was.run is None:
            assert {*story.depends_on} <= done, f"{story.story_id} begins too early"
            assert {*story.needs} <= told, f"{story.story_id} begins before {story.needs}"
            assert not story.lacks
            assert not waits_for_person(story), f"{story.story_id} begins unasked"


def _whatever_is_merged_was_approved(before: Prd, prd: Prd) -> None:
    for story in prd.stories:
        was = before.story(story.story_id)
        is_done = was is not None and was.memory.state is not story.memory.state is StoryState.DONE
        if was is None or not (is_done and in_stage(was, Stage.PUBLISH)):
            continue
        if Point.MERGE in was.approve:
            said = was.memory.approval
            assert said is not None
            assert said.is_about(Point.MERGE, merge_work(was.memory)), said
            assert said.word is Word.APPROVED


def _nobody_is_asked_beside_his_worker(prd: Prd) -> None:
    """Who waits for a person has no attempt, but for one that is just ending."""
    for story in prd.stories:
        if story.run is not None and waits_for_person(story):
            assert story.run.stage is Stage.FINISH, f"{story.story_id} waits in {story.run.stage}"


def _a_prd_ends_as_a_person_has_said(prd: Prd) -> None:
    if prd.asks_at_end and prd.phase is PrdPhase.LANDING:
        assert prd.approval is not None
        assert prd.approval.word is Word.APPROVED
    if prd.is_winding_up and outcome(prd)[0] == "completed":
        assert not end_awaited(prd), "it is complete, and nobody has said so"


def _a_done_story_is_recorded_once(prd: Prd, around: Around) -> None:
    """Once in all, or once more after each time that it was opened again.

    One merge may count under new terms as well: that is not another time.
    """
    done: dict[str, StoryDone] = {}
    for record in around.records:
        if isinstance(record, StoryDone):
            old = done.get(record.story_id)
            is_new = old is None or (old.commit == record.commit and old.terms != record.terms)
            assert is_new, f"{record.story_id} is done twice"
            done[record.story_id] = record
        elif isinstance(record, StoryReset):
            done.pop(record.story_id, None)
    known = (*prd.stories, *prd.left)
    assert set(done) == {each.story_id for each in known if each.memory.state is StoryState.DONE}


def _the_journal_tells_the_same(prd: Prd, around: Around) -> None:
    stories = (*prd.stories, *prd.left)
    told = {story.story_id: Memory() for story in stories}
    approval: Approval | None = None
    for record in around.records:
        if isinstance(record, PrdApproval):
            approval = approval_after(record)
        elif not isinstance(record, PrdRecord | Noted):
            told[record.story_id] = remember(told[record.story_id], record)
    known = {story.story_id: story.memory for story in stories}
    assert approval == prd.approval
    assert told == known, f"the journal tells {told}, the core knows {known}"


def _nobody_holds_a_lease_for_nothing(prd: Prd, around: Around) -> None:
    wanted = {
        lease_of(story.story_id, story.run.attempt)
        for story in prd.stories
        if story.run is not None and story.run.stage in _LEASED
    }
    wanted |= {
        review_lease_of(story.story_id, story.run.attempt)
        for story in prd.stories
        if story.run is not None and story.run.stage is Stage.REVIEW
    }
    if prd.landing is not None:
        wanted.add(LANDING_LEASE)
    assert around.leases <= wanted, f"leases {set(around.leases)}, wanted {wanted}"
