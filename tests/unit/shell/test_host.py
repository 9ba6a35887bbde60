from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import assert_never

import pytest
from msgspec import Struct

from prd_supervise.policies.supervising.spec import (
    ChildKind,
    ChildSpec,
    ExitClass,
    ExitReason,
    Restart,
)
from prd_supervise.supervisor.core.common import StorageChanged
from prd_supervise.supervisor.core.otp.commands import AskToStop, Kill, SetAlarm, Spawn, Terminate
from prd_supervise.supervisor.core.otp.events import Alarm, AlarmWentOff, ChildExited
from prd_supervise.supervisor.shell import host as module
from prd_supervise.supervisor.shell.host import Host, SpawnRefusedError, StorageFailedError
from prd_supervise.supervisor.shell.storage.store import Store, read
from prd_supervise.workers.messages.common import Ready
from prd_supervise.workers.process.eventloop import EventLoop
from tests.unit.shell.store_words import KINDS, Counted, broken_disk, full_disk, lying_disk

SPEC = ChildSpec(child_id="c", kind=ChildKind.STORY, restart=Restart.TRANSIENT)


class Told(Struct, frozen=True, kw_only=True):
    """An event with what the core answers to it."""

    commands: tuple[object, ...]


class Act(Struct, frozen=True, kw_only=True):
    """An effect of the owner's; `starts` must wait for the disk."""

    name: str
    starts: bool = False


class Stage:
    """A host over a real store, with a core that answers as it is told and notes what it hears."""

    def __init__(self, loop: EventLoop, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder, KINDS)
        self.done: list[str] = []
        self.heard: list[object] = []
        self.durable_at: dict[str, int] = {}
        self.refusal: Exception | None = None
        self.host: Host[int, object, object] = Host(
            0,
            self._step,
            loop=loop,
            store=self.store,
            spawn=self._spawn,
            perform=self._perform,
            record_of=lambda command: command if isinstance(command, Counted) else None,
            must_wait=lambda command: isinstance(command, Act) and command.starts,
            on_message=lambda *_: None,
            words=(),
        )

    def _step(self, state: int, event: object, _now_s: float) -> tuple[int, list[object]]:
        if isinstance(event, Told):
            return state + 1, list(event.commands)
        self.heard.append(event)
        return state, []

    def _spawn(self, _effect: Spawn) -> None:
        if self.refusal is not None:
            raise self.refusal

    def _perform(self, command: object) -> None:
        match command:
            case Act():
                self.done.append(command.name)
                self.durable_at[command.name] = len(read(self.folder, KINDS).records)
            case Spawn() | AskToStop() | Terminate() | Kill() | SetAlarm():
                self.host.perform(command)
            case _:
                assert_never(command)  # type: ignore[arg-type]

    def tell(self, *commands: object) -> None:
        """Post an event that the core answers with these, and serve it."""
        self.host.post(Told(commands=commands))
        self.host.turn()


@pytest.fixture
def stage(loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(module, "RETRY_STORAGE_S", 0.005)
    made = Stage(loop, tmp_path / "state")
    yield made
    made.store.close()


def test_a_record_is_durable_before_any_effect_of_its_turn(stage: Stage) -> None:
    stage.tell(Act(name="first", starts=True), Counted(number=1), Act(name="second"))
    assert stage.done == ["first", "second"]
    assert stage.durable_at == {"first": 1, "second": 1}


def test_events_of_one_turn_share_one_flush(stage: Stage) -> None:
    for number in (1, 2):
        stage.host.post(Told(commands=(Counted(number=number), Act(name=str(number)))))
    stage.host.turn()
    assert stage.durable_at == {"1": 2, "2": 2}
    assert stage.host.state == 2


def test_on_a_full_disk_what_starts_something_waits_and_the_rest_passes(stage: Stage) -> None:
    with full_disk(stage.store):
        stage.tell(
            Counted(number=1), Act(name="start", starts=True), Act(name="stop"), Act(name="kill")
        )
        assert stage.done == ["stop", "kill"]
        assert stage.heard == [StorageChanged(is_full=True)]
        stage.tell(Act(name="later", starts=True), Counted(number=2))
        for _ in range(3):
            stage.host.run_once()
        assert stage.done == ["stop", "kill"]
        assert stage.heard == [StorageChanged(is_full=True)], "it is told once"


def test_what_was_held_back_is_done_when_there_is_room_again(stage: Stage) -> None:
    with full_disk(stage.store):
        stage.tell(Counted(number=1), Act(name="one", starts=True))
        stage.tell(Counted(number=2), Act(name="two", starts=True))
    while stage.store.is_behind:
        stage.host.run_once()
    assert stage.done == ["one", "two"]
    assert stage.durable_at == {"one": 2, "two": 2}
    assert stage.heard == [StorageChanged(is_full=True), StorageChanged(is_full=False)]
    stage.tell(Counted(number=3), Act(name="three", starts=True))
    assert stage.done == ["one", "two", "three"]


def test_what_was_held_back_goes_first_when_a_later_turn_finds_room(stage: Stage) -> None:
    with full_disk(stage.store):
        stage.tell(Counted(number=1), Act(name="held", starts=True))
    stage.tell(Counted(number=2), Act(name="next", starts=True))
    assert stage.done == ["held", "next"]
    assert stage.heard == [StorageChanged(is_full=True), StorageChanged(is_full=False)]


def test_a_disk_that_fills_up_twice_is_told_of_twice(stage: Stage) -> None:
    for number in (1, 2):
        with full_disk(stage.store):
            stage.tell(Counted(number=number))
        while stage.store.is_behind:
            stage.host.run_once()
    assert stage.heard == [StorageChanged(is_full=full) for full in (True, False) * 2]


@pytest.mark.parametrize("disk", [broken_disk, lying_disk])
def test_an_error_of_the_disk_that_is_not_room_ends_the_process_and_nothing_else_is_done(
    disk: Callable[[Store], AbstractContextManager[None]], stage: Stage
) -> None:
    with disk(stage.store):
        with pytest.raises(StorageFailedError, match="the journal cannot be written: "):
            stage.tell(Counted(number=1), Act(name="start", starts=True), Act(name="say"))
        assert stage.done == []


@pytest.mark.parametrize(
    ("refusal", "detail"),
    [
        (OSError(24, "No file"), "it could not be started: No file; raise `ulimit -n`"),
        (OSError(5, "No disk"), "it could not be started: No disk"),
        (SpawnRefusedError("an earlier one lives"), "an earlier one lives"),
    ],
)
def test_a_child_that_cannot_be_started_has_exited(
    refusal: Exception, detail: str, stage: Stage
) -> None:
    stage.refusal = refusal
    stage.tell(Spawn(spec=SPEC, incarnation=3))
    reason = ExitReason(exit_class=ExitClass.ABNORMAL, detail=detail)
    assert stage.heard == [ChildExited(child_id="c", incarnation=3, reason=reason)]


def test_an_alarm_comes_back_with_its_child_and_incarnation(stage: Stage) -> None:
    at_s = stage.host.loop.now_s() - 1
    stage.tell(SetAlarm(child_id="c", incarnation=2, alarm=Alarm.KILL_DUE, at_s=at_s))
    stage.host.run_once()
    assert stage.heard == [AlarmWentOff(child_id="c", incarnation=2, alarm=Alarm.KILL_DUE)]


def test_a_signal_for_a_child_that_is_gone_is_no_error(stage: Stage) -> None:
    stage.tell(Kill(child_id="c", incarnation=1), Terminate(child_id="c", incarnation=1))
    assert stage.heard == []


def test_the_core_hears_nothing_of_a_child_that_is_not_its_own(stage: Stage) -> None:
    heard: list[object] = []

    class Owner:
        def hear(self, message: object) -> None:
            heard.append(message)

        def gone(self, reason: ExitReason) -> None:
            heard.append(reason)

    stage.host.outsiders["/x"] = Owner()
    reason = ExitReason(exit_class=ExitClass.NORMAL, detail="ended")
    stage.host._on_message("/x", 1, Ready(pid=1, start_ticks=1))
    stage.host._on_message("/x", 1, "a word")
    stage.host._on_kill("/x", 1)
    stage.host._on_exit("/x", 1, reason)
    stage.host.turn()
    assert heard == ["a word", reason]
    assert stage.heard == []
