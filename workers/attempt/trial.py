"""One harmless run of an agent outside of any tree, by what runs it in a story: for `doctor`."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from ...policies.outcomes.outcome import Outcome, OutcomeKind
from ...policies.values import replace
from ..agents.base import Adapter, UnknownAgentError
from ..agents.meaning.wording import one_line
from ..agents.registry import adapter_for
from ..git.commands import Commands
from ..jobs.environment import agent_environment
from ..jobs.running import Command, Running, Surroundings
from ..jobs.signs_of_life import last_line
from ..jobs.throttle import Throttle
from ..messages.agents import AgentSpec, RunBounds
from ..messages.story import AgentEnded, Assign, RunAgent
from ..process.entry import become
from ..process.eventloop import EventLoop
from ..secrecy.hiding import Hiding
from .at_work import AgentAtWork, Bench
from .temporary import make_temporary, remove_tree

TRIAL_S_MAX = 120.0
VERSION_S_MAX = 30.0
WORD = "READY"
_PROMPT = (
    f"This only tests whether you can be reached. Answer with the single word {WORD}. Use no tool; "
    "read, make and change no file; run no command.\n"
)
_BOUNDS = RunBounds(requests=20, output_bytes=16 << 20, cost_usd=1.0)
_PRD, _STORY = "DOCTOR", "TRIAL"
_GIT_S_MAX = 30.0
_SHOWN = 5
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "prd-supervise"), ("EMAIL", "prd-supervise@localhost"))
}


class Tried(Struct, frozen=True, kw_only=True):
    """What came of it."""

    outcome: Outcome
    version: str = ""  # empty: it does not tell one
    answer: str = ""
    said: str = ""  # the last line that it wrote
    changed: tuple[str, ...] = ()  # files that it was told to leave alone


def try_agent(spec: AgentSpec, environ: Mapping[str, str]) -> Tried:
    """Run it in a repository that is there for this alone, and gone afterwards.

    The process is one of ours from then on: it adopts what the agent leaves, and ends it.
    """
    become("doctor")
    marker = uuid.uuid4().hex
    folder = make_temporary(marker, "", "")
    loop = EventLoop()
    try:
        return _Trial(spec, folder, marker, loop, environ).result()
    finally:
        loop.close()
        remove_tree(folder)


class _Trial:
    def __init__(
        self,
        spec: AgentSpec,
        folder: Path,
        marker: str,
        loop: EventLoop,
        environ: Mapping[str, str],
    ) -> None:
        self._spec = spec
        self._folder = folder
        self._marker = marker
        self._loop = loop
        self._environ = environ
        self._hiding = Hiding(None, environ)
        self._around = Surroundings(
            loop=loop,
            throttle=Throttle(loop),
            others=list,
            will_stand_still=_never_mind,
            redactor=lambda: self._hiding.redactor,
        )
        self._running: Running | None = None
        self._was_stopped = False
        loop.on_signals({signal.SIGINT: self._stop, signal.SIGTERM: self._stop})

    def result(self) -> Tried:
        """Ask for the version, then for the word."""
        try:
            adapter = adapter_for(self._spec.adapter)
            version = self._version(adapter)
            return replace(self._round_trip(), version=version)
        except (OSError, ValueError, UnknownAgentError) as error:
            detail = self._hiding.text(one_line(str(error)))
            return Tried(outcome=Outcome(kind=OutcomeKind.MISSING, detail=detail))
        except Exception as error:  # noqa: BLE001  an adapter may be anybody's
            said = one_line(f"its adapter raised {type(error).__name__}: {error}")
            return Tried(outcome=Outcome(kind=OutcomeKind.FAILED, detail=self._hiding.text(said)))

    def _version(self, adapter: Adapter) -> str:
        argv = adapter.version_argv(self._spec)
        if not argv:
            return ""
        log = self._folder / "version.log"
        names = (*self._spec.env, *adapter.TRAITS.env)
        command = Command(
            argv=argv,
            cwd=self._folder,
            env=agent_environment(self._environ, extra_names=names, assigned={}),
            log=log,
            stdin=None,
            keep_fds=(),
            timeout_s=VERSION_S_MAX,
        )
        ended: list[Outcome] = []
        self._running = Running(command, self._around, ended.append)
        self._wait(ended)
        return one_line(last_line(log)) if ended[0].kind is OutcomeKind.NORMAL else ""

    def _round_trip(self) -> Tried:
        worktree = self._folder / "worktree"
        git = _repository(worktree)
        lock = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            ended = self._run(worktree, lock)
        finally:
            os.close(lock)
        attempt = self._folder / "attempt"
        return Tried(
            outcome=ended.outcome,
            answer=ended.answer,
            said=self._hiding.text(one_line(last_line(attempt / "review.log"))),
            changed=_changed(git),
        )

    def _run(self, worktree: Path, lock: int) -> AgentEnded:
        attempt = self._folder / "attempt"
        attempt.mkdir(mode=0o700)
        assign = Assign(
            prd_id=_PRD,
            story_id=_STORY,
            title="Can it be reached?",
            attempt=1,
            base="HEAD",
            worktree=str(worktree),
            attempt_dir=str(attempt),
            marker=self._marker,
        )
        bench = Bench(
            assign=assign,
            around=self._around,
            hiding=self._hiding,
            lock=lock,
            environ=self._environ,
            tell=_never_mind,
            will_stand_still=_never_mind,
        )
        spec = replace(
            self._spec,
            timeout_s=min(TRIAL_S_MAX, self._spec.timeout_s),
            idle_timeout_s=min(TRIAL_S_MAX, self._spec.idle_timeout_s),
            bounds=_BOUNDS,
        )
        home = str(self._folder / "home")
        order = RunAgent(prompt=_PROMPT, agent=spec, home=home, is_review=True)
        ended: list[AgentEnded] = []
        self._running = AgentAtWork(order, bench, ended.append).running
        if self._was_stopped:
            self._stop()
        self._wait(ended)
        return ended[0]

    def _wait(self, ended: list[Outcome] | list[AgentEnded]) -> None:
        while not ended:
            self._loop.run_once()
        self._running = None

    def _stop(self) -> None:
        self._was_stopped = True
        if self._running is not None:
            self._running.kill()


def _repository(worktree: Path) -> Commands:
    worktree.mkdir()
    git = Commands(worktree, timeout_s=_GIT_S_MAX, environment=_IDENTITY)
    git.run("init", "--quiet")
    (worktree / "README").write_text("Nothing is to be done here.\n", encoding="utf-8")
    git.run("add", "--all")
    git.run("commit", "--quiet", "--message=begin")
    return git


def _changed(git: Commands) -> tuple[str, ...]:
    lines = git.run("status", "--porcelain", "--untracked-files=all").line.splitlines()
    return tuple(one_line(line[3:]) for line in lines[:_SHOWN])


def _never_mind(_said: object) -> None:
    """Nobody waits for news of a trial."""
