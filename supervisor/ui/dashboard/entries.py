"""What the cursor can stand on: PRDs and stories as the viewer wants them; and where it is."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ....policies.values import replace
from ...shell.status.document import PrdStatus, StatusDocument, StoryStatus
from ..looks.states import is_at_work, state_of
from .chosen import Chosen, Region
from .seen import Seen, StoryName

_UNKNOWN = ""  # a state of another version
_ORDER = ("active", "damaged", "failed", "interrupted", "stopped", "queued", _UNKNOWN, "completed")
_RANKS = {state: rank for rank, state in enumerate(_ORDER)}
TITLE_READ = 500  # characters of a title that a filter looks at


class Entry(Struct, frozen=True, kw_only=True):
    """A PRD, or one of its stories."""

    prd: PrdStatus
    story: StoryStatus | None = None

    @property
    def name(self) -> StoryName:
        """What it is called, in a document as in the next one."""
        return self.prd.id, self.story.id if self.story is not None else ""

    @property
    def shown(self) -> str:
        """Its name as commands take it."""
        return f"{self.prd.id}/{self.story.id}" if self.story is not None else self.prd.id

    @property
    def about(self) -> PrdStatus | StoryStatus:
        """The story, or else the PRD."""
        return self.prd if self.story is None else self.story


def entries(seen: Seen, chosen: Chosen) -> tuple[Entry, ...]:
    """All rows of the region that the cursor is in; the list of events has none."""
    if chosen.region is Region.WORK:
        return at_work(seen.document, chosen.filter)
    return listed(seen.document, chosen) if chosen.region is Region.PRDS else ()


def listed(document: StatusDocument, chosen: Chosen) -> tuple[Entry, ...]:
    """The PRDs, each with its stories where it is unfolded; filtered, those that are meant.

    What is going on, or came to nothing, stands above what has its time or is over.
    """
    words = _words(chosen.filter)
    found: list[Entry] = []
    for prd in sorted(document.prds, key=_rank):
        meant = _meant(prd, words)
        if meant is None:
            continue
        found.append(Entry(prd=prd))
        if is_unfolded(document, chosen, prd.id) or (words and meant):
            stories = meant or prd.stories
            found += [Entry(prd=prd, story=story) for story in stories]
    return tuple(found)


def at_work(document: StatusDocument, wanted: str = "") -> tuple[Entry, ...]:
    """The stories in flight."""
    words = _words(wanted)
    return tuple(
        Entry(prd=prd, story=story)
        for prd in document.prds
        if prd.state == "active"
        for story in prd.stories
        if is_at_work(story) and (not words or _is_meant(prd, words) or _is_meant(story, words))
    )


def is_unfolded(document: StatusDocument, chosen: Chosen, prd_id: str) -> bool:
    """Say whether the stories of a PRD are listed: of the only one at once."""
    if prd_id in chosen.folded:
        return False
    return prd_id in chosen.unfolded or len(document.prds) == 1


def settled(seen: Seen, chosen: Chosen) -> Chosen:
    """With nothing at work any more the cursor is among the PRDs: it has to stand somewhere."""
    if chosen.region is not Region.WORK or at_work(seen.document, chosen.filter):
        return chosen
    return replace(chosen, region=Region.PRDS)


def row_of(found: Sequence[Entry], chosen: Chosen) -> int:
    """Where the cursor stands: on its name, else on its PRD, else where it last was."""
    if chosen.cursor is None or not found:
        return 0
    names = {entry.name: row for row, entry in enumerate(found)}
    row = names.get(chosen.cursor, names.get((chosen.cursor[0], "")))
    return min(chosen.row, len(found) - 1) if row is None else row


def entry_under(seen: Seen, chosen: Chosen) -> Entry | None:
    """What the cursor stands on."""
    found = entries(seen, chosen)
    return found[row_of(found, chosen)] if found else None


def stood(seen: Seen, chosen: Chosen) -> Chosen:
    """The cursor by the name of what it is seen on: what a filter has found stays found."""
    entry = entry_under(seen, chosen)
    return chosen if entry is None else replace(chosen, cursor=entry.name)


def find(document: StatusDocument, name: StoryName) -> Entry | None:
    """The PRD or story of this name, if there still is one."""
    for prd in document.prds:
        if prd.id == name[0]:
            if not name[1]:
                return Entry(prd=prd)
            stories = (Entry(prd=prd, story=each) for each in prd.stories if each.id == name[1])
            return next(stories, None)
    return None


def _rank(prd: PrdStatus) -> int:
    return _RANKS.get(prd.state, _RANKS[_UNKNOWN])


def _words(wanted: str) -> Sequence[str]:
    return wanted.casefold().split()


def _meant(prd: PrdStatus, wanted: Sequence[str]) -> tuple[StoryStatus, ...] | None:
    """The stories that the filter means; none where it means the PRD itself; None: neither."""
    if not wanted or _is_meant(prd, wanted):
        return ()
    return tuple(story for story in prd.stories if _is_meant(story, wanted)) or None


def _is_meant(one: PrdStatus | StoryStatus, wanted: Sequence[str]) -> bool:
    """Each word of the filter stands in the id, the title, the state or the agent."""
    agent = one.agent or "" if isinstance(one, StoryStatus) else ""
    text = f"{one.id} {one.title[:TITLE_READ]} {state_of(one)} {agent}".casefold()
    return all(word in text for word in wanted)
