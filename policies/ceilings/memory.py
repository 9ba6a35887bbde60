"""Memory and processes of one story: how often in a row it was over, and what follows from that."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ..outcomes.outcome import OutcomeKind
from ..sizes import size_text
from ..values import replace
from .verdicts import Attempt, Ceilings, End, Sample, Warn

HIGH_SAMPLES = 3
MAX_SAMPLES = 2
FAR_OVER = 1.25  # of memory_max: one sample is enough
TOLD_AGAIN_BELOW = 0.9  # of memory_high: who hovers at it is told once
EXACT_FROM = 0.8  # of a ceiling: from there on shared pages must not count twice


class Memory(Struct, frozen=True, kw_only=True):
    """The samples in a row that were over each ceiling."""

    high_samples: int = 0
    max_samples: int = 0
    is_told: bool = False


def counted(memory: Memory, sample: Sample, ceilings: Ceilings) -> Memory:
    """Take one more sample."""
    used, high = sample.memory_bytes, ceilings.memory_high
    return Memory(
        high_samples=memory.high_samples + 1 if is_over(used, high) else 0,
        max_samples=memory.max_samples + 1 if is_over(used, ceilings.memory_max) else 0,
        is_told=memory.is_told and used >= TOLD_AGAIN_BELOW * high,
    )


def told(memory: Memory, sample: Sample, ceilings: Ceilings) -> tuple[Memory, Warn | None]:
    """Say once that a story is over memory_high."""
    if memory.is_told or not memory.high_samples:
        return memory, None
    text = f"{_used(sample)}, over memory_high ({size_text(ceilings.memory_high)})"
    text += f"; if it stays, the attempt is stopped after {HIGH_SAMPLES} samples"
    warning = Warn(attempt=sample.attempt, event="memory_high", text=text)
    return replace(memory, is_told=True), warning


def memory_end(memory: Memory, sample: Sample, ceilings: Ceilings) -> End | None:
    """Say whether a story's memory is its end, by SIGKILL over max, by asking over high."""
    high, most = ceilings.memory_high, ceilings.memory_max
    is_far_over = is_over(sample.memory_bytes, int(FAR_OVER * most))
    if memory.max_samples >= MAX_SAMPLES or is_far_over:
        count = memory.max_samples
        text = f"{_used(sample)}, over memory_max ({size_text(most)})"
        return _end(sample, "memory_killed", text + _in_a_row(count), at_once=True)
    if memory.high_samples >= HIGH_SAMPLES:
        text = f"{_used(sample)}, over memory_high ({size_text(high)})"
        text += _in_a_row(memory.high_samples)
        return _end(sample, "memory_stopped", text, at_once=False)
    return None


def processes_end(sample: Sample, ceilings: Ceilings) -> End | None:
    """Say whether a story has too many processes: a fork bomb is not asked to end."""
    if not is_over(sample.processes, ceilings.processes):
        return None
    return End(
        attempt=sample.attempt,
        event="processes_killed",
        text=f"{sample.processes} processes, over the ceiling ({ceilings.processes})",
        kind=OutcomeKind.OVER_LIMIT,
        at_once=True,
    )


def total_end(victim: Sample, *, why: str, of: int) -> End:
    """End the story that was chosen because all of them together use too much."""
    text = f"{why}: the newest story that can be tried again goes ({_used(victim)})"
    if of == 1:
        text = f"{why}: the only story at work goes ({_used(victim)})"
    return _end(victim, "memory_killed", text, at_once=True)


def needs_exact(
    used: Mapping[Attempt, int], ceilings_of: Mapping[str, Ceilings], run: Ceilings
) -> frozenset[Attempt]:
    """Name the attempts so near to a ceiling that it matters if shared pages count twice."""

    def is_near(amount: int, *ceilings: int) -> bool:
        return any(is_over(amount, int(EXACT_FROM * ceiling)) for ceiling in ceilings)

    by_prd: dict[str, int] = {}
    for attempt, amount in used.items():
        by_prd[attempt.prd_id] = by_prd.get(attempt.prd_id, 0) + amount
    if is_near(sum(by_prd.values()), run.run_memory_max):
        return frozenset(used)
    near = set()
    for attempt, amount in used.items():
        ceilings = ceilings_of.get(attempt.prd_id, run)
        if is_near(amount, ceilings.memory_high, ceilings.memory_max) or is_near(
            by_prd[attempt.prd_id], ceilings.prd_memory_max
        ):
            near.add(attempt)
    return frozenset(near)


def is_over(used: int, ceiling: int) -> bool:
    """Say whether it is more than the ceiling, where there is one."""
    return 0 < ceiling < used


def _used(sample: Sample) -> str:
    plural = "" if sample.processes == 1 else "es"
    return f"{size_text(sample.memory_bytes)} in {sample.processes} process{plural}"


def _in_a_row(samples: int) -> str:
    return "" if samples <= 1 else f" in {samples} samples in a row"


def _end(sample: Sample, event: str, text: str, *, at_once: bool) -> End:
    return End(
        attempt=sample.attempt,
        event=event,
        text=text,
        kind=OutcomeKind.OUT_OF_MEMORY,
        at_once=at_once,
    )
