"""The plan as tables and lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from ....policies.approval import Point
from ....policies.counting import counted
from ...prd.graph.inference import Inferred
from ...prd.graph.locks import PREFIX
from ...prd.graph.remaining import Key
from ...prd.model import Plan
from ...shell.lines import safe
from ..looks.columns import cells, filled, table
from ..words.times import duration
from .outlook import Outlook, is_serial

_NARROW = 70  # below it what a story waits for is left to --tree
_BATCH, _GAP, _WAITS = 5, 2, 30
_NAMED_MAX = 10  # stories of one lock
_ASKS = {Point.STORY: "before the first attempt", Point.MERGE: "before the merge"}
_SHOWN_MAX = 50  # inferred edges and pairs that are alike; --json has all


def plan_text(found: Outlook, *, width: int) -> str:
    """Everything, in lines of at most so many cells."""
    if not found.plans:
        return "no PRD was found; `prd-supervise init` writes one"
    lines: list[str] = []
    for plan in found.plans:
        lines += filled(_head(plan, found), width, "    ")
    lines += ["", *_batches(found, width), ""]
    for line in _figures(found):
        lines += filled(line, width, "    ")
    for title, each in _sections(found):
        if each:
            lines += ["", *filled(title, width, "    ")]
            for line in each:
                lines += [f"  {part}" for part in filled(line, width - 2, "    ")]
    return "\n".join(lines).rstrip()


def story_name(key: Key, found: Outlook) -> str:
    """How a story is called: with its PRD where there are several."""
    return "/".join(key) if len(found.plans) > 1 else key[1]


def why(edge: Inferred, found: Outlook) -> str:
    """Where an inferred edge comes from."""
    reasons = []
    example = found.examples.get(edge, "")
    if edge.globs is not None and edge.globs[0] == edge.globs[1]:
        reasons.append(f"both name {edge.globs[0]}")
    elif edge.globs is not None:
        reasons.append(f"{edge.globs[0]} and {edge.globs[1]} can be the same path")
    if example and edge.globs != (example, example):
        reasons.append(f"both match {example}")
    if edge.similarity is not None:
        reasons.append(f"their texts are alike ({edge.similarity:.2f})")
    return ", ".join(reasons) or "they name too many paths to compare"


def _head(plan: Plan, found: Outlook) -> str:
    states = [found.states[plan.prd_id, story.story_id] for story in plan.stories]
    said = [f"{states.count('done')} of {len(states)} done"]
    said += [
        f"{states.count(word)} {word}"
        for word in ("skipped", "blocked", "failed")
        if word in states
    ]
    if is_serial(plan):
        said.append("parallel is off: one story at a time")
    elif plan.prd_id in found.places.auto:
        said.append("as many at once as go well (auto)")
    else:
        workers = found.places.workers[plan.prd_id]
        said.append(f"at most {workers} at once" if workers else "no bound on stories at once")
    method = found.similarity_of(plan.prd_id)
    said.append(f"inference: {found.modes[plan.prd_id]}" + (f" by {method}" if method else ""))
    if found.strategies[plan.prd_id] != "entity":
        said.append(f"conflicts: {found.strategies[plan.prd_id]}")
    title = f": {plan.title}" if plan.title != plan.prd_id else ""
    return f"{plan.prd_id}{title} ({', '.join(said)})"


def _batches(found: Outlook, width: int) -> list[str]:
    if not found.batches:
        return ["nothing is left to do"]
    rows: list[tuple[str, str, str, str]] = [("batch", "story", "waits for", "title")]
    inferred = found.inferred()
    for number, batch in enumerate(found.batches, 1):
        for at, key in enumerate(batch):
            story = found.graph.stories[key]
            waits = [
                name for name in story.depends_on if found.states.get((key[0], name)) != "done"
            ]
            waits += [need for need in story.needs if found.outside.get(need) != "done"]
            drawn = {edge.after for edge in inferred.get(key, ())}
            waits += [f"~{name}" if name in drawn else name for name in story.after]
            waits += [f"#{name}" for name in story.mutex if not name.startswith(PREFIX)]
            state = found.states[key]
            title = safe(story.title) if state == "waiting" else f"({state}) {safe(story.title)}"
            rows.append(
                ("" if at else str(number), story_name(key, found), safe(" ".join(waits)), title)
            )
    names = min(max(cells(row[1]) for row in rows), width // 3)
    waits_for = 0
    if width >= _NARROW:
        waits_for = min(max(cells(row[2]) for row in rows), _WAITS, width // 4)
    rest = width - _BATCH - names - waits_for - (3 if waits_for else 2) * _GAP
    return table(rows, (_BATCH, names, waits_for, rest))


def _figures(found: Outlook) -> Iterator[str]:
    if not found.batches:
        return
    widest = len(found.batches[found.widest - 1])
    yield f"widest: batch {found.widest}, {counted(widest, 'story')}"
    measured = f"by {counted(found.measured, 'earlier story')}"
    if found.measured:
        lasts = f"about {duration(found.run_s)} ({measured})"
    else:
        lasts = counted(round(found.run_s), "round")
    yield f"foreseen, within these bounds: up to {found.most_at_once} at once, {lasts}"
    chain = " -> ".join(story_name(key, found) for key in found.path)
    length = f"{counted(len(found.path), 'story')}"
    path = f", about {duration(found.path_s)}" if found.measured else ""
    yield f"critical path ({length}{path}): {chain}"


def _sections(found: Outlook) -> Iterator[tuple[str, list[str]]]:
    edges = [
        f"{story_name((edge.prd_id, edge.story_id), found)} after {edge.after}: {why(edge, found)}"
        for edge in found.inference.edges
    ]
    yield f"inferred, each story after another one ({len(edges)}, shown as ~):", _some(edges)
    locks = [
        f"{', '.join(story_name((lock.prd_id, name), found) for name in lock.stories[:_NAMED_MAX])}"
        + (f" and {len(lock.stories) - _NAMED_MAX} more" if len(lock.stories) > _NAMED_MAX else "")
        for lock in found.locks
    ]
    yield f"never two at once, because their files can be the same ({len(locks)}):", _some(locks)
    alike = [
        f"{story_name((pair.prd_id, pair.story_id), found)} and {pair.other}: {pair.similarity:.2f}"
        for pair in found.inference.alike
    ]
    yield (
        f"alike in their texts, started apart where others are ready ({len(alike)}):",
        _some(alike),
    )
    yield "who works on what is left:", [safe(line) for line in _who_works(found)]
    yield "waits for a person's approval:", list(_who_asks(found))
    yield "files in their prompts:", [safe(line) for line in found.contexts]
    yield (
        "needed of other PRDs:",
        [f"{need}: {state}, not part of this plan" for need, state in found.outside.items()],
    )
    yield (
        "never gets its turn:",
        [f"{story_name(key, found)}: {cause}" for key, cause in found.graph.blocked.items()],
    )
    skipped = [story_name(key, found) for key, state in found.states.items() if state == "skipped"]
    yield "skipped, as the PRD says:", [", ".join(skipped)] if skipped else []


def _who_works(found: Outlook) -> Iterator[str]:
    """The stories that are left, by who works on them."""
    named: dict[str, list[str]] = {}
    for key, chain in found.choices.items():
        who = ", then ".join(f"{each.agent} {each.model}".rstrip() for each in chain)
        role = f" as {found.roles[key].name}" if key in found.roles else ""
        named.setdefault(f"{who}{role}", []).append(story_name(key, found))
    for who, names in named.items():
        if len(named) == 1:
            yield f"{who}: all of them"
        else:
            more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
            yield f"{who}: {', '.join(names[:_NAMED_MAX])}{more}"


def _who_asks(found: Outlook) -> Iterator[str]:
    """At which points a person has the word, and over what."""
    for point, when in _ASKS.items():
        keys = [key for key, points in found.approve.items() if point in points]
        names = [story_name(key, found) for key in keys[:_NAMED_MAX]]
        if len(keys) == len(found.graph.stories) > 1:
            yield f"{when}: all of them"
        elif keys:
            more = f" and {len(keys) - _NAMED_MAX} more" if len(keys) > _NAMED_MAX else ""
            yield f"{when}: {', '.join(names)}{more}"
    if found.asks_at_end:
        yield f"before it is complete: {', '.join(sorted(found.asks_at_end))}"


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN_MAX
    return [*lines[:_SHOWN_MAX], f"and {more} more; --json has them"] if more > 0 else lines
