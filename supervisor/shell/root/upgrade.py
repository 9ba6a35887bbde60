"""What root does when the program is upgraded under it: it ends, and the new one goes on."""

from __future__ import annotations

from typing import Protocol

from ..children.program import Program
from ..run_settings import RootSettings
from ..storage.eventlog import EventLog
from ..storage.versions import program_version


class Tree(Protocol):
    """What an upgrade ends."""

    log: EventLog
    settings: RootSettings

    def stop(self, grace_s: float) -> None:
        """End everything with its work kept."""


class Upgrade:
    """Knows whether the program was replaced, and ends the tree once."""

    def __init__(self, tree: Tree) -> None:
        self._program = Program()
        self._tree = tree
        self._is_known = False

    def require(self) -> None:
        """See that the program is still ours; else raise ProgramReplacedError."""
        self._program.require()

    def on_replaced(self) -> None:
        """End the tree: a process that it needs cannot be started any more."""
        if self._is_known:
            return
        self._is_known = True
        try:
            now = program_version()
        except ModuleNotFoundError:  # an installer is still at it
            now = ""
        self._tree.log.tell(
            "upgraded",
            f"the program on the disk was replaced{f' by {now}' if now else ''}: nothing more of "
            "this one can be started; `prd-supervise resume` goes on with what stands there now",
        )
        self._tree.stop(self._tree.settings.grace_s)
