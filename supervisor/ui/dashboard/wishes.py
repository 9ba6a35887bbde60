"""What a key press can ask of the world: an order for root, a page of a story, the end."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .seen import PageKind, StoryName


class Verb(StrEnum):
    """Orders. The first ones are called so on the control socket, too."""

    STOP = "stop"  # without a name: everything
    HOLD = "hold"
    RELEASE = "release"
    RETRY = "retry"
    RESTART = "restart"
    APPROVE = "approve"
    REJECT = "reject"
    RELEASE_BUDGET = "release budget"
    RELEASE_AGENT = "release agent"


class Order(Struct, frozen=True, kw_only=True):
    """One order, confirmed. Of a whole PRD the story is "", of everything the PRD is, too."""

    verb: Verb
    prd: str = ""
    story: str = ""
    reason: str = ""  # of a rejection, as it was typed
    attempt: int | None = None  # whose question is answered
    agent: str = ""  # whom to release

    @property
    def target(self) -> str:
        """`PRD` or `PRD/STORY`, as commands and the control socket name it."""
        return f"{self.prd}/{self.story}" if self.story else self.prd


class OpenPage(Struct, frozen=True, kw_only=True):
    """Find out what stands on this page: it has just been opened."""

    name: StoryName
    kind: PageKind


class Quit(Struct, frozen=True):
    """Close the dashboard; the run goes on."""


Wish = Order | OpenPage | Quit
