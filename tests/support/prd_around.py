"""What surrounds a PRD's core in virtual time: who lives, who says what next, what is written."""

from __future__ import annotations

from typing import assert_never

from msgspec import Struct, field

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.supervising.shutdown import WORKER_ENDED
from prd_supervise.policies.supervising.spec import ExitClass, ExitReason
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.commands import AskToStop, Kill, SetAlarm, Spawn, Terminate
from prd_supervise.supervisor.core.otp.events import AlarmWentOff, ChildExited, ChildReady
from prd_supervise.supervisor.core.prd.landing.landing_state import LANDER
from prd_supervise.supervisor.core.prd.records import Record, StoryReset
from prd_supervise.supervisor.core.prd.state import GIT, story_of, worker_of
from prd_supervise.supervisor.core.prd.words import (
    AskGit,
    AssignLander,
    AssignWorker,
    End,
    FinishWorker,
    LeaseArrived,
    OrderLander,
    PrdCommand,
    PrdEvent,
    Say,
    StartAgent,
    StartReview,
    StartVerify,
    TellWorker,
    WakeAt,
    Woken,
    WorkerSaid,
    Write,
)
from prd_supervise.workers.messages.git import GitRequest
from prd_supervise.workers.messages.prd import LeaseReturned, LeaseWanted, PrdWord
from prd_supervise.workers.messages.story import (
    AgentEnded,
    AgentNews,
    AgentStarted,
    EndAgent,
    Finish,
    LimitCpu,
    RunVerify,
    Verified,
    WorkerAnswer,
)
from tests.support.prd_nature import Repository, Script, end_of_agent, end_of_review, verified

ROOT = "root"
ENDED = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="ended")
Item = PrdEvent | GitRequest


class Process(Struct, frozen=True, kw_only=True):
    """A living child, and what it is at."""

    child_id: str
    incarnation: int
    attempt: int = 0  # of the story that it was assigned; 0: none yet
    has_agent: bool = False
    verifies: tuple[str, ...] = ()


class Around(Struct, frozen=True, kw_only=True):
    """Everything but the core."""

    script: Script = field(default_factory=Script)
    processes: tuple[Process, ...] = ()
    pending: tuple[tuple[str, Item], ...] = ()  # who says what next
    timers: tuple[tuple[float, PrdEvent], ...] = ()
    repository: Repository = field(default_factory=Repository)
    leases: frozenset[str] = frozenset()  # asked for or held, as root sees it
    grants: bool = True  # root gives a lease to whoever asks
    records: tuple[Record, ...] = ()
    words: tuple[PrdWord, ...] = ()
    exit_code: int | None = None

    def __eq__(self, other: object) -> bool:
        """What was said and recorded on the way is no part of where one is."""
        return isinstance(other, Around) and self._here() == other._here()

    def __hash__(self) -> int:
        return hash(self._here())

    def _here(self) -> tuple[object, ...]:
        return (
            *(self.processes, self.pending, self.timers, self.repository),
            *(self.leases, self.grants, self.exit_code),
        )

    def process(self, child_id: str) -> Process | None:
        """The living child of this name."""
        return next((each for each in self.processes if each.child_id == child_id), None)


def do(world: Around, command: PrdCommand) -> Around:  # noqa: C901, PLR0911, PLR0912  a case a command
    """Do what the core wants."""
    match command:
        case Write():
            return _written(replace(world, records=(*world.records, command.record)))
        case Say():
            return _told(world, command.word)
        case AskGit():
            return _next(world, GIT, command.request) if world.process(GIT) else world
        case Spawn():
            return _spawn(world, command)
        case AssignLander() | OrderLander():
            process = world.process(LANDER)
            return world if process is None else _order_lander(world, process, command)
        case AssignWorker() | StartAgent() | StartReview() | StartVerify() | FinishWorker():
            process = world.process(worker_of(command.story_id))
            return world if process is None else _order(world, process, command)
        case AskToStop():
            process = world.process(command.child_id)
            return world if process is None else _ask_to_stop(world, process, command)
        case Terminate() | Kill():
            process = world.process(command.child_id)
            if process is None:
                return world
            return _exits(_silent(world, process.child_id), process)
        case TellWorker():
            process = world.process(worker_of(command.story_id))
            return world if process is None else _tell(world, process, command.order)
        case SetAlarm():
            event = AlarmWentOff(
                child_id=command.child_id, incarnation=command.incarnation, alarm=command.alarm
            )
            return _timer(world, command.at_s, event)
        case WakeAt():
            return _timer(world, command.at_s, Woken())
        case End():
            return replace(world, exit_code=command.exit_code, processes=(), pending=())
        case _:
            assert_never(command)


def _written(world: Around) -> Around:
    record, repository = world.records[-1], world.repository
    if not isinstance(record, StoryReset) or not record.superseded:
        return world
    superseded = repository.superseded | {record.superseded}
    return replace(world, repository=replace(repository, superseded=superseded))


def _next(world: Around, sender: str, item: Item) -> Around:
    return replace(world, pending=(*world.pending, (sender, item)))


def _timer(world: Around, at_s: float, event: PrdEvent) -> Around:
    return replace(world, timers=(*world.timers, (at_s, event)))


def _silent(world: Around, child_id: str) -> Around:
    pending = tuple(each for each in world.pending if each[0] != child_id)
    return replace(world, pending=pending)


def gone(world: Around, child_id: str) -> Around:
    """Take a dead child out of the world, with what it had not said yet."""
    left = tuple(each for each in world.processes if each.child_id != child_id)
    return replace(_silent(world, child_id), processes=left)


def _is(world: Around, process: Process) -> Around:
    processes = tuple(
        process if each.child_id == process.child_id else each for each in world.processes
    )
    return replace(world, processes=processes)


def _told(world: Around, word: PrdWord) -> Around:
    told = replace(world, words=(*world.words, word))
    if isinstance(word, LeaseWanted):
        assert word.lease not in world.leases, f"{word.lease} is asked for twice"
        told = replace(told, leases=told.leases | {word.lease})
        return _next(told, ROOT, LeaseArrived(lease=word.lease)) if world.grants else told
    if isinstance(word, LeaseReturned):
        return replace(told, leases=told.leases - {word.lease})
    return told


def _spawn(world: Around, command: Spawn) -> Around:
    child_id = command.spec.child_id
    assert world.process(child_id) is None, f"{child_id} lives already"
    born = Process(child_id=child_id, incarnation=command.incarnation)
    ready = ChildReady(child_id=child_id, incarnation=command.incarnation)
    return _next(replace(world, processes=(*world.processes, born)), child_id, ready)


def _exits(world: Around, process: Process) -> Around:
    exited = ChildExited(child_id=process.child_id, incarnation=process.incarnation, reason=ENDED)
    if (process.child_id, exited) in world.pending:
        return world
    return _next(world, process.child_id, exited)


def _order(
    world: Around,
    process: Process,
    command: AssignWorker | StartAgent | StartReview | StartVerify | FinishWorker,
) -> Around:
    story_id, attempt = command.story_id, process.attempt
    if isinstance(command, AssignWorker):
        return _is(world, replace(process, attempt=command.attempt))
    if isinstance(command, FinishWorker):
        return _exits(_silent(world, process.child_id), process)
    assert attempt, f"the worker of {story_id} has work before a story"
    if isinstance(command, StartAgent):
        world = _is(world, replace(process, has_agent=True))
        began = AgentStarted(attempt=attempt, pid=1, start_ticks=1)
        ended = AgentEnded(attempt=attempt, outcome=end_of_agent(world.script, story_id, attempt))
        return _says(_says(world, process, began), process, ended)
    if isinstance(command, StartReview):
        world = _is(world, replace(process, has_agent=True))
        began = AgentStarted(attempt=attempt, pid=1, start_ticks=1)
        return _says(_says(world, process, began), process, end_of_review(world.script, command))
    stage = command.order.stage
    assert stage not in process.verifies, f"{stage} of {story_id} is verified twice at once"
    world = _is(world, replace(process, verifies=(*process.verifies, stage)))
    return _says(world, process, verified(world.script, story_id, attempt, command.order))


def _order_lander(world: Around, process: Process, command: AssignLander | OrderLander) -> Around:
    if isinstance(command, AssignLander):
        return _is(world, replace(process, attempt=command.attempt))
    if not isinstance(command.order, RunVerify):
        is_heard = isinstance(command.order, LimitCpu | Finish)  # a stop follows
        return world if is_heard else _fail(world, process)
    assert process.attempt, "the worker of a landing has work before it knows where"
    stage = command.order.stage
    assert stage not in process.verifies, f"{stage} is run twice at once"
    world = _is(world, replace(process, verifies=(*process.verifies, stage)))
    return _says(world, process, verified(world.script, LANDER, 1, command.order))


def _fail(world: Around, process: Process) -> Around:
    """What it runs is ended: it has failed."""
    pending = tuple(
        (who, _red(item) if who == process.child_id else item) for who, item in world.pending
    )
    return replace(world, pending=pending)


def _red(item: Item) -> Item:
    if not isinstance(item, WorkerSaid) or not isinstance(item.answer, Verified):
        return item
    runs = tuple(replace(each, exit_code=-15) for each in item.answer.run.commands)
    run = replace(item.answer.run, commands=runs)
    return replace(item, answer=replace(item.answer, run=run, tail="ended"))


def _tell(world: Around, process: Process, order: EndAgent | LimitCpu) -> Around:
    if isinstance(order, LimitCpu):
        return world
    pending = tuple(
        (who, _ended(item, order) if who == process.child_id else item)
        for who, item in world.pending
    )
    return replace(world, pending=pending)


def _ended(item: Item, order: EndAgent) -> Item:
    if not isinstance(item, WorkerSaid) or not isinstance(item.answer, AgentEnded):
        return item
    outcome = Outcome(kind=order.kind, detail=order.detail)
    return replace(item, answer=replace(item.answer, outcome=outcome))


def _says(world: Around, process: Process, answer: WorkerAnswer) -> Around:
    said = WorkerSaid(
        story_id=story_of(process.child_id), incarnation=process.incarnation, answer=answer
    )
    return _next(world, process.child_id, said)


def has_said(world: Around, child_id: str, item: Item) -> Around:
    """Note what a worker is no longer at, now that it has said so."""
    process = world.process(child_id)
    if process is None or not isinstance(item, WorkerSaid):
        return world
    if isinstance(item.answer, AgentEnded):
        return _is(world, replace(process, has_agent=False))
    if isinstance(item.answer, Verified):
        left = tuple(each for each in process.verifies if each != item.answer.stage)
        return _is(world, replace(process, verifies=left))
    return world


def _ask_to_stop(world: Around, process: Process, command: AskToStop) -> Around:
    if process.child_id == GIT:  # it serves what it was asked before
        return _exits(world, process)
    exited = ChildExited(child_id=process.child_id, incarnation=process.incarnation, reason=ENDED)
    world = _timer(world, command.deadline.before(WORKER_ENDED), exited)
    pending = tuple(
        (who, _interrupted(item) if who == process.child_id else item)
        for who, item in world.pending
    )
    return replace(world, pending=pending)


def _interrupted(item: Item) -> Item:
    """What a worker that is asked to stop says instead."""
    if not isinstance(item, WorkerSaid):
        return item
    match item.answer:
        case AgentStarted() | AgentNews():
            return item
        case AgentEnded():
            outcome = Outcome(kind=OutcomeKind.INTERRUPTED, detail="interrupted")
            return replace(item, answer=replace(item.answer, outcome=outcome))
        case Verified():
            run = replace(item.answer.run, interrupted=True)
            return replace(item, answer=replace(item.answer, run=run))
        case _:
            assert_never(item.answer)
