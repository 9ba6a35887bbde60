from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.supervisor.core.common import Noted
from prd_supervise.supervisor.core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    BranchRecorded,
    PrdHeld,
    PrdReleased,
    StoryDone,
    StoryGivenUp,
    StoryHeld,
    StoryReleased,
    StoryReset,
    StorySkipped,
    WorkKept,
    WorktreeReady,
)
from prd_supervise.supervisor.core.root.records import (
    Held,
    PrdAccepted,
    PrdBegun,
    PrdSettled,
    PrdState,
    Released,
)
from prd_supervise.supervisor.shell.storage import chronicle
from prd_supervise.supervisor.shell.storage.eventlog import EventLog
from prd_supervise.supervisor.shell.storage.history import HISTORY
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.offline import ROOT_KINDS, root_payload, root_records
from prd_supervise.supervisor.shell.storage.recollection import KINDS, payload_of, recall
from prd_supervise.supervisor.shell.storage.store import Store

LOST = AttemptLost(story_id="US-1", attempt=1, reason="`make test` exited with 2")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(
        repository=tmp_path,
        common_dir=tmp_path / ".git",
        state_dir=tmp_path / "state",
        worktrees=tmp_path / "worktrees",
    )


def root_lives(layout: Layout, *records: object, at: float) -> None:
    store = Store(layout.state_dir, ROOT_KINDS)
    store.compact(root_payload(root_records(store.stored)))
    write(store, *records, at=at)


def prd_lives(layout: Layout, *records: object, at: float, prd_id: str = "ALPHA") -> None:
    store = Store(layout.prd(prd_id), KINDS)
    store.compact(payload_of(recall(store.stored)))
    write(store, *records, at=at)


def write(store: Store, *records: object, at: float) -> None:
    for record in records:
        store.append(record, at=at)
    store.flush()
    store.close()


def a_night(layout: Layout) -> None:
    """A start, a crash, and two resumes."""
    accepted = PrdAccepted(prd_id="ALPHA", title="A", path="/r/prd.json", base="b" * 40)
    root_lives(layout, accepted, PrdBegun(prd_id="ALPHA"), at=1.0)
    prd_lives(
        layout,
        BranchRecorded(branch="feature/ALPHA", base="b" * 40),
        AttemptBegun(story_id="US-1", attempt=1, slot=1),
        WorktreeReady(story_id="US-1", attempt=1, base="b" * 40, worktree="/w/ALPHA.1"),
        AgentBegan(story_id="US-1", attempt=1, pid=7, start_ticks=9),
        AttemptBegun(story_id="US-2", attempt=1, slot=2),
        at=2.0,
    )
    root_lives(layout, accepted, PrdBegun(prd_id="ALPHA"), at=3.0)
    prd_lives(layout, LOST, AttemptBegun(story_id="US-1", attempt=2, slot=1), at=4.0)
    root_lives(layout, PrdBegun(prd_id="ALPHA"), at=5.0)
    ended = Outcome(kind=OutcomeKind.NORMAL, detail="exit 0", exit_code=0, duration_s=1.5)
    prd_lives(
        layout,
        AgentOver(story_id="US-1", attempt=2, outcome=ended),
        WorkKept(story_id="US-1", attempt=2, head="c" * 40, is_claimed=True, files=("a",)),
        StoryDone(story_id="US-1", attempt=2, commit="d" * 40, evidence="1 command passed"),
        at=6.0,
    )
    root_lives(layout, PrdSettled(prd_id="ALPHA", state=PrdState.COMPLETED), at=7.0)


def words(found: chronicle.Chronicle) -> list[tuple[object, object, object]]:
    return [(event["event"], event["attempt"], event["text"]) for event in found.events]


def test_the_story_of_a_story_is_whole_after_two_resumes(layout: Layout) -> None:
    a_night(layout)

    found = chronicle.of_story(layout, "ALPHA", "US-1")

    assert found.gaps == ()
    assert words(found) == [
        ("attempt_started", 1, "attempt 1 begins"),
        ("worktree_ready", 1, "/w/ALPHA.1, the story from bbbbbbbbbb"),
        ("agent_started", 1, "pid 7, start ticks 9"),
        ("attempt_failed", 1, "`make test` exited with 2"),
        ("attempt_started", 2, "attempt 2 begins"),
        ("agent_ended", 2, "exit 0 after 1.5 s"),
        ("work_kept", 2, "1 file in cccccccccc; its agent ended well"),
        ("merged", 2, "merged as dddddddddd: 1 command passed"),
    ]


def test_the_story_of_a_prd_is_root_s_and_its_own_by_time(layout: Layout) -> None:
    a_night(layout)
    prd_lives(layout, StoryReset(story_id="X"), at=4.5, prd_id="BETA")

    found = chronicle.of_prd(layout, "ALPHA")

    times = [str(event["at"]) for event in found.events]
    assert times == sorted(times)
    assert {event["prd"] for event in found.events} == {"ALPHA"}
    assert [event["event"] for event in found.events][:3] == ["prd_accepted", "prd_begun", "branch"]
    assert found.events[-1]["event"] == "prd_completed"
    assert [event["event"] for event in chronicle.of_root(layout).events].count("prd_begun") == 3


def test_the_story_of_root_has_what_the_event_log_tells_of_it(layout: Layout) -> None:
    a_night(layout)
    log = EventLog(layout.events)
    log.tell("root_started", "root is pid 7")
    log.tell("merged", "told by the journal of the PRD", prd_id="ALPHA")
    kinds = [event["event"] for event in chronicle.of_root(layout).events]
    assert kinds.count("root_started") == 1
    assert "merged" not in kinds
    assert "prd_accepted" in kinds


def test_reading_a_story_changes_nothing(layout: Layout) -> None:
    a_night(layout)
    before = {path: path.stat().st_mtime_ns for path in layout.state_dir.rglob("*")}
    chronicle.of_story(layout, "ALPHA", "US-1")
    chronicle.of_prd(layout, "NOBODY")
    assert {path: path.stat().st_mtime_ns for path in layout.state_dir.rglob("*")} == before


def test_what_can_no_longer_be_told_is_said(layout: Layout) -> None:
    a_night(layout)
    first, *_ = sorted((layout.prd("ALPHA") / HISTORY).iterdir())
    first.unlink()
    assert chronicle.of_story(layout, "ALPHA", "US-1").gaps == (
        "the oldest records of ALPHA are no longer kept",
    )
    first.write_bytes(b"0 what is this\n")
    gaps = chronicle.of_prd(layout, "ALPHA").gaps
    assert gaps[-1] == "1 line of ALPHA's journals cannot be read"


def test_decisions_are_told_in_the_words_of_the_public_log(layout: Layout) -> None:
    prd_lives(
        layout,
        AttemptLost(story_id="A", attempt=1, reason="stopped", counts=False),
        StoryGivenUp(story_id="A", reason="given up after 3 failed attempts"),
        StorySkipped(story_id="A", reason="needs B"),
        StoryReset(story_id="A"),
        StoryDone(story_id="A", attempt=0, commit="", evidence="the document says so"),
        at=1.0,
    )
    assert words(chronicle.of_story(layout, "ALPHA", "A")) == [
        ("attempt_stopped", 1, "stopped"),
        ("story_failed", None, "given up after 3 failed attempts"),
        ("story_skipped", None, "needs B"),
        ("reset", None, "it gets a new start"),
        ("done", None, "the document says so"),
    ]


def test_a_note_that_repeats_a_record_is_told_once_and_with_more_words(layout: Layout) -> None:
    def note(event: str, text: str, *, attempt: int = 1, child_id: str = "story/US-1") -> Noted:
        return Noted(child_id=child_id, event=event, attempt=attempt, text=text)

    prd_lives(
        layout,
        LOST,
        note("attempt_failed", LOST.reason),
        LOST,
        note("attempt_failed", f"{LOST.reason}, and more"),
        note("attempt_failed", f"{LOST.reason}, and more"),
        note("died", "incarnation 2: signal SIGKILL"),
        note("died", "exit 1", child_id="git", attempt=0),
        note("beats", "again", child_id="ALPHA", attempt=0),
        at=1.0,
    )
    assert words(chronicle.of_story(layout, "ALPHA", "US-1")) == [
        ("attempt_failed", 1, LOST.reason),
        ("attempt_failed", 1, f"{LOST.reason}, and more"),
        ("attempt_failed", 1, f"{LOST.reason}, and more"),
        ("died", 1, "incarnation 2: signal SIGKILL"),
    ]
    assert words(chronicle.of_prd(layout, "ALPHA"))[-2:] == [
        ("died", None, "git: exit 1"),
        ("beats", None, "again"),
    ]


def test_holds_are_told_of_the_story_that_they_hold(layout: Layout) -> None:
    root_lives(
        layout,
        Held(prd_id="ALPHA", story_id="US-1"),
        Noted(child_id="ALPHA", event="held", attempt=0, text="US-1: nothing new of it begins"),
        Held(prd_id="ALPHA"),
        Released(prd_id="ALPHA", story_id="US-1"),
        at=1.0,
    )
    prd_lives(layout, StoryHeld(story_id="US-1"), PrdHeld(), PrdReleased(), at=2.0)
    prd_lives(layout, StoryReleased(story_id="US-1"), at=3.0)

    whole = chronicle.of_prd(layout, "ALPHA").events
    assert [(event["event"], event["story"]) for event in whole] == [
        ("held", "US-1"),
        ("held", None),
        ("released", "US-1"),
        ("held", "US-1"),
        ("held", None),
        ("released", None),
        ("released", "US-1"),
    ]
    assert len(chronicle.of_story(layout, "ALPHA", "US-1").events) == 4


def test_the_event_of_who_is_given_up_bears_the_end_of_its_story(layout: Layout) -> None:
    a_night(layout)
    log = EventLog(
        layout.events, lambda prd_id, story_id: chronicle.last_lines(layout, prd_id, story_id)
    )
    heard: list[dict[str, object]] = []
    log.listeners.append(heard.append)

    log.tell("story_failed", "given up", prd_id="ALPHA", story_id="US-1")
    log.tell("merged", "fine", prd_id="ALPHA", story_id="US-1")

    history = heard[0]["history"]
    assert isinstance(history, list)
    assert len(history) == 8
    assert "attempt failed" in history[3]
    assert "history" not in heard[1]


def test_an_internal_error_bears_the_last_lines_of_the_story(layout: Layout) -> None:
    records = [AttemptBegun(story_id="US-1", attempt=each, slot=1) for each in range(1, 100)]
    prd_lives(layout, *records, at=1.0)

    with (
        pytest.raises(KeyError) as caught,
        chronicle.story_in_errors(lambda: chronicle.last_lines(layout, "ALPHA")),
    ):
        raise KeyError("a bug")

    (note,) = caught.value.__notes__
    head, *lines = note.splitlines()
    assert head == "what had happened before:"
    assert len(lines) == chronicle.LAST_LINES
    assert lines[-1].endswith("attempt 99 begins")


def test_a_story_that_cannot_be_read_hides_no_error() -> None:
    def torn() -> list[str]:
        raise OSError("the disk has gone")

    with pytest.raises(KeyError) as caught, chronicle.story_in_errors(torn):
        raise KeyError("a bug")
    assert "it cannot be told: the disk has gone" in caught.value.__notes__[0]


def test_the_end_of_a_process_is_no_internal_error() -> None:
    with pytest.raises(SystemExit) as caught, chronicle.story_in_errors(lambda: ["x"]):
        raise SystemExit(3)
    assert not hasattr(caught.value, "__notes__")


def test_the_last_lines_of_a_story_cost_no_more_after_many_stories(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    root_lives(layout, PrdBegun(prd_id="ALPHA"), at=1.0)
    prd_lives(layout, AttemptBegun(story_id="US-1", attempt=1, slot=1), at=2.0)
    others = [AttemptBegun(story_id=f"US-9{number}", attempt=1, slot=1) for number in range(300)]
    prd_lives(layout, *others, LOST, at=3.0)

    whole = chronicle.last_lines(layout, "ALPHA", "US-1")
    monkeypatch.setattr(chronicle, "LAST_BYTES", 2000)
    near = chronicle.last_lines(layout, "ALPHA", "US-1")

    assert len(whole) == 2
    assert near == whole[-1:]
    assert "exited with 2" in near[0]
    assert len(chronicle.of_story(layout, "ALPHA", "US-1").events) == 2
