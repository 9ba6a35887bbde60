"""What real agents have said: a folder beside the checkout, where there is one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import Ended, Event, Listener, Verdict

_PLACES = [above / "shared" / "agent-samples" for above in Path(__file__).resolve().parents[3:5]]
FOLDER = next((place for place in _PLACES if place.is_dir()), _PLACES[0])
TIME_S = 1795210400.0  # when they were captured, about: 2026-11-20 21:33:20 UTC


class Capture(NamedTuple):
    """One run of an agent."""

    name: str
    lines: tuple[str, ...]
    exit_code: int
    was_ended: bool  # it went on for ever, and was killed by whoever watched

    def judged(self, listener: Listener) -> Verdict:
        """Say what becomes of it."""
        self.heard(listener)
        because = OutcomeKind.STALLED if self.was_ended else None
        return listener.finish(Ended(exit_code=self.exit_code, killed_because=because))

    def heard(self, listener: Listener) -> tuple[Event, ...]:
        """Give everything that is understood of it."""
        return tuple(event for line in self.lines for event in listener.feed(line))


def capture(agent: str, name: str) -> Capture:
    """Read one; a test that asks for one that is not there is skipped."""
    folder = FOLDER / agent
    if not folder.is_dir():
        pytest.skip(f"the captured output of real agents is not in {FOLDER}")
    meta = json.loads((folder / f"{name}.meta.json").read_text())
    texts = (_text(folder / f"{name}.{stream}") for stream in ("stderr", "stdout"))
    return Capture(
        name,
        tuple(line for text in texts for line in text.splitlines()),
        int(meta.get("rc") or 0),
        bool(meta.get("timed_out")),
    )


def captured(agent: str) -> frozenset[str]:
    """Name all of them; none where they are not there."""
    return frozenset(path.name.split(".")[0] for path in (FOLDER / agent).glob("*.meta.json"))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
