"""What a service manager is told of root: pure, from figures to the words of sd_notify(3)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct

from ....policies.counting import counted
from ..lines import safe

STATUS_CHARS_MAX = 200
DRAIN_STEP_S = 20.0  # so much longer a stop may take from each word on; the next one comes sooner
_USEC = 1_000_000
_TURNS = frozenset({"READY", "RELOADING", "STOPPING"})  # whose order counts

Fields = Mapping[str, str]
Unsent = tuple[Fields, ...]

READY: Fields = {"READY": "1"}
PING: Fields = {"WATCHDOG": "1"}
STOPPING: Fields = {"STOPPING": "1"}


class Figures(Struct, frozen=True, kw_only=True):
    """What people want to know of root at a glance."""

    at_work: int = 0  # PRDs with a supervisor
    queued: int = 0
    done: int = 0  # stories of those PRDs ...
    total: int = 0  # ... and all of them
    agents: int = 0
    awaiting: int = 0  # PRDs and stories that wait for a person
    waits: tuple[str, ...] = ()  # for what agents wait, that are not started
    note: str = ""  # why nothing new starts
    settled: tuple[tuple[int, str], ...] = ()  # PRDs that have ended, and how
    is_watching: bool = False
    stop_left_s: float | None = None
    has_ended: bool = False


def status_text(figures: Figures) -> str:
    """Everything that counts, in one line."""
    if figures.has_ended:
        return _joined("ended", _settled(figures))
    if figures.stop_left_s is not None:
        left = f"{max(0, math.ceil(figures.stop_left_s))} s left"
        return f"stopping: {', '.join([*_agents(figures), left])}"
    if not figures.at_work and not figures.queued:
        idle = "idle: watching for PRDs" if figures.is_watching else "idle"
        return _joined(idle, figures.note, _settled(figures))
    return _joined(_work(figures), *figures.waits, figures.note)


def _work(figures: Figures) -> str:
    told = []
    if figures.at_work:
        told.append(f"{counted(figures.at_work, 'PRD')} at work")
    if figures.queued:
        told.append(f"{figures.queued} queued")
    told.append(f"{figures.done} of {counted(figures.total, 'story')} done")
    if figures.awaiting:
        word = "waits" if figures.awaiting == 1 else "wait"
        told.append(f"{figures.awaiting} {word} for a person")
    return ", ".join([*told, *_agents(figures)])


def _agents(figures: Figures) -> list[str]:
    return [counted(figures.agents, "agent")] if figures.agents else []


def _settled(figures: Figures) -> str:
    told = ", ".join(f"{count} {how}" for count, how in figures.settled)
    return f"PRDs: {told}" if told else ""


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def status(text: str) -> dict[str, str]:
    """STATUS= with a text from anywhere: one line that no terminal obeys, and not too long."""
    line = " ".join(safe(text).split())
    if len(line) > STATUS_CHARS_MAX:
        line = f"{line[: STATUS_CHARS_MAX - 3]}..."
    return {"STATUS": line}


def extended(seconds: float) -> dict[str, str]:
    """EXTEND_TIMEOUT_USEC=: the next word comes within so long."""
    return {"EXTEND_TIMEOUT_USEC": str(int(seconds * _USEC))}


def reloading(monotonic_s: float) -> dict[str, str]:
    """RELOADING=1, with the moment by which it is told from an older one."""
    return {"RELOADING": "1", "MONOTONIC_USEC": str(int(monotonic_s * _USEC))}


def drain_extension(left_s: float, closing_s: float) -> dict[str, str]:
    """How much longer a stop may take that has so much left; nothing once it is overdue.

    `closing_s` is what root may need after its deadline, when the tree is down.
    """
    if left_s + closing_s <= 0:
        return {}
    return extended(min(DRAIN_STEP_S, left_s + closing_s))


def with_unsent(unsent: Unsent, fields: Fields) -> Unsent:
    """What waits to be sent, after one more message: only what is still of use, in its order."""
    if "RELOADING" in fields:  # all that was said before it is said again after it
        return (fields,)
    if not unsent:
        return (fields,)
    last = _turns(unsent[-1])
    if not last or _turns(fields) <= last:
        return (*unsent[:-1], {**unsent[-1], **fields})
    return (*unsent, fields)


def _turns(fields: Fields) -> frozenset[str]:
    return _TURNS & fields.keys()


def encoded(fields: Fields) -> bytes:
    """One datagram."""
    return "\n".join(f"{name}={value}" for name, value in fields.items()).encode(errors="replace")
