"""The last events, as far as there is room."""

from __future__ import annotations

from datetime import UTC, datetime

from ...shell.storage.eventlog import Event
from ..looks.columns import cells
from ..looks.event_kinds import tone_of
from ..looks.rows import Row, Span, Style, Tone
from .chosen import Chosen
from .fitting import padded
from .seen import Seen

WHERE_MOST = 20
WHERE_SHARE = 4  # of the width: no more than one part of so many
WORDS_MOST = 16
READ = 100  # characters of a name or a word that comes from outside


def events_end(seen: Seen, chosen: Chosen) -> int:
    """How many events there are up to the last one that the viewer wants to see."""
    if chosen.until is None:
        return len(seen.events)
    places = range(len(seen.events), 0, -1)
    # It may have been so long ago that it is not kept any more: then the oldest are shown.
    return next((at for at in places if seen.events[at - 1] == chosen.until), 0)


def event_rows(seen: Seen, chosen: Chosen, width: int, height: int, style: Style) -> list[Row]:
    """So many events; where the viewer went back, those before that."""
    last = max(events_end(seen, chosen), min(height, len(seen.events)))
    events = seen.events[max(0, last - height) : last]
    most = min(WHERE_MOST, width // WHERE_SHARE)
    places = [_place(event, most) for event in events]
    words = [_words(event) for event in events]
    widths = min(most, _longest(places)), min(WORDS_MOST, width // WHERE_SHARE, _longest(words))
    return [
        (
            Span(f"{clock(seen, event.get('at'))}  ", Tone.DIM),
            Span(padded(place, widths[0], is_ascii=style.is_ascii) + "  "),
            Span(padded(word, widths[1], is_ascii=style.is_ascii) + "  ", tone_of(event)),
            Span(str(event.get("text") or "")),
        )
        for event, place, word in zip(events, places, words, strict=True)
    ]


def _place(event: Event, most: int) -> str:
    """`PRD/STORY` where there is room for both, else the story."""
    prd = str(event.get("prd") or "root")[:READ]
    story = str(event.get("story") or "")[:READ]
    both = f"{prd}/{story}" if story else prd
    return both if cells(both) <= most or not story else story


def _words(event: Event) -> str:
    return str(event.get("event") or "")[:READ].replace("_", " ")


def _longest(texts: list[str]) -> int:
    return max(map(cells, texts), default=0)


def clock(seen: Seen, at: object) -> str:
    """When it was, by local clocks."""
    try:
        moment = datetime.fromisoformat(str(at)).timestamp()
        return datetime.fromtimestamp(moment + seen.zone_s, UTC).strftime("%H:%M:%S")
    except (ValueError, OverflowError, OSError):  # of another version, or of another hand
        return "--:--:--"
