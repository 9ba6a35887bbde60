"""How the cursor goes through the regions of the screen, and what is folded."""

from __future__ import annotations

from ....policies.values import replace
from .chosen import Chosen, Region
from .entries import at_work, entries, entry_under, is_unfolded, row_of
from .event_rows import events_end
from .keys import Key, Press
from .seen import Seen, StoryName
from .troubles import troubles

_EVER = 1 << 30


def moved(seen: Seen, chosen: Chosen, step: int) -> Chosen:
    """The cursor, so many rows further."""
    found = entries(seen, chosen)
    if not found:
        return chosen
    row = max(0, min(len(found) - 1, row_of(found, chosen) + step))
    return replace(chosen, cursor=found[row].name, row=row)


def through_events(seen: Seen, chosen: Chosen, step: int, height: int) -> Chosen:
    """The list of events, so many further; of the oldest there are always `height` to be seen."""
    count = len(seen.events)
    end = max(min(height, count), min(count, events_end(seen, chosen) + step))
    return replace(chosen, until=seen.events[end - 1] if end < count else None)


def steps(page: int) -> dict[Press, int]:
    """How far each key goes."""
    page = max(1, page)
    near: dict[Press, int] = {Key.UP: -1, "k": -1, Key.DOWN: 1, "j": 1}
    far: dict[Press, int] = {Key.PAGE_UP: -page, Key.PAGE_DOWN: page}
    ends: dict[Press, int] = {Key.HOME: -_EVER, "g": -_EVER, Key.END: _EVER, "G": _EVER}
    return near | far | ends


def at(seen: Seen, chosen: Chosen, name: StoryName) -> Chosen:
    """The cursor on this PRD or story, in the region where it is, if it is in one."""
    there = replace(chosen, cursor=name)
    found = entries(seen, there)
    return replace(there, row=row_of(found, there))


def next_region(seen: Seen, chosen: Chosen, step: int) -> Chosen:
    """The next region that has something in it."""
    regions = list(Region)
    filled = {
        Region.PRDS: True,
        Region.WORK: bool(at_work(seen.document, chosen.filter)),
        Region.EVENTS: bool(seen.events),
    }
    place = regions.index(chosen.region)
    order = (regions[(place + step * count) % len(regions)] for count in (1, 2, 3))
    region = next(each for each in order if filled[each])
    there = replace(chosen, region=region, until=None)
    found = entries(seen, there)
    return replace(there, row=row_of(found, there)) if found else there


def folded(seen: Seen, chosen: Chosen, key: Press) -> Chosen:
    """The PRD under the cursor folded or unfolded; of a story, its PRD."""
    entry = entry_under(seen, chosen)
    if entry is None or chosen.region is not Region.PRDS:
        return chosen
    is_open = is_unfolded(seen.document, chosen, entry.prd.id)
    opens = not is_open if key == " " else key is Key.RIGHT
    return (
        at(seen, _with(chosen, {entry.prd.id}, opens=opens), (entry.prd.id, ""))
        if (opens != is_open)
        else chosen
    )


def fold_all(seen: Seen, chosen: Chosen) -> Chosen:
    """All PRDs folded; unfolded, if all of them were."""
    ids = {prd.id for prd in seen.document.prds}
    opens = not any(is_unfolded(seen.document, chosen, prd_id) for prd_id in ids)
    return _with(chosen, ids, opens=opens)


def to_trouble(seen: Seen, chosen: Chosen, step: int) -> Chosen:
    """The cursor on the next thing that wants a person."""
    names = [each.name for each in troubles(seen.document) if each.name is not None]
    if not names:
        return replace(chosen, notice="nothing here wants you")
    entry = entry_under(seen, chosen)
    here = entry.name if entry is not None else None
    place = names.index(here) + step if here in names else (0 if step > 0 else -1)
    prd_id, story_id = names[place % len(names)]
    there = replace(chosen, region=Region.PRDS, filter="")
    if story_id:
        there = _with(there, {prd_id}, opens=True)
    return at(seen, there, (prd_id, story_id))


def _with(chosen: Chosen, ids: set[str], *, opens: bool) -> Chosen:
    if opens:
        return replace(chosen, unfolded=chosen.unfolded | ids, folded=chosen.folded - ids)
    return replace(chosen, unfolded=chosen.unfolded - ids, folded=chosen.folded | ids)
