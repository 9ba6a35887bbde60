"""[parallel]: which stories are kept from running side by side, though nobody wrote so."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...prd.graph.inference import Rules

Weight = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
_DEFAULTS = Rules()
MODE = "parallel.inference"


class ParallelSettings(BaseModel):
    """[parallel]: what counts as a likely collision of two stories."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    inference: Literal["files", "text", "hybrid", "none"] = "files"
    threshold: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = _DEFAULTS.threshold
    similar: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = _DEFAULTS.similar
    files_weight: Weight = _DEFAULTS.files_weight
    text_weight: Weight = _DEFAULTS.text_weight

    def rules(self, *, is_insisted: bool) -> Rules:
        """The same in the words of the graph; what is insisted on, no PRD overrules."""
        return Rules(
            mode=self.inference,
            threshold=self.threshold,
            similar=self.similar,
            files_weight=self.files_weight,
            text_weight=self.text_weight,
            is_insisted=is_insisted,
        )
