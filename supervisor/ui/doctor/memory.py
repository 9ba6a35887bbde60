"""Whether the stories that run at once fit into the memory, by their ceilings."""

from __future__ import annotations

from ....policies.bounds import AUTO_WORKERS
from ....policies.counting import counted
from ....policies.sizes import size_text
from ...shell.ceilings.memory import Memory, read_memory
from ..settings.config import Settings
from .words import Line, ok, warn

_LITTLE = 1 << 30


def memory_line(settings: Settings, *, prds: int) -> Line:
    """What all stories may use at once, beside what there is; `prds` are those to be run."""
    return judged(settings, read_memory(), prds=prds)


def judged(settings: Settings, memory: Memory, *, prds: int) -> Line:
    """The same for a given memory."""
    shown = f"{size_text(memory.available)} of {size_text(memory.total)} are free"
    if memory.available < _LITTLE:
        return warn("memory", shown, "end what is not needed: an agent alone takes about 1 GiB")
    ceilings, stories = settings.limits, stories_at_once(settings, prds=prds)
    high = ceilings.memory_high
    if not high:
        advice = 'memory_high = "4GiB" under [limits], or what a story may take'
        return warn("memory", f"{shown}, and no story has a ceiling", advice)
    if not stories:
        return ok("memory", f"{shown}; with max_workers = 0 nobody can say for how many stories")
    wanted = min(stories * high, ceilings.run_memory_max or stories * high)
    told = f"{counted(stories, 'story')} at once may use {size_text(high)} each"
    if wanted <= memory.available:
        return ok("memory", f"{shown}; {told}")
    fitting = max(1, memory.available // high)
    advice = (
        f"max_workers = {max(1, fitting // max(1, _prds(settings, prds)))}, or a lower memory_high,"
        " or run_memory_max under [limits]"
    )
    return warn("memory", f"{shown}, but {told}: {size_text(wanted)}", advice)


def stories_at_once(settings: Settings, *, prds: int) -> int:
    """How many at most; 0: nobody can say."""
    workers = settings.max_workers
    if workers in {0, AUTO_WORKERS}:
        return 0
    return min(_prds(settings, prds) * int(workers), settings.api_limit)


def _prds(settings: Settings, prds: int) -> int:
    return max(1, min(prds, settings.max_prds))
