"""How many stories of a PRD run at once, where nobody said a number.

Additive increase, multiplicative decrease: one more while all goes well and more could run, half of
them when there is trouble: stories that conflict, or a host that is short. Between two changes lies
`step_s`, after trouble more; only a bound that is lowered holds at once.
"""

from __future__ import annotations

import math

from msgspec import Struct

from ..counting import counted
from ..sizes import size_text
from ..values import replace

START_MAX = 3
OF_CORES = 4  # agents mostly wait for an answer
STORY_BYTES = 1 << 30  # what a story takes, until one has been seen
WINDOW_S = 600.0  # in which conflicts count
CONFLICTS_MIN = 2
CONFLICT_RATE_MAX = 0.5  # of the stories that were merged in the window
CALM_STEPS = 3  # after trouble, and before fewer stories count as fewer
MARKS_MAX = 200


class PaceRules(Struct, frozen=True, kw_only=True):
    """How quick decisions may follow each other, and when processors count as busy."""

    step_s: float = 20.0
    busy_percent: float = 60.0  # of the time in which somebody waited for a processor


class Seen(Struct, frozen=True, kw_only=True):
    """What a decision is made from."""

    width: int = 0  # stories that run, or could
    running: int = 0
    cores: int = 1
    available_bytes: int = 0
    reserve_bytes: int = 0  # that the host shall have left
    story_bytes: int = 0  # the most that a story of this PRD took; 0: none has been seen
    shortage: str = ""  # what the host is short of
    cpu_some: float = 0.0
    merged: int = 0  # stories of this PRD, since its supervisor began
    conflicts: int = 0  # attempts that went again because of one, likewise
    agents_max: int = 0  # agents over all PRDs, and as usage limits have it; 0: no bound
    agent_waits: bool = False  # a story waits for that


class Mark(Struct, frozen=True, kw_only=True):
    """How many stories were merged and went again until a moment."""

    at_s: float
    merged: int
    conflicts: int


class Pace(Struct, frozen=True, kw_only=True):
    """How many stories may run at once, and what is remembered for the next decision."""

    places: int
    changed_s: float
    trouble_s: float = -math.inf
    narrow_s: float = math.inf  # since then there are fewer stories than places
    marks: tuple[Mark, ...] = ()


def first_places(seen: Seen) -> int:
    """With how many to start, if so many stories can run."""
    return max(1, min(START_MAX, seen.cores, _room(seen), _bound(seen)))


def begin(seen: Seen, now_s: float) -> tuple[Pace, str]:
    """The first pace, and why it is that."""
    most = first_places(seen)
    places = max(1, min(most, seen.width)) if seen.width else most
    free = f"{size_text(seen.available_bytes)} of memory free"
    why = f"the start: {counted(seen.cores, 'core')}, {free}"
    return Pace(places=places, changed_s=now_s, marks=(_mark(seen, now_s),)), why


def paced(pace: Pace, seen: Seen, now_s: float, rules: PaceRules) -> tuple[Pace, str]:
    """The next pace, and why; the reason is empty where the number stays."""
    pace = _remembering(pace, seen, now_s)
    bound = _bound(seen)
    if pace.places > bound:
        return _changed(pace, bound, now_s), f"no more than {counted(bound, 'agent')} may run"
    if now_s - pace.changed_s < rules.step_s:
        return pace, ""
    trouble = _trouble(pace, seen)
    calm_s = CALM_STEPS * rules.step_s
    if trouble and pace.places > 1:
        fewer = _changed(pace, pace.places // 2, now_s)
        # What was answered once is not held against the stories again.
        return replace(fewer, trouble_s=now_s, marks=(_mark(seen, now_s),)), trouble
    if now_s - pace.narrow_s >= calm_s:
        places = max(1, seen.width)
        return _changed(pace, places, now_s), f"only {places} can run"
    is_calm = not trouble and now_s - pace.trouble_s >= calm_s
    places = _more(pace, seen, bound, rules) if is_calm else pace.places
    if places == pace.places:
        return pace, ""
    free = size_text(seen.available_bytes)
    why = f"{seen.width} can run, {free} of memory free, {_taken(seen)} a story"
    return _changed(pace, places, now_s), why


def _more(pace: Pace, seen: Seen, bound: int, rules: PaceRules) -> int:
    """One more if all that may run does; at the start as many as one would have begun with."""
    most = min(seen.width, bound)
    if pace.places >= most or seen.running < pace.places or seen.agent_waits:
        return pace.places
    if seen.cpu_some > rules.busy_percent or _room(seen) < 1:
        return pace.places
    if pace.trouble_s == -math.inf and pace.places < first_places(seen):
        return min(most, first_places(seen))
    return pace.places + 1


def _bound(seen: Seen) -> int:
    most = OF_CORES * seen.cores
    return max(1, min(most, seen.agents_max) if seen.agents_max else most)


def _room(seen: Seen) -> int:
    """For how many more stories there is memory."""
    return max(0, seen.available_bytes - seen.reserve_bytes) // (seen.story_bytes or STORY_BYTES)


def _taken(seen: Seen) -> str:
    return size_text(seen.story_bytes) if seen.story_bytes else f"perhaps {size_text(STORY_BYTES)}"


def _trouble(pace: Pace, seen: Seen) -> str:
    if seen.shortage:
        return seen.shortage
    first = pace.marks[0] if pace.marks else _mark(seen, 0.0)
    conflicts, merged = seen.conflicts - first.conflicts, seen.merged - first.merged
    if conflicts >= CONFLICTS_MIN and conflicts >= CONFLICT_RATE_MAX * merged:
        return f"{conflicts} went again for a conflict, {merged} were merged"
    return ""


def _remembering(pace: Pace, seen: Seen, now_s: float) -> Pace:
    """Take what is seen into account; counts that fall are those of another supervisor."""
    marks = tuple(each for each in pace.marks if now_s - each.at_s <= WINDOW_S)
    last = pace.marks[-1] if pace.marks else None
    if last is None or seen.merged < last.merged or seen.conflicts < last.conflicts:
        marks = (_mark(seen, now_s),)
    elif (seen.merged, seen.conflicts) != (last.merged, last.conflicts) or not marks:
        # The first one says what the window began with.
        marks = (*(marks or (replace(last, at_s=now_s),)), _mark(seen, now_s))
    narrow_s = min(pace.narrow_s, now_s) if seen.width < pace.places else math.inf
    return replace(pace, marks=(marks[0], *marks[1:][-MARKS_MAX:]), narrow_s=narrow_s)


def _mark(seen: Seen, now_s: float) -> Mark:
    return Mark(at_s=now_s, merged=seen.merged, conflicts=seen.conflicts)


def _changed(pace: Pace, places: int, now_s: float) -> Pace:
    return replace(pace, places=places, changed_s=now_s, narrow_s=math.inf)
