"""What may be asked over the control socket: a closed set of verbs, validated at the border."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

LINE_BYTES_MAX = 1 << 20


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class StatusRequest(_Request):
    """The status document, now."""

    verb: Literal["status"]


class StopRequest(_Request):
    """Stop these PRDs, or the whole tree if none is named; `now` leaves no time to agents."""

    verb: Literal["stop"]
    prds: tuple[str, ...] = ()
    now: bool = False


class OnlyRequest(_Request):
    """Of this file only one PRD is meant: its part, or the PRD of this id."""

    path: str
    part: str | None = None
    prd_id: str = ""


class StartRequest(_Request):
    """Run these PRD files (absolute paths); new ones start from the commit `base`."""

    verb: Literal["start"]
    paths: tuple[str, ...] = Field(min_length=1)
    only: tuple[OnlyRequest, ...] = ()
    base: str
    base_branch: str = ""
    retry: bool = False
    adopt_branch: bool = False
    repair: bool = False


class OrderRequest(_Request):
    """Do this to PRDs and stories: `PRD`, `PRD/STORY`, or a story's id that no other PRD has."""

    verb: Literal["hold", "release", "retry", "restart"]
    targets: tuple[str, ...] = Field(min_length=1)


class ReleaseAgentsRequest(_Request):
    """Let these agents be started again: what kept them from it is mended, or lifted."""

    verb: Literal["release_agents"]
    agents: tuple[str, ...] = Field(min_length=1)


class ReleaseBudgetsRequest(_Request):
    """Let these spend their budgets once more; none named: all that waits for that."""

    verb: Literal["release_budgets"]
    targets: tuple[str, ...] = ()


class _AnswerRequest(_Request):
    attempt: int | None = None  # that was seen: what another one asks is not answered


class ApproveRequest(_AnswerRequest):
    """Let these go on that wait for a person; `is_all`: with all that waits in these PRDs."""

    verb: Literal["approve"]
    targets: tuple[str, ...] = ()
    is_all: bool = False


class RejectRequest(_AnswerRequest):
    """Refuse these that wait for a person; the next attempt is told the reason."""

    verb: Literal["reject"]
    targets: tuple[str, ...] = Field(min_length=1)
    reason: str


class FollowRequest(_Request):
    """Send every event from now on, a line each, until one side closes."""

    verb: Literal["follow"]


class WatchRequest(_Request):
    """The status document, now; then what changes of it, and every event, a line each."""

    verb: Literal["watch"]


ControlRequest = (
    StatusRequest
    | StopRequest
    | StartRequest
    | OrderRequest
    | ReleaseAgentsRequest
    | ReleaseBudgetsRequest
    | ApproveRequest
    | RejectRequest
    | FollowRequest
    | WatchRequest
)
Looking = StatusRequest | FollowRequest | WatchRequest
REQUEST: TypeAdapter[ControlRequest] = TypeAdapter(
    Annotated[ControlRequest, Field(discriminator="verb")]
)
