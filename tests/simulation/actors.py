"""The workers of a simulated tree: real children in all but what they work on."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Mapping
from typing import Any

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.supervising.shutdown import (
    AGENT_ASKED,
    AGENT_KILLED,
    WORKER_ENDED,
    Deadline,
)
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.model import Plan
from prd_supervise.workers.messages import git as git_words
from prd_supervise.workers.messages import story as story_words
from prd_supervise.workers.messages.common import Stop
from prd_supervise.workers.messages.git import GitAnswer, GitRequest, Prepared
from prd_supervise.workers.messages.landing import Landed, RolledBack
from prd_supervise.workers.messages.story import (
    AgentEnded,
    AgentStarted,
    Assign,
    EndAgent,
    Finish,
    LimitCpu,
    RunAgent,
    RunVerify,
)
from prd_supervise.workers.messages.train import PublishTrain, TrainAssembled, TrainPublished
from prd_supervise.workers.messages.worktrees import NoWorktree
from prd_supervise.workers.process import descendants, entry
from tests.simulation.accounts import Accounts, Vendors
from tests.simulation.kernel import Kernel
from tests.simulation.things import End, Open, Proc
from tests.support.prd_nature import (
    Repository,
    Script,
    end_of_agent,
    heads_in,
    is_red_tree,
    serve,
    verified,
)

AGENT_S = 2.0
VERIFY_S = 0.5
GIT_S = 0.2
STRAYS_DIE_S = 2.0
UNHEARD_S = 1.0  # that another PRD was rolled back


class Nature:
    """What outlives every process: repositories, and how well agents work."""

    def __init__(self, kernel: Kernel, plans: Mapping[str, Plan]) -> None:
        self.kernel = kernel
        self.plans = plans
        self.chance: random.Random = kernel.chance
        self.repositories: dict[str, Repository] = {}
        self.scripts: dict[str, Script] = {}
        self.locks: dict[str, Open] = {}
        self.stopped_at_s: float | None = None  # root was asked to stop, and nothing delays it
        self.starts = 0
        self.merged_s = VERIFY_S
        self.into = "main"  # where the branch stands that completed PRDs go into
        self.landings: list[tuple[str, str]] = []  # of PRDs: where their branches stood
        self.undone: dict[str, float] = {}  # when stories were rolled back last, as PRD/STORY
        self.grounds: dict[tuple[str, ...], str] = {}  # what attempts began on
        self.accounts: Vendors = Accounts(kernel)
        self.agent_s = AGENT_S  # at most
        self.seen: Counter[str] = Counter()  # how the work came together

    def move_branch(self, prd_id: str) -> None:
        """Let somebody else commit to a PRD's branch."""
        here = self.repositories[prd_id]
        moved = f"{here.tip}'"
        self.repositories[prd_id] = replace(here, tip=moved, past=(*here.past, moved))

    def move_base(self) -> None:
        """Let somebody else commit to the branch that PRDs go into."""
        self.into = f"{self.into}'"

    def has_room(self, prd_id: str, worktrees: int) -> None:
        """Let there be room for so many worktrees of a PRD, and none be left of before."""
        here = self.repositories[prd_id]
        self.repositories[prd_id] = replace(here, room=worktrees, slots=())

    def serve(self, prd_id: str, request: GitRequest) -> GitAnswer:
        """Carry out a request at once; what it did is noted."""
        here = replace(self.repositories[prd_id], into=self.into)
        done, answer = serve(here, request, self.scripts[prd_id])
        if isinstance(answer, RolledBack):
            undone = {f"{prd_id}/{each}": self.kernel.now_s for each, _ in here.merged}
            self.undone |= undone
        if done.into != self.into:
            self.landings.append((prd_id, here.tip))
        self.repositories[prd_id], self.into = done, done.into
        match answer:
            case Prepared():
                self.grounds[prd_id, answer.story_id, str(answer.attempt)] = answer.base
                self.seen["speculated"] += answer.base not in done.past
            case TrainAssembled():
                self.seen["conflicts"] += sum(bool(each.conflicts) for each in answer.cars)
            case TrainPublished() if done.tip != here.tip and isinstance(request, PublishTrain):
                self.seen[f"trains of {len(request.stories)}"] += 1
            case TrainPublished():
                self.seen["publications in vain"] += 1
            case NoWorktree() | Landed() | RolledBack():
                self.seen[type(answer).__name__] += 1
        return answer

    def sleep(self, for_s: float) -> None:
        """Let the process that runs now sleep."""
        self.kernel.call()
        self.kernel.wait(lambda: False, for_s)


class Worker:
    """A story worker: an agent is a process that ends by itself, verifying is a timer."""

    def __init__(self, nature: Nature, process: entry.ChildProcess, door: int) -> None:
        self._nature = nature
        self._process = process
        self._door = door
        self._lock: Open | None = None
        self._assign: Assign | None = None
        self._agent: Proc | None = None
        self._name = ""  # the agent's
        self._verifying: dict[str, RunVerify] = {}
        self._why: OutcomeKind | None = None
        process.on_message = self._on_message

    def _on_message(self, message: object) -> None:
        match message:
            case Assign():
                self._take_lock()
                self._assign = message
                self._process.start_beating()
            case RunAgent():
                self._run_agent(message.agent.name)
            case RunVerify():
                self._verifying[message.stage] = message
                took_s = self._nature.merged_s if message.stage == "merged" else VERIFY_S
                self._later(took_s, lambda: self._verified(message, is_interrupted=False))
            case EndAgent():
                self._end_agent(signal.SIGKILL, message.kind)
            case LimitCpu():
                pass
            case Finish():
                self._process.end(0)
            case Stop():
                self._stop(Deadline(at_s=message.deadline_s, grace_s=message.grace_s))
            case _:
                raise AssertionError(f"a story worker was told {message!r}")

    def _later(self, longest_s: float, callback: Any) -> None:  # noqa: ANN401  a callback
        loop = self._process.loop
        loop.call_at(loop.now_s() + self._nature.chance.random() * longest_s, callback)

    def _take_lock(self) -> None:
        kernel = self._nature.kernel
        proc = kernel.running()
        end = proc.fds[self._door]
        assert isinstance(end, End)
        assert end.lock is not None, "a story worker was given a story before its lock"
        self._lock, end.lock = end.lock, None
        proc.fds[-2] = self._lock  # the hold goes over from the door to us

    @property
    def _told(self) -> Assign:
        assert self._assign is not None, "a story worker was given work before a story"
        return self._assign

    def _run_agent(self, name: str) -> None:
        nature, told = self._nature, self._told
        kernel, ours = nature.kernel, nature.kernel.call()
        about = (told.prd_id, told.story_id, str(told.attempt))
        nature.accounts.begins(name, about)
        self._name = name
        check_start(nature, about)
        assert self._lock is not None
        agent = kernel.start("agent", ours.pid, None, about, {-2: self._lock})
        agent.session, agent.death_signal = agent.pid, signal.SIGKILL
        agent.ignores_term = nature.chance.random() < 0.3
        if nature.chance.random() < 0.3:
            stray = kernel.start("stray", agent.pid, None, about, {-2: self._lock})
            stray.session, stray.ignores_term = stray.pid, True
        self._agent = agent
        outcome = end_of_agent(nature.scripts[told.prd_id], told.story_id, told.attempt)
        status = 0 if outcome.kind is OutcomeKind.NORMAL else 1 << 8
        kernel.at(kernel.soon(nature.agent_s), lambda: _end_by_itself(kernel, agent, status))
        started = AgentStarted(attempt=told.attempt, pid=agent.pid, start_ticks=agent.start_ticks)
        self._process.say(started)
        if nature.accounts.has_news:
            self._later(nature.agent_s, lambda: self._tell_news(agent, about))
        fd = descendants.pidfd_of(agent.pid)
        if fd is None:
            self._look_again(agent, outcome)
        else:
            self._process.loop.watch(fd, lambda: self._on_agent_end(agent, outcome, fd))

    def _tell_news(self, agent: Proc, about: tuple[str, ...]) -> None:
        news = self._nature.accounts.news_of(self._name, about) if agent.is_alive else None
        if news is not None:
            self._process.say(news)

    def _look_again(self, agent: Proc, outcome: Outcome) -> None:
        if agent.is_alive:
            self._later(0.1, lambda: self._look_again(agent, outcome))
        else:
            self._on_agent_end(agent, outcome, None)

    def _on_agent_end(self, agent: Proc, outcome: Outcome, fd: int | None) -> None:
        loop = self._process.loop
        if fd is not None:
            loop.unwatch(fd)
            self._nature.kernel.close(self._nature.kernel.running(), fd)
        self._agent = None
        kind = self._why or (outcome.kind if agent.status in {0, 1 << 8} else OutcomeKind.CRASHED)
        descendants.sweep(loop.now_s() + STRAYS_DIE_S)
        ended = Outcome(kind=kind, detail=kind.value, duration_s=1.0)
        if self._why is None and kind is not OutcomeKind.CRASHED:
            told = self._told
            about = (told.prd_id, told.story_id, str(told.attempt))
            ended = self._nature.accounts.end_of(self._name, about, ended)
        self._process.say(AgentEnded(attempt=self._told.attempt, outcome=ended))

    def _verified(self, order: RunVerify, *, is_interrupted: bool) -> None:
        if self._verifying.get(order.stage) is not order:
            return
        del self._verifying[order.stage]
        told = self._told
        script = self._nature.scripts[told.prd_id]
        self._process.say(
            verified(script, told.story_id, told.attempt, order, interrupted=is_interrupted)
        )

    def _stop(self, deadline: Deadline) -> None:
        for order in tuple(self._verifying.values()):
            self._verified(order, is_interrupted=True)
        loop = self._process.loop
        loop.call_at(deadline.before(AGENT_ASKED), lambda: self._end_agent(signal.SIGTERM))
        loop.call_at(deadline.before(AGENT_KILLED), lambda: self._end_agent(signal.SIGKILL))
        loop.call_at(deadline.before(WORKER_ENDED), lambda: self._process.end(0))

    def _end_agent(self, number: int, why: OutcomeKind = OutcomeKind.INTERRUPTED) -> None:
        if self._agent is not None and self._agent.is_alive:
            self._why = self._why or why
            self._nature.kernel.kill(self._agent, number)


def _end_by_itself(kernel: Kernel, agent: Proc, status: int) -> None:
    """End when the work is done; one that is stopped has not done it yet."""
    if agent.is_stopped:
        kernel.at(kernel.now_s + 0.5, lambda: _end_by_itself(kernel, agent, status))
    elif agent.is_alive:
        kernel.exit(agent, status)


def check_start(nature: Nature, about: tuple[str, ...]) -> None:
    """At most one live attempt of a story; and none begins long after a stop."""
    kernel = nature.kernel
    for proc in kernel.procs.values():
        if proc.is_alive and proc.role in {"agent", "stray"} and proc.about[:2] == about[:2]:
            raise AssertionError(f"{about} starts while {proc.role} {proc.about} lives")
    check_order(nature, about)
    since_s = nature.stopped_at_s
    assert since_s is None or kernel.now_s < since_s + 1.0, f"{about} starts after a stop"
    nature.starts += 1


def check_order(nature: Nature, about: tuple[str, ...]) -> None:
    """What a story needs is merged, or in what it starts from; who excludes it is not at work."""
    prd_id, story_id = about[:2]
    stories = {each.story_id: each for each in nature.plans[prd_id].stories}
    ours = stories[story_id]
    merged = {
        f"{name}/{each}" for name, kept in nature.repositories.items() for each, _ in kept.merged
    }
    ground = {head.partition("@")[0] for head in heads_in(nature.grounds[about])}
    merged |= {f"{prd_id}/{each}" for each in ground}
    # Those that begin in the same moment have not heard of it.
    now_s = nature.kernel.now_s
    merged |= {need for need, at_s in nature.undone.items() if at_s > now_s - UNHEARD_S}
    wanted = {*ours.needs, *(f"{prd_id}/{each}" for each in ours.depends_on)}
    assert wanted <= merged, f"{prd_id}/{story_id} starts before {wanted - merged}"
    for proc in nature.kernel.procs.values():
        if not (proc.is_alive and proc.role == "agent"):
            continue
        plan = nature.plans[proc.about[0]]
        other = next(each for each in plan.stories if each.story_id == proc.about[1])
        names = {*ours.mutex} & {*other.mutex}
        assert not names, f"{prd_id}/{story_id} starts while {proc.about} holds {names}"
        if proc.about[0] != prd_id:
            continue
        is_ordered = story_id in other.after or other.story_id in ours.after
        assert not is_ordered, f"{story_id} starts beside {proc.about}"


def story(nature: Nature, connection: Any, door: Any, *rest: Any) -> None:  # noqa: ANN401
    """Be a story worker."""
    parent_pid, title, crash_log = rest[:3]
    process = entry.ChildProcess(title, connection, parent_pid, crash_log, story_words)
    Worker(nature, process, door.number)
    process.say_ready()
    process.run()


def integrator(nature: Nature, connection: Any, *rest: Any) -> None:  # noqa: ANN401
    """Be an integrator: each request takes a while, and is done at one moment of it."""
    parent_pid, title, places, _, crash_log = rest[:5]
    prd_id = places[2]
    process = entry.ChildProcess(title, connection, parent_pid, crash_log, git_words)
    chance = nature.chance

    def on_message(message: Any) -> None:  # noqa: ANN401  a request
        if isinstance(message, Stop):
            process.end(0)
        nature.sleep(chance.random() * GIT_S)
        if isinstance(message, PublishTrain):
            heads = [head.split("@") for head in heads_in(message.commit)]
            script = nature.scripts[prd_id]
            is_red = any((name, int(number), "merged") in script.reds for name, number in heads)
            is_red = is_red or is_red_tree(script, message.commit)
            assert not is_red, f"a red merge becomes visible: {message}"
        answer = nature.serve(prd_id, message)
        nature.sleep(chance.random() * GIT_S / 4)
        process.say(answer)

    process.on_message = on_message
    process.say_ready()
    process.start_beating()
    process.run()
