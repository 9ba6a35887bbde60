"""[parallel]: which stories are kept from running side by side, though nobody wrote so."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ....policies.bounds import SECONDS_MAX
from ....policies.scheduling.concurrency import PaceRules
from ...prd.graph.inference import Rules
from .merging import CompareSeconds, StrategyOfConflicts

PaceSeconds = Annotated[float, Field(gt=0, le=SECONDS_MAX, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
_DEFAULTS = Rules()
_PACE = PaceRules()
MODE = "parallel.inference"
STRATEGY = "parallel.conflict_strategy"
# Another scale: there any two stories of one PRD come to .42 on average, and 3 pairs in 1000 to .8.
_OF_EMBEDDINGS = {"threshold": 0.9, "similar": 0.8}


class ParallelSettings(BaseModel):
    """[parallel]: what counts as a likely collision of two stories."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    conflict_strategy: StrategyOfConflicts = "entity"
    compare_s: CompareSeconds = 30.0
    pace_s: PaceSeconds = _PACE.step_s
    busy_percent: Percent = _PACE.busy_percent
    inference: Literal["files", "text", "hybrid", "none"] = "files"
    similarity: Literal["tfidf", "embeddings"] = "tfidf"
    threshold: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = _DEFAULTS.threshold
    similar: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = _DEFAULTS.similar
    files_weight: Weight = _DEFAULTS.files_weight
    text_weight: Weight = _DEFAULTS.text_weight

    def pace(self) -> PaceRules:
        """How max_workers = "auto" goes up and down."""
        return PaceRules(step_s=self.pace_s, busy_percent=self.busy_percent)

    def rules(self, insisted: Collection[str] = ()) -> Rules:
        """The same in the words of the graph; what is insisted on, no PRD overrules."""
        scale = {"threshold": self.threshold, "similar": self.similar}
        if self.similarity == "embeddings":
            scale = _OF_EMBEDDINGS | self.model_dump(include={*scale}, exclude_unset=True)
        return Rules(
            mode=self.inference,
            similarity=self.similarity,
            threshold=scale["threshold"],
            similar=scale["similar"],
            files_weight=self.files_weight,
            text_weight=self.text_weight,
            is_insisted=MODE in insisted,
            strategy=self.conflict_strategy,
            has_strategy=STRATEGY in insisted,
        )
