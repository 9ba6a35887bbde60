"""When a child that says nothing is hung: a ladder over checks, of which only punctual ones count.

A supervisor that was late for its own check may have slept with the whole machine, and its children
with it. Silence is therefore measured in punctual checks, not in time: suspend, a stop of
everything and a starved host make nobody look hung.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ..values import replace

BEAT_S = 1.0  # a watched child says something this often, and is checked this often
LATE_AFTER_BEATS = 2.0  # a check that comes this long after the one before says nothing
UNDEAD_S = 5.0  # after SIGKILL: so long nobody takes to die who can
EXTEND_S_MAX = 3600.0  # nobody is excused for longer, whatever it asks for


class HangStep(Enum):
    """What is done about a silent child, from one step to the next."""

    WARN = "warn"  # tell people
    DUMP = "dump"  # have it write its stacks to the crash log
    TERMINATE = "terminate"  # SIGTERM, and SIGCONT so that it is heard
    KILL = "kill"
    UNDEAD = "undead"  # tell people that it was killed and is not gone: the kernel holds it


class Patience(Struct, frozen=True, kw_only=True):
    """After how long a silence each step is taken."""

    warn_s: float = 5.0
    dump_s: float = 10.0
    terminate_s: float = 15.0
    kill_s: float = 25.0

    def after(self, step: HangStep) -> float:
        """The silence after which this step is due."""
        match step:
            case HangStep.WARN:
                return self.warn_s
            case HangStep.DUMP:
                return self.dump_s
            case HangStep.TERMINATE:
                return self.terminate_s
            case HangStep.KILL:
                return self.kill_s
            case HangStep.UNDEAD:
                return self.kill_s + UNDEAD_S


LADDER = tuple(HangStep)


class Pulse(Struct, frozen=True, kw_only=True):
    """What is known of one child's signs of life.

    `weight_s` is the silence that counts: less than `silent_s` where the host was under pressure.
    """

    was_heard: bool = True
    excused_s: float = 0.0  # for how long it announced to be busy
    silent_s: float = 0.0
    weight_s: float = 0.0
    taken: int = 0  # so many steps of the ladder

    @property
    def is_suspect(self) -> bool:
        """Say whether anything was done about it yet."""
        return self.taken > 0


def heard(pulse: Pulse) -> Pulse:
    """Take any word as life; it ends what the child was excused for."""
    return replace(pulse, was_heard=True, excused_s=0.0)


def excused(pulse: Pulse, for_s: float) -> Pulse:
    """Take the child's word that it will be silent for so long."""
    return replace(pulse, was_heard=True, excused_s=min(max(for_s, 0.0), EXTEND_S_MAX))


def without_excuse(pulse: Pulse) -> Pulse:
    """Take back what the child was excused for."""
    return replace(pulse, excused_s=0.0)


def is_punctual(since_last_s: float, beat_s: float) -> bool:
    """Say whether a check that comes so long after the one before may count."""
    return since_last_s < LATE_AFTER_BEATS * beat_s


def check(
    pulse: Pulse, patience: Patience, *, beat_s: float, stretch: float
) -> tuple[Pulse, HangStep | None]:
    """Take one punctual check: the pulse after it, and the step that is due, one at a time.

    `stretch` is how many times longer everything may take now, for the host is under pressure.
    """
    if pulse.was_heard:
        return Pulse(was_heard=False, excused_s=pulse.excused_s), None
    weight_s = beat_s / stretch
    if pulse.excused_s > 0:
        return replace(pulse, excused_s=pulse.excused_s - weight_s), None
    silent = replace(pulse, silent_s=pulse.silent_s + beat_s, weight_s=pulse.weight_s + weight_s)
    if silent.taken == len(LADDER):
        return silent, None
    step = LADDER[silent.taken]
    if silent.weight_s < patience.after(step):
        return silent, None
    return replace(silent, taken=silent.taken + 1), step
