"""A worktree as a story gets one, made and removed; verify commands in it."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from ..policies.outcomes.outcome import VerifyRun
from .attempt.temporary import make_temporary, remove_tree
from .git.place import Place
from .git.salvage.salvage import scratch_of
from .git.worktree.setting_up import setup_of
from .git.worktree.showing import show
from .git.worktree.worktrees import Worktree, find_worktree, remove_worktree
from .jobs.environment import agent_environment
from .jobs.running import Surroundings
from .jobs.throttle import Throttle
from .messages.story import RunVerify
from .process.entry import become
from .process.eventloop import EventLoop
from .secrecy.hiding import Hiding
from .verify import Verification

STAGE = "base"


class Wanted(Struct, frozen=True, kw_only=True):
    """What is run in it: these commands, each within so many seconds, with this environment."""

    commit: str
    commands: tuple[str, ...]
    timeout_s: float
    env: tuple[str, ...] = ()  # names of further variables


class Tried(Struct, frozen=True, kw_only=True):
    """What came of it; `tail` is the end of what the command printed that failed."""

    run: VerifyRun
    tail: str = ""


@contextmanager
def scratch_worktree(place: Place, commit: str) -> Iterator[Worktree]:
    """Make the worktree of a PRD that does not exist, and remove it with everything in it."""
    made = [folder for folder in (place.worktrees, place.worktrees.parent) if not folder.exists()]
    place.worktrees.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield show(place, commit)
    finally:
        left = find_worktree(place, place.own_worktree)
        if left is not None:
            with place.locked():
                remove_worktree(place, left, scratch_of(place, left))
        for folder in made:
            with _unless_used():
                folder.rmdir()


def try_verify(place: Place, wanted: Wanted, environ: Mapping[str, str]) -> Tried:
    """Set a worktree up and run the verify commands in it, as a story's worker does.

    The process is one of ours from then on: it adopts what they leave, and ends it.
    """
    become("doctor")
    folder = make_temporary(uuid.uuid4().hex, "", "")
    loop = EventLoop()
    try:
        with scratch_worktree(place, wanted.commit) as worktree:
            return _Trial(place, wanted, worktree, folder, loop).result(environ)
    finally:
        loop.close()
        remove_tree(folder)


class _Trial:
    def __init__(
        self, place: Place, wanted: Wanted, worktree: Worktree, folder: Path, loop: EventLoop
    ) -> None:
        self._wanted = wanted
        self._loop = loop
        self._folder = folder
        self._ended: list[Tried] = []
        self._order = RunVerify(
            stage=STAGE,
            commit=wanted.commit,
            cwd=str(worktree.path),
            commands=wanted.commands,
            timeout_s=wanted.timeout_s,
            setup=setup_of(place, worktree),
        )

    def result(self, environ: Mapping[str, str]) -> Tried:
        """Run them; KeyboardInterrupt once they have ended, if they were stopped."""
        hiding = Hiding(None, environ)
        around = Surroundings(
            loop=self._loop,
            throttle=Throttle(self._loop),
            others=list,
            will_stand_still=_never_mind,
            redactor=lambda: hiding.redactor,
        )
        assigned = {
            "TMPDIR": str(self._folder),
            "PRD_SUPERVISE_WORKTREE": self._order.cwd,
            "PRD_SUPERVISE_RUN": self._folder.name,  # nothing is started from in here
        }
        lock = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            verification = Verification(
                self._order,
                around,
                env=agent_environment(environ, extra_names=self._wanted.env, assigned=assigned),
                log=self._folder / "verify.log",
                keep_fds=(lock,),
                on_end=lambda run, tail: self._ended.append(Tried(run=run, tail=hiding.text(tail))),
            )
            self._loop.on_signals(dict.fromkeys((signal.SIGINT, signal.SIGTERM), _on(verification)))
            verification.start()
            while not self._ended:
                self._loop.run_once()
        finally:
            os.close(lock)
        if self._ended[0].run.interrupted:
            raise KeyboardInterrupt
        return self._ended[0]


def _on(verification: Verification) -> Callable[[], None]:
    return verification.interrupt


@contextmanager
def _unless_used() -> Iterator[None]:
    try:
        yield
    except OSError:  # somebody has put something into it meanwhile
        return


def _never_mind(_said: object) -> None:
    """Nobody waits for news of a trial."""
