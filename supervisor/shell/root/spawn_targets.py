"""The spawn target of root's children, which import what they need themselves.

Root must not pay for what only a PRD supervisor needs.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any


def prd(connection: Connection, *arguments: Any) -> None:  # noqa: ANN401  the target's own
    """Be the supervisor of a PRD."""
    from ..prd.process import main  # noqa: PLC0415

    main(connection, *arguments)


def notifier(connection: Connection, *arguments: Any) -> None:  # noqa: ANN401  likewise
    """Be the notifier."""
    from ....workers.notify.process import main  # noqa: PLC0415

    main(connection, *arguments)


def keeper(connection: Connection, *arguments: Any) -> None:  # noqa: ANN401  likewise
    """Be the keeper."""
    from ..keeping.process import main  # noqa: PLC0415

    main(connection, *arguments)
