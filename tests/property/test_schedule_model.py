"""The schedule against a model that tries everything, and whole nights by its word alone."""

from __future__ import annotations

import itertools
import os

from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.scheduling.schedule import Candidate, blocked, ready
from prd_supervise.policies.values import replace

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
chosen = settings(
    max_examples=EXAMPLES or 400, derandomize=not EXAMPLES, database=None, deadline=None
)
NAMES = "abcdefg"
ANY = st.frozensets(st.sampled_from(NAMES), max_size=3)


@st.composite
def graphs(draw: st.DrawFn) -> list[Candidate]:
    """Stories with dependencies in no ring; what comes after what may contradict them."""
    ids = draw(st.permutations(NAMES[: draw(st.integers(1, len(NAMES)))]))
    return [
        Candidate(
            story_id=name,
            depends_on=tuple(sorted(draw(ANY) & set(ids[:at]))),
            after=tuple(sorted(draw(ANY) - {name})),
            mutex=tuple(sorted(draw(st.frozensets(st.sampled_from("xyz"), max_size=2)))),
            rank=draw(st.integers(0, 2)),
            not_before_s=draw(st.sampled_from((0.0, 0.0, 0.0, 5.0))),
            is_stuck=draw(st.integers(0, 9)) == 0,
        )
        for at, name in enumerate(ids)
    ]


def excludes(one: Candidate, other: Candidate) -> bool:
    """Say whether these two may never run at the same time."""
    return (
        bool({*one.mutex} & {*other.mutex})
        or one.story_id in other.after
        or other.story_id in one.after
    )


def model(
    stories: list[Candidate], done: set[str], now_s: float, running: list[Candidate]
) -> list[str]:
    """What may start, by the words of the rules alone."""
    stuck = {each.story_id for each in stories if each.is_stuck}
    for _ in stories:
        stuck |= {each.story_id for each in stories if {*each.depends_on} & stuck}
    moving = [each for each in stories if each.story_id not in stuck]
    free = [e for e in moving if e.not_before_s <= now_s and {*e.depends_on} <= done]
    undecided = {each.story_id for each in (*moving, *running)}
    turn = [
        each
        for each in free
        if not {*each.after} & undecided
        and not any(each.story_id in other.after for other in running)
    ]
    in_order = sorted(turn, key=lambda each: (each.rank, stories.index(each)))
    if not turn and not running and not any(e.not_before_s > now_s for e in moving):
        in_order = sorted(free, key=lambda each: (each.rank, stories.index(each)))[:1]
    wanted = {name for each in running for name in each.mutex}
    found = []
    for each in in_order:
        if not {*each.mutex} & wanted:
            found.append(each.story_id)
        wanted |= {*each.mutex}
    return found


@chosen
@given(graphs(), st.data())
def test_the_schedule_says_what_the_rules_say(
    stories: list[Candidate], data: st.DataObject
) -> None:
    part = data.draw(st.lists(st.sampled_from(("open", "done", "running")), min_size=7, max_size=7))
    by_part = {
        name: [e for e, where in zip(stories, part, strict=False) if where == name]
        for name in ("open", "done", "running")
    }
    done = {each.story_id for each in by_part["done"]}
    found = ready(by_part["open"], done, 1.0, by_part["running"])
    assert list(found) == model(by_part["open"], done, 1.0, by_part["running"])


@chosen
@given(graphs(), st.sets(st.sampled_from(NAMES)))
def test_who_is_blocked_needs_a_failed_story_over_any_number_of_others(
    stories: list[Candidate], failed: set[str]
) -> None:
    hopeless = set(failed)
    for _ in stories:
        hopeless |= {each.story_id for each in stories if {*each.depends_on} & hopeless}
    found = dict(blocked(stories, sorted(failed)))
    assert set(found) == hopeless - failed
    needs = {each.story_id: each.depends_on for each in stories}
    assert all(cause in needs[story_id] and cause in hopeless for story_id, cause in found.items())


@chosen
@given(graphs(), st.data())
def test_every_night_ends_and_nobody_runs_beside_whom_it_excludes(
    stories: list[Candidate], data: st.DataObject
) -> None:
    left = [replace(each, is_stuck=False) for each in stories]
    running: list[Candidate] = []
    done: set[str] = set()
    failed: set[str] = set()
    now_s = 0.0
    while left or running:
        free = ready(left, done, now_s, running)
        most = data.draw(st.integers(1, 3)) - len(running)
        for name in free[: max(most, 0)]:
            each = next(each for each in left if each.story_id == name)
            assert {*each.depends_on} <= done
            left.remove(each)
            running.append(each)
        for one, other in itertools.combinations(running, 2):
            assert not excludes(one, other), (one, other)
        if not running:
            backing_off = [each.not_before_s for each in left if each.not_before_s > now_s]
            assert backing_off, f"nobody ever starts again: {left}"
            now_s = min(backing_off)
            continue
        over = running.pop(data.draw(st.integers(0, len(running) - 1)))
        (done if data.draw(st.booleans()) else failed).add(over.story_id)
        skipped = {name for name, _ in blocked(left, sorted(failed))}
        failed |= skipped
        left = [each for each in left if each.story_id not in skipped]
