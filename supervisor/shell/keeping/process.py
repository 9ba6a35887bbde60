"""The keeper: root starts it now and then, and it ends when what is old and finished is removed.

Git and large folders take their time, and root has none to lose.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from ....workers.git.commands import FAILURES, one_line
from ....workers.git.standstill import tell_before
from ....workers.messages import keeping as words
from ....workers.messages.common import Stop
from ....workers.messages.keeping import Tidied, Tidy
from ....workers.process.entry import ChildProcess
from ..repository.checkout import RepositoryError
from ..storage.found import StoreError
from ..storage.layout import Layout
from .tidying import tidy

PART_S = 600.0  # a PRD's worktrees and logs may be many files


def main(connection: Connection, parent_pid: int, crash_log: str) -> None:
    """Be the keeper of one root."""
    process = ChildProcess("keeper", connection, parent_pid, crash_log, words)
    tell_before(process.extend)

    def on_message(message: object) -> None:
        match message:
            case Tidy():
                process.say(_tidied(message, process))
                process.end(0)
            case Stop():
                process.end(0)
            case _:
                raise AssertionError(f"a keeper was told {message!r}")

    process.on_message = on_message
    process.say_ready()
    process.start_beating()
    process.run()


def _tidied(asked: Tidy, process: ChildProcess) -> Tidied:
    layout = Layout(
        repository=Path(asked.repository),
        common_dir=Path(asked.common_dir),
        state_dir=Path(asked.state_dir),
        worktrees=Path(asked.worktrees),
    )
    try:
        return tidy(
            layout,
            asked.before_s,
            lambda: process.extend(PART_S),
            may_forget=asked.may_forget,
        )
    except (RepositoryError, StoreError, *FAILURES) as error:
        return Tidied(gone={}, problems=(one_line(str(error)),))
