from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from prd_supervise.policies.outcomes.failure import Failure
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.memory import Memory, StoryState
from prd_supervise.supervisor.core.prd.records import (
    AttemptBegun,
    StoryDone,
    StoryGivenUp,
    StoryReset,
    WorktreeGivenUp,
)
from prd_supervise.supervisor.core.prd.state import Prd
from prd_supervise.supervisor.shell.prd.implementation_log import ImplementationLog, moment
from prd_supervise.supervisor.shell.storage.recollection import Lifespan, payload_of, recall
from prd_supervise.supervisor.shell.storage.store import Stored
from prd_supervise.workers.messages.agents import Choice
from tests.support.prd_world import a_story, prd_world

SCHEMA = Path(__file__).resolve().parents[3] / "docs/schema/implementation-log.schema.json"
WHEN = 1_795_242_600.0
BEGUN = AttemptBegun(story_id="A", attempt=1, slot=0)
DONE = StoryDone(story_id="A", attempt=1, commit="c0ffee", evidence="verified")


def prd_with(**memories: Memory) -> Prd:
    """A PRD that has stories with these memories."""
    prd = prd_world(*(a_story(name) for name in memories)).prd
    stories = (replace(story, run=None, memory=memories[story.story_id]) for story in prd.stories)
    return prd.with_stories(tuple(stories))


def written(folder: Path, prd: Prd, spans: Mapping[str, Lifespan] | None = None) -> dict[str, Any]:
    log = ImplementationLog(folder / "log.json", dict(spans or {}))
    log.write_end(prd, now=WHEN)
    return read(folder)


def read(folder: Path) -> dict[str, Any]:
    """The log, which keeps to its schema."""
    found = json.loads((folder / "log.json").read_bytes())
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(found)
    assert isinstance(found, dict)
    return found


def test_it_tells_of_every_story_what_became_of_it(tmp_path: Path) -> None:
    lost = Failure(
        type="verify_failed",
        message="`make test` exited with 2",
        context="x" * 5000 + "the end",
        recovery_hints=("look at it",),
    )
    done = Memory(
        state=StoryState.DONE,
        attempt=2,
        files=("a.py", "b.py", "c.py"),
        added=("a.py",),
        removed=("c.py",),
        more=7,
        commit="c0ffee",
        evidence="verified",
        choice=Choice(agent="claude", model="opus"),
    )
    prd = prd_with(
        A=done,
        B=Memory(state=StoryState.FAILED, attempt=3, lost=lost),
        C=Memory(state=StoryState.SKIPPED),
        D=Memory(),
    )
    times = {"A": Lifespan(began=WHEN - 90.25, decided=WHEN), "C": Lifespan(decided=WHEN)}
    found = written(tmp_path, prd, times)
    one, two, three, four = found["stories"]
    assert one == {
        "storyNumber": 1,
        "id": "A",
        "title": "A",
        "agent": "claude",
        "model": "opus",
        "status": "completed",
        "attempts": 2,
        "startedAt": moment(WHEN - 90.25),
        "completedAt": "2026-11-21T06:30:00Z",
        "duration": 90.2,
        "filesCreated": ["a.py"],
        "filesModified": ["b.py"],
        "filesDeleted": ["c.py"],
        "filesNotListed": 7,
        "commit": "c0ffee",
        "evidence": "verified",
        "error": None,
    }
    assert (two["status"], two["error"]["message"]) == ("failed", lost.message)
    assert len(two["error"]["context"]) == 2000
    assert two["error"]["context"].endswith("the end")
    assert two["error"]["recoveryHints"] == ["look at it"]
    assert (three["status"], three["startedAt"], three["duration"]) == ("skipped", None, None)
    assert (four["status"], four["completedAt"]) == ("pending", None)


def test_what_cannot_be_said_in_utf_8_is_told_all_the_same(tmp_path: Path) -> None:
    prd = prd_with(A=Memory(reason="\ud800", files=("a\n\ud800",)))
    assert written(tmp_path, prd)["stories"][0]["filesModified"] == ["a\n\ud800"]


def test_it_is_written_once_for_all_that_is_decided_together(tmp_path: Path) -> None:
    log = ImplementationLog(tmp_path / "log.json", {})
    prd = prd_with(A=Memory())
    log.write_if_stale(prd, now=WHEN)  # it begins
    first = (tmp_path / "log.json").stat().st_ino
    log.hear([(BEGUN, WHEN)])
    log.write_if_stale(prd, now=WHEN)
    assert (tmp_path / "log.json").stat().st_ino == first
    log.hear([(DONE, WHEN + 5), (StoryGivenUp(story_id="B", reason="no"), WHEN + 5)])
    log.write_if_stale(prd_with(A=Memory(state=StoryState.DONE)), now=WHEN + 5)
    (told,) = read(tmp_path)["stories"]
    assert (told["status"], told["duration"]) == ("completed", 5.0)
    assert read(tmp_path)["status"] == "in_progress"


def test_a_story_that_is_begun_anew_has_no_end_and_another_beginning(tmp_path: Path) -> None:
    log = ImplementationLog(tmp_path / "log.json", {})
    reset = StoryReset(story_id="A")
    log.hear([(BEGUN, WHEN), (DONE, WHEN + 1), (reset, WHEN + 2), (BEGUN, WHEN + 3)])
    log.write_if_stale(prd_with(A=Memory()), now=WHEN + 3)
    (told,) = read(tmp_path)["stories"]
    assert (told["startedAt"], told["completedAt"]) == (moment(WHEN + 3), None)


def test_a_story_that_is_retried_is_no_longer_said_to_have_failed(tmp_path: Path) -> None:
    log = ImplementationLog(tmp_path / "log.json", {})
    log.hear([(BEGUN, WHEN), (StoryGivenUp(story_id="A", reason="no"), WHEN + 1)])
    log.write_if_stale(prd_with(A=Memory(state=StoryState.FAILED)), now=WHEN + 1)
    log.hear([(StoryReset(story_id="A"), WHEN + 2)])
    log.write_if_stale(prd_with(A=Memory()), now=WHEN + 2)
    (told,) = read(tmp_path)["stories"]
    assert (told["status"], told["completedAt"]) == ("pending", None)


def test_what_cannot_be_written_is_written_the_next_time(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    log = ImplementationLog(folder / "log.json", {})
    log.write_if_stale(prd_with(A=Memory()), now=WHEN)
    folder.mkdir()
    log.write_if_stale(prd_with(A=Memory()), now=WHEN)
    assert read(folder)["stories"]


def test_a_write_that_fails_leaves_the_log_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prd = prd_with(A=Memory())
    before = written(tmp_path, prd)

    def power_cut(self: Path, target: Path) -> Path:
        raise OSError(f"{self} does not become {target}")

    monkeypatch.setattr(Path, "replace", power_cut)
    ImplementationLog(tmp_path / "log.json", {}).write_end(prd_with(A=Memory(attempt=9)), now=WHEN)
    assert read(tmp_path) == before


def test_the_lifespans_of_stories_outlive_the_journal_s_snapshot() -> None:
    told = ((BEGUN, WHEN), (DONE, WHEN + 5), (WorktreeGivenUp(story_id="A", slot=1), WHEN + 9))
    known = recall(Stored(payload=None, records=told))
    again = recall(Stored(payload=json.loads(json.dumps(payload_of(known))), records=()))
    assert again.lifespans == known.lifespans == {"A": Lifespan(began=WHEN, decided=WHEN + 5)}


def test_the_lines_of_stories_that_have_not_changed_are_not_made_anew(tmp_path: Path) -> None:
    names = [f"S{number}" for number in range(2000)]
    prd = prd_with(**{name: Memory(files=("x" * 50,) * 20) for name in names})
    log = ImplementationLog(tmp_path / "log.json", {})
    log.write_if_stale(prd, now=WHEN)
    lines = dict(log._lines)
    log.hear([(replace(DONE, story_id="S7"), WHEN)])
    story = prd.stories[7]
    memory = replace(story.memory, state=StoryState.DONE)
    log.write_if_stale(prd.with_story(replace(story, memory=memory)), now=WHEN)
    changed = [name for name in names if log._lines[name] is not lines[name]]
    assert changed == ["S7"]
    assert read(tmp_path)["stories"][7]["status"] == "completed"
