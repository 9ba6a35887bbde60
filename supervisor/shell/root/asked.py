"""What others ask of a running root, and hand to it."""

from __future__ import annotations

from collections.abc import Sequence

from ....workers.secrecy.hiding import Hiding
from ...core.root.records import PrdAccepted, PrdState
from ...core.root.state import Root
from ...core.root.words import PrdsSubmitted, RootCommand, RootEvent
from ..board import Board
from ..host import Host


class RootAsked:
    """The part of root that the control socket, the configuration and the files speak to."""

    board: Board
    _host: Host[Root, RootEvent, RootCommand]
    _hiding: Hiding

    def post(self, event: RootEvent) -> None:
        """Let root's core hear of something."""
        self._host.post(event)

    def turn(self) -> None:
        """Serve what was posted: who asked for it is answered when it is in the journal."""
        self._host.turn()

    def submit(self, prds: Sequence[PrdAccepted]) -> None:
        """Run these PRDs as well."""
        self._host.post(PrdsSubmitted(prds=tuple(prds)))

    @property
    def host(self) -> Host[Root, RootEvent, RootCommand]:
        """What drives root's core; children that the core knows nothing of hang there as well."""
        return self._host

    @property
    def state(self) -> Root:
        """What root's core knows: what is held, which agents are started, and all else."""
        return self._host.state

    @property
    def is_stopping(self) -> bool:
        """Say whether the tree is on its way down, or root alone is left of it."""
        return self._host.state.deadline is not None or self._host.state.has_ended

    def hide(self, text: str) -> str:
        """A text of the user's own as everybody may see it."""
        return self._hiding.text(text)

    def knows(self, prd_id: str) -> bool:
        """Say whether this PRD was accepted since this root began."""
        return self._host.state.entry(prd_id) is not None

    def is_active(self, prd_id: str) -> bool:
        """Say whether this PRD has a supervisor, or waits for its next one."""
        row = self.board.rows.get(prd_id)
        return row is not None and row.state is PrdState.ACTIVE

    def is_stopping_prd(self, prd_id: str) -> bool:
        """Say whether this PRD is on its way down, alone."""
        entry = self._host.state.entry(prd_id)
        return entry is not None and entry.is_stopping
