"""Which service manager has started this process, if any has."""

from __future__ import annotations

import os

# launchd names the job there; shells in a Terminal have another name or "0".
LAUNCHD_LABEL = "org.prd-supervise"


def is_service() -> bool:
    """Say whether a service manager has started us: it starts again by itself, a person types."""
    name = os.environ.get("XPC_SERVICE_NAME", "")
    return "NOTIFY_SOCKET" in os.environ or name.startswith(f"{LAUNCHD_LABEL}.")
