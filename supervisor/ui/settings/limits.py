"""[limits]: the ceilings as people write them, and what they mean together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ....policies.ceilings.verdicts import Ceilings
from ....policies.sizes import size_of, size_text
from ...prd.defect import Defect
from .layers import Layer
from .values import CountOrNone

BYTES_MAX = 1 << 60
PERCENT_MAX = 1_000_000.0
_TABLE = "limits"
_DEFAULTS = Ceilings()


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    size = size_of(value)
    if size is None:
        raise ValueError("write a size such as '4GiB' or '512MiB', or a number of bytes")
    return size


Size = Annotated[int, BeforeValidator(_bytes), Field(ge=0, le=BYTES_MAX)]
Percent = Annotated[float, Field(ge=0, le=PERCENT_MAX, allow_inf_nan=False)]


class LimitSettings(BaseModel):
    """[limits]: what stories may use; 0 = no ceiling, 100 percent = one core."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    memory_high: Size = _DEFAULTS.memory_high
    memory_max: Size = _DEFAULTS.memory_max
    cpu_percent: Percent = _DEFAULTS.cpu_percent
    cpu_kill: bool = _DEFAULTS.cpu_kill
    processes: CountOrNone = _DEFAULTS.processes
    prd_memory_max: Size = _DEFAULTS.prd_memory_max
    run_memory_max: Size = _DEFAULTS.run_memory_max
    run_cpu_percent: Percent = _DEFAULTS.run_cpu_percent
    memory_reserve: Size = _DEFAULTS.memory_reserve

    def ceilings(self) -> Ceilings:
        """The ceilings; of high and max, the one that nobody has said follows the other."""
        found = self.model_dump()
        high, most = self.memory_high, self.memory_max
        if 0 < most < high:
            if "memory_high" not in self.model_fields_set:
                found["memory_high"] = most * 2 // 3
            elif "memory_max" not in self.model_fields_set:
                found["memory_max"] = high * 3 // 2
        return Ceilings(**found)


def limit_defects(limits: LimitSettings, layers: Sequence[Layer]) -> Iterable[Defect]:
    """Refuse what contradicts itself, at the origin that overrules the others."""
    ceilings = limits.ceilings()
    if 0 < ceilings.memory_max < ceilings.memory_high:
        layer = next(each for each in reversed(layers) if _says(each, "memory_high", "memory_max"))
        key = "memory_high" if _says(layer, "memory_high") else "memory_max"
        high, most = size_text(ceilings.memory_high), size_text(ceilings.memory_max)
        message = f"{layer.name((_TABLE, key))}: memory_high is {high} and memory_max is {most}; "
        message += "memory_high must not be above memory_max"
        yield layer.defect((_TABLE, key), message)


def _says(layer: Layer, *keys: str) -> bool:
    table = layer.values.get(_TABLE)
    return isinstance(table, dict) and any(key in table for key in keys)
