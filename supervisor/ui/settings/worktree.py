"""[worktree]: where stories are worked on, and what stands there besides the repository's files."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ....workers.messages.prd import Limits
from ....workers.messages.rules import WorktreeRules
from .limits import Size
from .values import Commands, CountOrNone, Globs, InnerGlobs, Seconds

_DEFAULTS = WorktreeRules()


class WorktreeSettings(BaseModel):
    """[worktree]; an empty `root` is the state folder."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    root: str = ""
    setup: Commands = ()
    setup_when: InnerGlobs = ()
    setup_timeout_s: Seconds = _DEFAULTS.setup_timeout_s
    copied: Annotated[InnerGlobs, Field(alias="copy")] = ()  # pydantic has a `copy` of its own
    link: InnerGlobs = ()
    sparse: InnerGlobs = ()
    free_min: Size = 1 << 30
    kept: CountOrNone = Limits().worktrees_kept  # of failed stories
    secret_files: Globs = ()

    def rules(self) -> WorktreeRules:
        """The same in the tree's words."""
        return WorktreeRules(
            setup=self.setup,
            setup_when=self.setup_when,
            setup_timeout_s=self.setup_timeout_s,
            copy=self.copied,
            link=self.link,
            sparse=self.sparse,
            free_bytes_min=self.free_min,
        )
