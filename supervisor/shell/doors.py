"""The spawn targets. What a child needs, it imports itself: its parent must not pay for it.

GitPython would cost root and every PRD supervisor 10 MiB, the story worker's modules a little less.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

# ruff: noqa: PLC0415  the imports stand inside, as the first line says


def prd(connection: Connection, *arguments: Any) -> None:  # noqa: ANN401  the target's own
    """Be the supervisor of a PRD."""
    from .prd_process import main

    main(connection, *arguments)


def integrator(connection: Connection, *arguments: Any) -> None:  # noqa: ANN401
    """Be the integrator of a PRD."""
    from ...workers.integrator import main

    main(connection, *arguments)


def story(connection: Connection, *arguments: Any) -> None:  # noqa: ANN401
    """Be a story's worker."""
    from ...workers.story import main

    main(connection, *arguments)
