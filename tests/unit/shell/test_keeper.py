"""Root's side of retention: when the keeper is started once more."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from prd_supervise.policies.costs.budget import NO_BUDGET
from prd_supervise.policies.supervising.spec import ExitClass, ExitReason
from prd_supervise.supervisor.core.root.records import PrdState
from prd_supervise.supervisor.core.root.words import PrdsOutlived
from prd_supervise.supervisor.shell.keeping.root import FIRST_S, Keeper
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.workers.messages.keeping import Tidied

DONE = ExitReason(exit_class=ExitClass.NORMAL, detail="it has ended")
LONG_AGO = SimpleNamespace(ended_at=1.0, state=PrdState.COMPLETED)


class FakeRoot:
    """A root with one PRD that ended long ago; each child that it starts lives until `end`."""

    def __init__(self, folder: Path) -> None:
        self.is_alive = False
        self.started = 0
        self.posted: list[object] = []
        timers: list[Any] = []
        root = SimpleNamespace(
            loop=SimpleNamespace(now_s=lambda: 0.0, call_at=lambda at, do: timers.append((at, do))),
            host=SimpleNamespace(
                processes=SimpleNamespace(
                    pid_of=lambda _: 1 if self.is_alive else None,
                    spawn=self._spawn,
                    send=lambda *_: None,
                ),
                outsiders={},
            ),
            on_ending=[],
            settings=SimpleNamespace(keep_days=30.0, run_budget=NO_BUDGET),
            is_stopping=False,
            board=SimpleNamespace(rows={"ALPHA": LONG_AGO}),
            log=SimpleNamespace(tell=lambda *_: None),
            post=self.posted.append,
        )
        places = {"repository": folder, "common_dir": folder, "state_dir": folder}
        self.keeper = Keeper(cast("Any", root), Layout(**places, worktrees=folder))
        at, look = timers[0]
        assert at == FIRST_S
        look()

    def _spawn(self, *_: object) -> None:
        self.is_alive = True
        self.started += 1

    def end(self, *outlived: str) -> None:
        """Let the keeper say what has outlived everything, and end."""
        self.keeper.hear(Tidied(gone={}, outlived=outlived))
        self.is_alive = False
        self.keeper.gone(DONE)


def test_a_second_round_follows_a_prd_that_is_to_be_forgotten(tmp_path: Path) -> None:
    root = FakeRoot(tmp_path)

    root.end("ALPHA")

    assert root.started == 2, "the folder goes as well"
    root.end()
    assert root.started == 2


def test_what_root_does_not_forget_starts_no_round_after_the_other(tmp_path: Path) -> None:
    root = FakeRoot(tmp_path)

    for _ in range(5):
        root.end("ALPHA")  # it is still there: it was wanted again meanwhile

    assert root.started == 2
    assert set(root.posted) == {PrdsOutlived(prd_ids=("ALPHA",))}
