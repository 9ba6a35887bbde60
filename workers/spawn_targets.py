"""The spawn targets of a PRD supervisor's children, which import what they need themselves.

Their parent must not pay for it: GitPython alone would cost it 10 MiB.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any


def integrator(connection: Connection, *arguments: Any) -> None:  # noqa: ANN401  the target's own
    """Be the integrator of a PRD."""
    from .integrator import main  # noqa: PLC0415

    main(connection, *arguments)


def story(connection: Connection, *arguments: Any) -> None:  # noqa: ANN401
    """Be a story's worker."""
    from .story import main  # noqa: PLC0415

    main(connection, *arguments)
