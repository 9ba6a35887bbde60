"""What the viewer has chosen: where the cursor is, what is folded, filtered, opened, asked."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ...shell.storage.eventlog import Event
from .seen import PageKind, StoryName
from .wishes import Order


class Region(Enum):
    """The parts of the screen that a cursor can be in."""

    PRDS = "PRDs"
    WORK = "At work"
    EVENTS = "Events"


class Opened(Struct, frozen=True, kw_only=True):
    """The page that is open. `top` is the number of the first line shown; None follows the end."""

    name: StoryName
    kind: PageKind = PageKind.LOG
    top: int | None = None


class Question(Struct, frozen=True, kw_only=True):
    """What is asked before an order is given; a reason is typed where `wants_reason`."""

    text: str
    order: Order
    wants_reason: bool = False
    typed: str = ""


class Chosen(Struct, frozen=True, kw_only=True):
    """All of it. The cursor stands on a PRD or story by name, wherever its row goes."""

    region: Region = Region.PRDS
    cursor: StoryName | None = None  # None: the first one
    row: int = 0  # where it stood last, for when its name is gone
    unfolded: frozenset[str] = frozenset()
    folded: frozenset[str] = frozenset()  # by hand, where a PRD would stand unfolded
    filter: str = ""
    is_filtering: bool = False  # what is typed goes into the filter
    until: Event | None = None  # the last event that is shown; none: the last there is
    opened: Opened | None = None
    question: Question | None = None
    help_top: int | None = None  # help is open, from this line on
    notice: str = ""  # why the last key did nothing
