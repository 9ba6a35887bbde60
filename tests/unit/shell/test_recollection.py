"""What the journals tell: of holds, of counters, and in the words of an earlier version."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from prd_supervise.policies.approval import Approval, Point, Word
from prd_supervise.policies.supervising.spec import Cause, Tally
from prd_supervise.supervisor.core.common import Noted
from prd_supervise.supervisor.core.prd.approvals.records import (
    ApprovalWanted,
    PrdApprovalWanted,
    PrdApproved,
    PrdAskedAnew,
    PrdRejected,
    Rejected,
)
from prd_supervise.supervisor.core.prd.records import (
    AttemptLost,
    BegunAnew,
    BranchRecorded,
    PrdHeld,
    PrdLanded,
    PrdReleased,
    Record,
    RollbackDecided,
    RollbackRefused,
    StoryHeld,
)
from prd_supervise.supervisor.core.root.records import (
    AnswerSettled,
    Held,
    InteractiveSet,
    PersonAnswered,
    PrdAccepted,
    PrdBegun,
    Released,
)
from prd_supervise.supervisor.shell.storage.offline import (
    ROOT_KINDS,
    holds_of,
    root_payload,
    root_records,
)
from prd_supervise.supervisor.shell.storage.recollection import (
    KINDS,
    Recollection,
    payload_of,
    recall,
)
from prd_supervise.supervisor.shell.storage.store import Store, Stored, read
from prd_supervise.workers.messages.approval import Answer
from prd_supervise.workers.process.wire import decoder


def kept(folder: Path, *records: Record) -> Recollection:
    """Write records, compact, and read what is left."""
    store = Store(folder, KINDS)
    for record in records:
        store.append(record, at=1.0)
    store.flush()
    store.compact(payload_of(recall(read(folder, KINDS))))
    store.close()
    return recall(read(folder, KINDS))


def test_holds_and_counters_outlive_a_compaction(tmp_path: Path) -> None:
    known = kept(
        tmp_path,
        StoryHeld(story_id="A"),
        PrdHeld(),
        AttemptLost(story_id="A", attempt=1, reason="too big", cause=Cause.MEMORY),
        AttemptLost(story_id="A", attempt=2, reason="silent", cause=Cause.HANG),
        Noted(child_id="story/A", event="ready", attempt=2, text="it serves"),
    )
    assert known.is_held
    assert known.stories["A"].is_held
    assert known.stories["A"].losses == Tally(memory=1, hang=1)


def test_a_released_prd_is_not_held(tmp_path: Path) -> None:
    known = kept(tmp_path, PrdHeld(), PrdReleased(), BranchRecorded(branch="b", base="c"))
    assert (known.is_held, known.branch) == (False, "b")


def test_a_journal_from_before_causes_were_told_apart_is_read() -> None:
    body = b'{"story_id": "A", "attempt": 1, "reason": "red"}'
    record, at = decoder(KINDS)(b'{"kind": "AttemptLost", "body": %s, "at": 1.0}' % body)
    known = recall(Stored(payload=None, records=((record, at),)))
    assert known.stories["A"].losses == Tally(ordinary=1)


def test_what_root_holds_outlives_a_compaction_and_a_new_acceptance(tmp_path: Path) -> None:
    accepted = PrdAccepted(prd_id="P", title="", path="p.json", base="")
    store = Store(tmp_path, ROOT_KINDS)
    for record in (
        accepted,
        Held(prd_id="P", story_id="A"),
        Held(prd_id="P"),
        Released(prd_id="P"),
        Noted(child_id="P", event="ready", attempt=0, text=""),
        accepted,
        PrdBegun(prd_id="P"),
    ):
        store.append(record, at=1.0)
    store.flush()
    store.compact(root_payload(root_records(read(tmp_path, ROOT_KINDS))))
    store.close()
    records = root_records(read(tmp_path, ROOT_KINDS))
    assert holds_of(records) == {("P", "A")}
    assert [type(record) for record, _ in records] == [Held, PrdAccepted, PrdBegun]


def test_restarts_are_kept_for_who_is_started_again_by_a_service_manager(tmp_path: Path) -> None:
    died = "its supervisor died (signal SIGKILL), again in 1.0 s"
    group = "its supervisor goes down with its group, and comes back with it"
    store = Store(tmp_path, ROOT_KINDS)
    store.append(PrdAccepted(prd_id="P", title="", path="p.json", base=""), at=1.0)
    for at, text in enumerate((died, group, died), start=2):
        store.append(Noted(child_id="P", event="prd_restarting", attempt=0, text=text), at=at)
    store.flush()

    def moments(*, keeps: bool) -> list[float]:
        records = root_records(read(tmp_path, ROOT_KINDS))
        store.compact(root_payload(records, keeps_restarts=keeps))
        return [at for each, at in root_records(read(tmp_path, ROOT_KINDS)) if is_noted(each)]

    assert moments(keeps=True) == [2.0, 4.0]  # of a group one has died
    assert moments(keeps=True) == [2.0, 4.0]
    assert moments(keeps=False) == []
    store.close()


def is_noted(record: object) -> bool:
    return isinstance(record, Noted)


def test_where_a_prd_was_begun_and_what_became_of_its_branch_outlives_a_compaction(
    tmp_path: Path,
) -> None:
    known = kept(
        tmp_path,
        BranchRecorded(branch="b", base="c", base_branch="develop"),
        PrdLanded(into="develop", commit="d", text="landed in develop"),
        RollbackDecided(),
    )
    assert (known.base_branch, known.landed) == ("develop", "landed in develop")
    assert known.is_rolled_back
    back: tuple[Record, ...] = (BegunAnew(), RollbackRefused(text="checked out"))
    for number, undone in enumerate(back):
        assert not kept(tmp_path / str(number), RollbackDecided(), undone).is_rolled_back


def test_a_snapshot_and_a_journal_from_before_landing_are_read() -> None:
    old = {"branch": "b", "base": "c", "stories": {}}
    known = recall(Stored(payload=old, records=()))
    assert (known.base_branch, known.landed, known.is_rolled_back) == ("", "", False)
    body = b'{"branch": "b", "base": "c"}'
    record, at = decoder(KINDS)(b'{"kind": "BranchRecorded", "body": %s, "at": 1.0}' % body)
    assert recall(Stored(payload=None, records=((record, at),))).branch == "b"


def test_every_record_of_a_prd_can_be_read_back() -> None:
    assert {*get_args(Record)} == {*KINDS}


def test_questions_and_answers_outlive_a_compaction(tmp_path: Path) -> None:
    known = kept(
        tmp_path,
        ApprovalWanted(story_id="A", attempt=1, point=Point.MERGE, work="c#1"),
        Rejected(story_id="A", attempt=1, point=Point.MERGE, work="c#1", by="ana", reason="so not"),
        ApprovalWanted(story_id="B", attempt=0, point=Point.STORY, work="words"),
        PrdApprovalWanted(work="all"),
        PrdApproved(work="all", by="bob"),
    )
    assert known.stories["A"].approval == Approval(
        point=Point.MERGE, work="c#1", word=Word.REJECTED, by="ana", reason="so not"
    )
    assert known.stories["B"].approval == Approval(point=Point.STORY, work="words")
    assert known.approval == Approval(point=Point.PRD, work="all", word=Word.APPROVED, by="bob")


def test_a_prd_that_is_asked_about_anew_has_no_answer(tmp_path: Path) -> None:
    rejected = PrdRejected(work="all", by="ana", reason="no")
    assert kept(tmp_path, rejected, PrdAskedAnew()).approval is None


def test_a_snapshot_and_a_journal_from_before_people_were_asked_are_read() -> None:
    memory = {"state": "pending", "attempt": 2, "losses": {"ordinary": 1}}
    payload = {"branch": "b", "base": "c", "stories": {"A": memory}}
    known = recall(Stored(payload=payload, records=()))
    assert (known.approval, known.stories["A"].approval) == (None, None)
    body = b'{"story_id": "A", "reason": "too often"}'
    record, at = decoder(KINDS)(b'{"kind": "StoryGivenUp", "body": %s, "at": 1.0}' % body)
    lost = recall(Stored(payload=None, records=((record, at),))).stories["A"].lost
    assert lost is not None
    assert (lost.type, lost.message) == ("", "too often")


def test_an_answer_that_no_prd_has_taken_outlives_a_compaction_of_roots_journal(
    tmp_path: Path,
) -> None:
    def answer(story_id: str) -> PersonAnswered:
        said = Approval(point=Point.MERGE, work="c#1", word=Word.APPROVED, by="ana")
        return PersonAnswered(prd_id="P", answer=Answer(story_id=story_id, approval=said))

    store = Store(tmp_path, ROOT_KINDS)
    for record in (
        InteractiveSet(is_on=False),
        InteractiveSet(is_on=True),
        answer("A"),
        answer("B"),
        AnswerSettled(prd_id="P", story_id="A"),
    ):
        store.append(record, at=1.0)
    store.flush()
    store.compact(root_payload(root_records(read(tmp_path, ROOT_KINDS))))
    store.close()
    records = root_records(read(tmp_path, ROOT_KINDS))
    assert [record for record, _ in records] == [InteractiveSet(is_on=True), answer("B")]
