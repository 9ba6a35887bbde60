"""Where `make test-system` has put what tests of booted machines need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_NAMED = os.environ.get("PRD_TEST_MACHINES")
MACHINES = Path(_NAMED) if _NAMED else None
needs_machines = [
    pytest.mark.skipif(MACHINES is None, reason="booted machines are tried by `make test-system`"),
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
