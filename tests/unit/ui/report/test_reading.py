from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.supervisor.core.prd.memory import Memory
from prd_supervise.supervisor.core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    StoryDone,
)
from prd_supervise.supervisor.core.root.records import PrdAccepted, PrdBegun, PrdSettled, PrdState
from prd_supervise.supervisor.shell.status.document import (
    PrdStatus,
    Progress,
    RootStatus,
    StatusDocument,
    StoryStatus,
)
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.offline import ROOT_KINDS, root_payload, root_records
from prd_supervise.supervisor.shell.storage.recollection import KINDS, payload_of, recall
from prd_supervise.supervisor.shell.storage.store import Store, read
from prd_supervise.supervisor.ui.report.attempts import End, Work
from prd_supervise.supervisor.ui.report.files import files_of
from prd_supervise.supervisor.ui.report.reading import Report, report_of

ACCEPTED = PrdAccepted(prd_id="P", title="p", path="/p.json", base="b")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    state = tmp_path / "state"
    return Layout(
        repository=tmp_path, common_dir=tmp_path, state_dir=state, worktrees=state / "worktrees"
    )


def tell(folder: Path, kinds: tuple[type, ...], *told: tuple[object, float]) -> None:
    """One run's records, by a writer that compacts when it begins, as supervisors do."""
    store = Store(folder, kinds)
    is_root = kinds is ROOT_KINDS
    stored = store.stored
    store.compact(root_payload(root_records(stored)) if is_root else payload_of(recall(stored)))
    for record, at in told:
        store.append(record, at=at)
    store.flush()
    store.close()


def attempt(number: int, at: float) -> tuple[tuple[object, float], ...]:
    ended = Outcome(kind=OutcomeKind.NORMAL, detail="", duration_s=10.0)
    return (
        (AttemptBegun(story_id="A", attempt=number, slot=0), at),
        (AgentBegan(story_id="A", attempt=number, pid=1, start_ticks=1), at + 1),
        (AgentOver(story_id="A", attempt=number, outcome=ended), at + 11),
    )


def night(layout: Layout) -> None:
    """Two runs with a day between them: the first one was killed."""
    tell(layout.state_dir, ROOT_KINDS, (ACCEPTED, 99.0), (PrdBegun(prd_id="P"), 100.0))
    tell(layout.prd("P"), KINDS, *attempt(1, 101.0))
    settled = PrdSettled(prd_id="P", state=PrdState.COMPLETED)
    again = ((ACCEPTED, 90_000.0), (PrdBegun(prd_id="P"), 90_001.0), (settled, 90_031.0))
    tell(layout.state_dir, ROOT_KINDS, *again)
    lost = AttemptLost(story_id="A", attempt=1, reason="the tree went down", counts=False)
    done = StoryDone(story_id="A", attempt=2, commit="c", evidence="")
    tell(layout.prd("P"), KINDS, (lost, 90_002.0), *attempt(2, 90_003.0), (done, 90_020.0))


def report(
    layout: Layout, *, now: float = 1e6, state: str = "completed", since: float = 0.0
) -> Report:
    prd = PrdStatus(
        id="P",
        title="p",
        path="/p.json",
        state=state,
        progress=Progress(completed=1, total=2),
        branch="f",
        stories=(
            StoryStatus(id="A", title="a", state="done", attempt=2),
            StoryStatus(id="B", title="b", state="skipped", attempt=0),
        ),
    )
    root = RootStatus(pid=1 if state == "active" else None)
    return report_of(layout, StatusDocument(at=now, root=root, prds=(prd,)), ["P"], since=since)


def test_what_snapshots_have_replaced_is_counted_as_well(layout: Layout) -> None:
    night(layout)
    assert len(read(layout.prd("P"), KINDS).records) == 5  # the first run is in the history alone
    found = report(layout)
    (part,) = found.prds
    assert part.spans == ((100.0, 112.0), (90_001.0, 90_031.0))
    figures = part.stories[0].figures
    assert (figures.attempts, figures.lost, figures.agent_s) == (2, 1, 20.0)
    assert figures.wall_s == 11.0 + 19.0
    assert part.stories[1].figures.attempts == 0
    assert found.figures.wall_s == 42.0
    assert found.gaps == ()


def test_further_compactions_change_nothing(layout: Layout) -> None:
    night(layout)
    before = report(layout)
    for _ in range(3):
        tell(layout.state_dir, ROOT_KINDS)
        tell(layout.prd("P"), KINDS)
    assert report(layout) == before


def test_what_is_at_work_is_counted_until_now(layout: Layout) -> None:
    tell(layout.state_dir, ROOT_KINDS, (ACCEPTED, 99.0), (PrdBegun(prd_id="P"), 100.0))
    tell(layout.prd("P"), KINDS, *attempt(1, 101.0)[:2])
    figures = report(layout, now=162.0, state="active").prds[0].stories[0].figures
    assert (figures.agent_s, figures.wall_s) == (60.0, 61.0)


def test_what_cannot_be_read_is_said(layout: Layout) -> None:
    night(layout)
    (segment,) = (layout.prd("P") / "history").glob("*.log")
    lines = segment.read_bytes().split(b"\n")
    segment.write_bytes(b"\n".join([b"garbage", *lines[1:]]))
    gaps = " ".join(report(layout).gaps)
    assert "1 line of P's journals cannot be read" in gaps
    assert "the oldest records of P are no longer kept" in gaps


def test_of_each_attempt_it_is_known_when_it_was_and_what_it_came_to(layout: Layout) -> None:
    night(layout)
    lost, merged = report(layout).prds[0].stories[0].attempts
    # Nobody was there to note the end of the first one: it had ended with its PRD at the latest.
    assert (lost.began, lost.ended, lost.end) == (101.0, 112.0, End.AGAIN)
    assert (lost.number, lost.reason) == (1, "the tree went down")
    (work,) = lost.pieces
    assert (work.work, work.began, work.ended) == (Work.AGENT, 102.0, 112.0)
    assert (merged.began, merged.ended, merged.end) == (90_003.0, 90_020.0, End.MERGED)


def test_what_is_older_than_it_was_asked_for_is_left_out(layout: Layout) -> None:
    night(layout)
    (part,) = report(layout, since=90_000.0).prds
    assert part.spans == ((90_001.0, 90_031.0),)
    assert part.stories[0].figures.attempts == 1
    assert [each.number for each in part.stories[0].attempts] == [2]
    assert report(layout, since=90_032.0).prds == ()


def test_an_attempt_that_was_under_way_then_is_whole(layout: Layout) -> None:
    night(layout)
    (part,) = report(layout, since=90_010.0).prds
    figures = part.stories[0].figures
    assert (figures.attempts, figures.agent_s) == (1, 10.0)
    assert part.spans == ((90_010.0, 90_031.0),)


def test_files_are_new_changed_or_gone() -> None:
    memory = Memory(files=("a", "b", "c"), added=("a",), removed=("c",), more=4)
    found = files_of(memory)
    assert (found.created, found.modified, found.deleted) == (("a",), ("b",), ("c",))
    assert found.count == 7
    assert files_of(Memory(files=("a",))).modified == ("a",)  # an older journal does not say
