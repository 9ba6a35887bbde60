"""What a dashboard shows: everything that was found out, with no chance to find out more."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from ...shell.status.document import StatusDocument
from ...shell.storage.eventlog import Event

StoryName = tuple[str, str]  # PRD and story; of a whole PRD the story is ""


class PageKind(Enum):
    """What can be opened of a story, or of a PRD."""

    LOG = "log"
    PROMPT = "prompt"
    DIFF = "diff"
    EVIDENCE = "evidence"
    EVENTS = "events"


class Page(Struct, frozen=True, kw_only=True):
    """What is open: the lines as far as they are known, the last ones where they are too many."""

    name: StoryName
    kind: PageKind
    lines: tuple[str, ...] = ()
    skipped: int = 0  # lines before the first one: a viewer's place stays when more come
    note: str = ""  # why there is nothing, or that more is not shown


class Answer(Struct, frozen=True, kw_only=True):
    """What came of the viewer's last order."""

    text: str
    is_good: bool = True


class Seen(Struct, frozen=True, kw_only=True):
    """One look. Moments are epoch seconds; a live document is as old as `now`."""

    document: StatusDocument
    now: float
    is_live: bool = True  # root has answered; else it is what the journals tell, or an old look
    problem: str = ""  # why it is not live
    events: tuple[Event, ...] = ()  # the last ones, the latest last
    last_lines: Mapping[StoryName, str] = field(default_factory=dict)  # of stories at work
    rest_s: Mapping[str, float] = field(default_factory=dict)  # estimated, by PRD; "" is all
    page: Page | None = None
    answer: Answer | None = None  # for a few seconds
    place: str = ""  # the repository's name
    zone_s: float = 0.0  # how far local clocks are ahead of UTC

    @property
    def moment(self) -> float:
        """When it was so: where nobody answers, nothing goes on that could be known of."""
        return self.now if self.is_live else self.document.at
