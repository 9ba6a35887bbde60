"""The story worker: it runs the agent and the verify commands of one attempt."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from pathlib import Path

from ..policies.outcomes.outcome import Outcome, OutcomeKind, VerifyRun
from ..policies.supervising.shutdown import AGENT_ASKED, AGENT_KILLED, WORKER_ENDED, Deadline
from ..policies.values import replace
from .agents.base import UnknownAgentError
from .attempt.at_work import PROMPT_NAME, AgentAtWork, Bench, write_private
from .attempt.temporary import REMOVAL_S_MAX, remove_tree
from .jobs.environment import agent_environment, story_variables
from .jobs.job import Job
from .jobs.running import Surroundings
from .jobs.throttle import Throttle
from .messages import story as words
from .messages.common import Stop
from .messages.story import (
    AgentEnded,
    AgentStarted,
    Assign,
    EndAgent,
    Finish,
    LimitCpu,
    RunAgent,
    RunVerify,
    Verified,
)
from .process.descendants import start_ticks
from .process.entry import ChildProcess
from .process.lock_handover import take
from .process.shortage import passes
from .secrecy.hiding import Hiding
from .verify import Verification, environment_of


def main(
    connection: Connection, door: Connection, parent_pid: int, title: str, crash_log: str
) -> None:
    """Be a story worker; the lock of its story comes through the door before the story itself."""
    process = ChildProcess(title, connection, parent_pid, crash_log, words)
    StoryWorker(process, door).serve()


class StoryWorker:
    """Serves the orders of a PRD supervisor, in the order in which they make sense."""

    def __init__(self, process: ChildProcess, door: Connection) -> None:
        self._process = process
        self._door = door
        self._lock = -1  # the story's: held open here and by all that we start
        self._assigned: Assign | None = None
        self._agent: AgentAtWork | None = None
        self._verifications: dict[str, Verification] = {}
        self._hiding = Hiding()
        self._throttle = Throttle(process.loop)
        self._around = Surroundings(
            loop=process.loop,
            throttle=self._throttle,
            others=self._jobs,
            will_stand_still=process.extend,
            cgroup=lambda: self._assigned.cgroup if self._assigned is not None else "",
            redactor=lambda: self._hiding.redactor,
        )
        process.on_message = self._on_message
        process.on_leaving = self._on_leaving

    def serve(self) -> None:
        """Serve until the process ends."""
        self._process.say_ready()
        self._process.run()

    def _on_message(self, message: object) -> None:
        match message:
            case Assign():
                self._serve_story(message)
            case RunAgent():
                self._run_agent(message)
            case RunVerify():
                self._verify(message)
            case EndAgent():
                self._end_agent(message)
            case LimitCpu():
                self._throttle.limit(message.share, message.nice)
            case Stop():
                self._stop(Deadline(at_s=message.deadline_s, grace_s=message.grace_s))
            case Finish():
                self._finish(message.result, message.homes)
            case _:
                raise AssertionError(f"a story worker was told {message!r}")

    def _serve_story(self, assign: Assign) -> None:
        self._lock = take(self._door)
        self._assigned = assign
        self._hiding = Hiding(assign.secrets, os.environ)
        self._process.rename(f"story {assign.prd_id}/{assign.story_id}")
        self._process.start_beating()
        Path(assign.attempt_dir).mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def _assign(self) -> Assign:
        if self._assigned is None:
            raise AssertionError("a story worker was given work before a story")
        return self._assigned

    # --- the agent ------------------------------------------------------------------------------

    def _run_agent(self, order: RunAgent) -> None:
        bench = Bench(
            assign=self._assign,
            around=self._around,
            hiding=self._hiding,
            lock=self._lock,
            environ=os.environ,
            tell=self._process.say,
            will_stand_still=self._process.extend,
        )
        try:
            self._agent = AgentAtWork(order, bench, self._on_agent_ended)
        except (OSError, ValueError, UnknownAgentError) as error:
            # What the system is short of says nothing about the agent.
            kind = OutcomeKind.TRANSIENT if passes(error) else OutcomeKind.MISSING
            self._say_not_started(kind, f"did not start: {error}")
        except Exception as error:  # noqa: BLE001  an adapter may be anybody's
            said = f"{type(error).__name__}: {error}"
            why = f"the adapter of agent {order.agent.name!r} raised {said[:300]}"
            self._say_not_started(OutcomeKind.FAILED, why)
        else:
            pid = self._agent.running.job.pid
            ticks = start_ticks(pid) or 0
            self._process.say(
                AgentStarted(attempt=self._assign.attempt, pid=pid, start_ticks=ticks)
            )

    def _say_not_started(self, kind: OutcomeKind, why: str) -> None:
        outcome = Outcome(kind=kind, detail=self._hiding.text(why))
        self._on_agent_ended(AgentEnded(attempt=self._assign.attempt, outcome=outcome))

    def _end_agent(self, order: EndAgent) -> None:
        """End what is at work: the agent, or, where that is gone, the verify commands."""
        if self._agent is None:
            for verification in tuple(self._verifications.values()):
                verification.end_command(order.detail, at_once=order.at_once)
        elif order.at_once:
            self._agent.running.kill(order.kind, detail=order.detail)
        else:
            self._agent.running.terminate(order.kind, detail=order.detail)

    def _on_agent_ended(self, answer: AgentEnded) -> None:
        self._agent = None
        self._process.say(answer)

    # --- the verify commands --------------------------------------------------------------------

    def _verify(self, order: RunVerify) -> None:
        def on_end(run: VerifyRun, tail: str) -> None:
            del self._verifications[order.stage]
            said = tuple(
                replace(each, command=self._hiding.text(each.command)) for each in run.commands
            )
            answer = Verified(
                attempt=self._assign.attempt,
                stage=order.stage,
                run=replace(run, commands=said),
                tail=self._hiding.text(tail),  # cut in bytes: a mark may be, but no value
            )
            self._process.say(answer)

        self._hiding.look(Path(order.cwd))
        verification = Verification(
            order,
            self._around,
            env=environment_of(order, self._environment(order.env)),
            log=Path(self._assign.attempt_dir, _log_of(order.stage)),
            keep_fds=(self._lock,),
            on_end=on_end,
        )
        self._verifications[order.stage] = verification
        verification.start()

    # --- the end --------------------------------------------------------------------------------

    def _stop(self, deadline: Deadline) -> None:
        for verification in tuple(self._verifications.values()):
            verification.interrupt()
        loop = self._process.loop
        loop.call_at(deadline.before(AGENT_ASKED), lambda: self._stop_agent(deadline))
        loop.call_at(deadline.before(WORKER_ENDED), lambda: self._finish("", ""))

    def _stop_agent(self, deadline: Deadline) -> None:
        if self._agent is not None:
            self._agent.running.terminate(OutcomeKind.INTERRUPTED, deadline.before(AGENT_KILLED))

    def _finish(self, result: str, homes: str) -> None:
        if result and self._assigned is not None:
            path = Path(self._assign.attempt_dir, "result.json")
            write_private(path, f"{self._hiding.text(result)}\n")
        if homes and Path(homes).is_dir():
            self._process.extend(REMOVAL_S_MAX)
            remove_tree(Path(homes))
        self._process.end(0)

    def _on_leaving(self) -> None:
        if self._agent is not None:
            self._agent.leave()

    # --- what all of them need ------------------------------------------------------------------

    def _jobs(self) -> list[Job]:
        """The jobs that have not been cleaned up after: no other one's end may hit them."""
        verifying = [each.running for each in self._verifications.values()]
        running = [self._agent.running, *verifying] if self._agent is not None else verifying
        return [each.job for each in running if each is not None]

    def _environment(self, extra_names: tuple[str, ...]) -> dict[str, str]:
        assign = self._assign
        prompt_file = str(Path(assign.attempt_dir, PROMPT_NAME))
        return agent_environment(
            os.environ, extra_names=extra_names, assigned=story_variables(assign, prompt_file)
        )


def _log_of(stage: str) -> str:
    return "setup.log" if stage == "setup" else f"verify.{stage}.log"
