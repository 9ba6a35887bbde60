"""The story worker: it runs the agent and the verify commands of one attempt."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from pathlib import Path

from ..policies.outcome import Outcome, OutcomeKind, VerifyRun
from ..policies.shutdown import AGENT_ASKED, AGENT_KILLED, WORKER_ENDED, Deadline
from ..policies.values import replace
from .agents.base import AgentRun, Listener, Terminal
from .agents.registry import UnknownAgentError, adapter_for
from .agents.start import prepare
from .jobs.environment import agent_environment, story_variables
from .jobs.job import Job
from .jobs.running import Command, Running, Surroundings
from .jobs.throttle import Throttle
from .messages import story as words
from .messages.agents import AgentSpec
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
        self._agent: Running | None = None
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

    def serve(self) -> None:
        """Serve until the process ends."""
        self._process.say_ready()
        self._process.run()

    def _on_message(self, message: object) -> None:
        match message:
            case Assign():
                self._serve_story(message)
            case RunAgent():
                self._run_agent(message.prompt, message.agent)
            case RunVerify():
                self._verify(message)
            case EndAgent():
                self._end_agent(message)
            case LimitCpu():
                self._throttle.limit(message.share, message.nice)
            case Stop():
                self._stop(Deadline(at_s=message.deadline_s, grace_s=message.grace_s))
            case Finish():
                self._finish(message.result)
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

    def _run_agent(self, prompt: str, spec: AgentSpec) -> None:
        try:
            command = self._agent_command(prompt, spec)
            self._agent = Running(command, self._around, self._on_agent_ended)
        except (OSError, ValueError, UnknownAgentError) as error:
            self._on_agent_ended(
                Outcome(kind=OutcomeKind.MISSING, detail=f"did not start: {error}")
            )
            return
        pid = self._agent.job.pid
        ticks = start_ticks(pid) or 0
        self._process.say(AgentStarted(attempt=self._assign.attempt, pid=pid, start_ticks=ticks))

    def _agent_command(self, prompt: str, spec: AgentSpec) -> Command:
        assign = self._assign
        folder = Path(assign.attempt_dir)
        self._hiding.look(Path(assign.worktree))
        prompt_file = _write(folder / "prompt.md", self._hiding.text(prompt))
        run = AgentRun(
            worktree=assign.worktree, attempt_dir=str(folder), prompt_file=str(prompt_file)
        )
        adapter = adapter_for(spec.adapter)
        listener = adapter.listener(spec, run)
        return Command(
            argv=prepare(adapter, spec, run),
            cwd=Path(assign.worktree),
            env=self._environment(spec.env),
            log=folder / "agent.log",
            stdin=prompt_file,
            keep_fds=(self._lock,),
            timeout_s=spec.timeout_s,
            idle_timeout_s=spec.idle_timeout_s,
            processes_max=spec.processes_max,
            is_result=lambda line: _has_ended(listener, line),
        )

    def _end_agent(self, order: EndAgent) -> None:
        """End what is at work: the agent, or, where that is gone, the verify commands."""
        if self._agent is None:
            for verification in tuple(self._verifications.values()):
                verification.end_command(order.detail, at_once=order.at_once)
        elif order.at_once:
            self._agent.kill(order.kind, detail=order.detail)
        else:
            self._agent.terminate(order.kind, detail=order.detail)

    def _on_agent_ended(self, outcome: Outcome) -> None:
        self._agent = None
        outcome = replace(outcome, detail=self._hiding.text(outcome.detail))
        self._process.say(AgentEnded(attempt=self._assign.attempt, outcome=outcome))

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
        loop.call_at(deadline.before(WORKER_ENDED), lambda: self._finish(""))

    def _stop_agent(self, deadline: Deadline) -> None:
        if self._agent is not None:
            self._agent.terminate(OutcomeKind.INTERRUPTED, deadline.before(AGENT_KILLED))

    def _finish(self, result: str) -> None:
        if result and self._assigned is not None:
            _write(Path(self._assign.attempt_dir, "result.json"), f"{self._hiding.text(result)}\n")
        self._process.end(0)

    # --- what all of them need ------------------------------------------------------------------

    def _jobs(self) -> list[Job]:
        """The jobs that have not been cleaned up after: no other one's end may hit them."""
        running = [self._agent, *(each.running for each in self._verifications.values())]
        return [each.job for each in running if each is not None]

    def _environment(self, extra_names: tuple[str, ...]) -> dict[str, str]:
        assign = self._assign
        prompt_file = str(Path(assign.attempt_dir, "prompt.md"))
        return agent_environment(
            os.environ, extra_names=extra_names, assigned=story_variables(assign, prompt_file)
        )


def _log_of(stage: str) -> str:
    return "setup.log" if stage == "setup" else f"verify.{stage}.log"


def _has_ended(listener: Listener, line: str) -> bool:
    return any(isinstance(event, Terminal) for event in listener.feed(line))


def _write(path: Path, text: str) -> Path:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path
