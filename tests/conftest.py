from __future__ import annotations

import gc
import os
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# `pytest` alone does not put the working directory on the path, `python -m pytest` does.
_CHECKOUT = str(Path(__file__).resolve().parent.parent)
if _CHECKOUT not in sys.path:
    sys.path.append(_CHECKOUT)

from tests.support.e2e_processes import (  # noqa: E402
    GONE_S_MAX,
    MARK,
    bearers,
    kill,
    title_of,
    wait_until,
)


def pytest_configure() -> None:
    """Hear ^C also where a shell has started the tests with `&`: commands inherit its deafness."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Each run tries the same examples: a new one is no reason to refuse somebody's change. Chance
    # has `make fuzz`, `make simulate` and a profile of one's own (--hypothesis-profile=default).
    # Nor is a busy machine: no example is timed.
    settings.register_profile("steady", derandomize=True, deadline=None)
    settings.load_profile("steady")
    # Collected tests and explored worlds are many objects that stay: to look through them after
    # every 700 took two fifths of the time of a collection, and a fifth of an exploration's.
    gc.set_threshold(50_000)


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make, not among the tests."""
    gc.freeze()


@pytest.fixture(autouse=True)
def mark(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Mark what this test starts, and fail it if any of that is alive at its end.

    Only what bears the mark is killed: other tests, and other people, have processes as well.
    """
    own = uuid.uuid4().hex
    monkeypatch.setenv(MARK, own)
    yield own
    folder = request.node.funcargs.get("tmp_path")
    try:
        wait_until(
            lambda: not bearers(own, folder),
            lambda: f"left behind: {[(p.pid, title_of(p)) for p in bearers(own, folder)]}",
            GONE_S_MAX,
        )
    finally:
        for process in bearers(own, folder):
            kill(process.pid)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Let no PRD_SUPERVISE_* of who runs the tests leak into them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.startswith("PRD_SUPERVISE_"):
                patch.delenv(name)
        yield
