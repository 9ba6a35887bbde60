"""A night in virtual time: a pass each second, and what was judged in each."""

from __future__ import annotations

from msgspec import Struct, field

from prd_supervise.policies.ceilings.judging import Watch, judge
from prd_supervise.policies.ceilings.pressure import HostSample
from prd_supervise.policies.ceilings.verdicts import Attempt, Ceilings, Sample, Verdict
from prd_supervise.policies.values import replace

MIB = 1 << 20
PLENTY = HostSample(available_bytes=1 << 50)
NONE = Ceilings(memory_high=0, memory_max=0, processes=0, memory_reserve=0)


def attempt(story: str, number: int = 1) -> Attempt:
    """`A1` is story 1 of PRD A."""
    return Attempt(prd_id=story[0], story_id=story[1:], number=number)


def sample(story: str, mib: float = 1, **more: float) -> Sample:
    """What a story uses; it began when its number says, unless told otherwise."""
    known = Sample(
        attempt=attempt(story),
        memory_bytes=int(mib * MIB),
        cpu_s=0.0,
        processes=1,
        began_at_s=float(story[1:]),
    )
    return replace(known, **more)  # type: ignore[arg-type]  # the fields are numbers


class Night(Struct, kw_only=True):
    """Judges pass after pass."""

    run: Ceilings
    of: dict[str, Ceilings] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    now_s: float = 1000.0

    def see(
        self, *samples: Sample, host: HostSample = PLENTY, after_s: float = 1.0
    ) -> tuple[Verdict, ...]:
        """One pass."""
        self.now_s += after_s
        self.watch, verdicts = judge(self.watch, samples, host, self.of, self.run, self.now_s)
        return verdicts

    def events(self, *samples: Sample, host: HostSample = PLENTY) -> list[str]:
        """One pass, told shortly: `memory_high A1`."""
        return [
            f"{each.event} {each.attempt.prd_id}{each.attempt.story_id}"
            if hasattr(each, "attempt")
            else each.event
            for each in self.see(*samples, host=host)
        ]
