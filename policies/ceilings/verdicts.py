"""What ceilings are judged by, and what may come of it; every verdict says who and why."""

from __future__ import annotations

from msgspec import Struct

from ..outcomes.outcome import OutcomeKind


class Ceilings(Struct, frozen=True, kw_only=True):
    """How much stories may use; 0 is no ceiling. Amounts are bytes; 100 percent are one core."""

    memory_high: int = 4 << 30  # of a story: told at once, then it is stopped
    memory_max: int = 6 << 30  # of a story: it is killed
    cpu_percent: float = 0.0  # of a story, as a mean of 30 s: nice, then throttled to it
    cpu_kill: bool = False  # instead of throttling
    processes: int = 512  # of a story: it is killed
    prd_memory_max: int = 0  # of all stories of a PRD
    run_memory_max: int = 0  # of all stories
    run_cpu_percent: float = 0.0
    memory_reserve: int = 256 << 20  # what the host itself shall have left


class Attempt(Struct, frozen=True, kw_only=True, order=True):
    """Who is judged."""

    prd_id: str
    story_id: str
    number: int


class Sample(Struct, frozen=True, kw_only=True):
    """What one attempt's processes use at a moment, all of them together."""

    attempt: Attempt
    memory_bytes: int
    cpu_s: float  # since the attempt began, those that are gone included
    processes: int
    began_at_s: float
    is_last_chance: bool = False  # its end is the story's end


class Warn(Struct, frozen=True, kw_only=True):
    """Tell people; nothing else yet."""

    attempt: Attempt
    event: str
    text: str


class End(Struct, frozen=True, kw_only=True):
    """End the attempt; `at_once`: without asking it first."""

    attempt: Attempt
    event: str
    text: str
    kind: OutcomeKind
    at_once: bool
    is_for_others: bool = False  # the story has done nothing wrong, and does not pay for it


class LimitShare(Struct, frozen=True, kw_only=True):
    """Let the attempt have this share of the time; without an event it is a mere adjustment."""

    attempt: Attempt
    event: str
    text: str
    share: float
    nice: int


class Admit(Struct, frozen=True, kw_only=True):
    """Let new agents start from now on, or not."""

    is_admitting: bool
    event: str
    text: str


Verdict = Warn | End | LimitShare | Admit
