"""[merge]: how the work of stories comes together, and what becomes of a PRD's branch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ....policies.merging.toolchain import Tool, Toolchain
from ....workers.messages.rules import MergeRules, OnFailure, Strategy
from .values import Commands, Ref, Seconds

CARS_MAX = 100
COMPARE_S_MAX = 86_400.0
_DEFAULTS = MergeRules()


class MergeSettings(BaseModel):
    """[merge]; an empty `base` is the branch that start was called on."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    base: Ref = ""
    auto: bool = _DEFAULTS.auto
    allow_protected: bool = _DEFAULTS.allow_protected
    push: bool = _DEFAULTS.push
    push_timeout_s: Seconds = _DEFAULTS.push_timeout_s
    reconcile: bool = _DEFAULTS.reconcile
    fallback: bool = _DEFAULTS.fallback
    speculate: bool = _DEFAULTS.speculate
    cars_max: Annotated[int, Field(ge=1, le=CARS_MAX)] = _DEFAULTS.cars_max
    checks: Commands | None = None
    formatters: Commands | None = None


def merge_rules(
    merge: MergeSettings, *, strategy: str, compare_s: float, on_failure: str, found: Toolchain
) -> MergeRules:
    """The tables [merge] and [parallel] in the tree's words.

    `found` is what the repository is set up for; what the settings say goes before it.
    """
    return MergeRules(
        strategy=Strategy(strategy),
        reconcile=merge.reconcile,
        fallback=merge.fallback,
        speculate=merge.speculate,
        cars_max=merge.cars_max,
        compare_s=compare_s,
        checks=_said_or_found(merge.checks, found.checks),
        formatters=_said_or_found(merge.formatters, found.formatters),
        on_failure=OnFailure(on_failure),
        auto=merge.auto,
        allow_protected=merge.allow_protected,
        push=merge.push,
        push_timeout_s=merge.push_timeout_s,
        into=merge.base,
    )


def _said_or_found(said: Commands | None, found: Sequence[Tool]) -> Commands:
    return tuple(tool.command for tool in found if tool.is_here) if said is None else said


StrategyOfConflicts = Literal["entity", "file", "none"]
OnFailureName = Literal["keep", "rollback"]
CompareSeconds = Annotated[float, Field(ge=0, le=COMPARE_S_MAX, allow_inf_nan=False)]
