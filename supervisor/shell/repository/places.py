"""Git's side of a repository, for commands that run beside a root or without one."""

from __future__ import annotations

from ....workers.git.commands import FAILURES, GIT_TIMEOUT_S, one_line
from ....workers.git.place import Place, open_place
from ..storage.layout import Layout
from .checkout import RepositoryError

NO_PRD = "-"  # in the place of a PRD's id, where all are meant


def place_of(layout: Layout, prd_id: str = NO_PRD) -> Place:
    """Open the repository as this PRD's integrator would."""
    try:
        return open_place(
            layout.repository,
            worktrees=layout.worktrees,
            prd_id=prd_id,
            lock_path=layout.git_lock,
            timeout_s=GIT_TIMEOUT_S,
        )
    except FAILURES as error:
        raise RepositoryError(one_line(str(error))) from None
