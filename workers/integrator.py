"""The integrator: it runs every git command of ours for one PRD, one request after the other."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from .git.repository import PrdRepository
from .git.standstill import tell_before
from .messages import git as words
from .messages.common import Stop
from .messages.git import CheckOut, CloseBranch, Commit, OpenBranch, Prepare, TakePrdFile
from .messages.growth import CompareStories
from .messages.landing import Land, PlanPush, RollBack, TryLanding
from .messages.review import ShowWork
from .messages.rules import Rules
from .messages.train import AssembleTrain, PublishTrain, TakeFormatted
from .process.entry import ChildProcess, leave

GIT_MAY_FINISH_S = 0.4


def main(
    connection: Connection,
    parent_pid: int,
    title: str,
    places: tuple[str, str, str, str],
    rules: Rules,
    crash_log: str,
) -> None:
    """Be the integrator of one PRD; `places` are repository, worktrees, PRD id and lock file."""
    repository, worktrees, prd_id, lock = places
    process = ChildProcess(title, connection, parent_pid, crash_log, words)
    _let_git_finish()
    git = PrdRepository(Path(repository), Path(worktrees), prd_id, Path(lock), rules=rules)

    def on_message(message: object) -> None:
        match message:
            case (
                OpenBranch()
                | TakePrdFile()
                | Prepare()
                | Commit()
                | CheckOut()
                | ShowWork()
                | AssembleTrain()
                | TakeFormatted()
                | PublishTrain()
                | CloseBranch()
                | RollBack()
                | TryLanding()
                | Land()
                | PlanPush()
                | CompareStories()
            ):
                answer = git.answer(message)
                opened = git.seen_again()
                notes = (*git.take_notes(), *(() if opened is None else (opened,)))
                for word in (*notes, answer):
                    process.say(git.shown(word))
            case Stop():
                git.forget_growth()
                process.end(0)  # requests are served in order: nothing is under way
            case _:
                raise AssertionError(f"an integrator was told {message!r}")

    process.on_message = on_message
    tell_before(process.extend)
    process.say_ready()
    process.start_beating()
    process.run()


def _let_git_finish() -> None:
    """While a git command runs, the loop does not: let SIGTERM wait for it a moment, not longer.

    A git that is killed leaves its lock files behind. The loop gets SIGTERM by the wakeup pipe all
    the same, and ends the process as soon as the command is over.
    """

    def on_term(_number: int, _frame: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, GIT_MAY_FINISH_S)

    def on_alarm(_number: int, _frame: object) -> None:
        leave(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, on_term)
    signal.signal(signal.SIGALRM, on_alarm)
    os.environ["GIT_TERMINAL_PROMPT"] = "0"
