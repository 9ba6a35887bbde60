"""Graph: what is decided before a run of many stories, in processor time.

10,000 stories with 40,000 dependencies go all the way: cycles, inference, batches, critical path,
rehearsal. 2,000 stories with three globs each are compared, and the texts of 1,000.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from bench.table import Row, row
from prd_supervise.supervisor.prd.graph.batches import batches, critical_path
from prd_supervise.supervisor.prd.graph.edges import faults
from prd_supervise.supervisor.prd.graph.globs import overlaps
from prd_supervise.supervisor.prd.graph.inference import Rules, infer
from prd_supervise.supervisor.prd.graph.rehearsal import Places, rehearse
from prd_supervise.supervisor.prd.graph.remaining import graph_of
from prd_supervise.supervisor.prd.graph.scopes import touching
from prd_supervise.supervisor.prd.graph.similarity import similar_pairs
from prd_supervise.supervisor.prd.model import Plan, PlannedStory

STORIES, EDGES = 10_000, 4
SCOPES, TEXTS, WORDS = 2_000, 1_000, 60
PAIRS = 1_000
GOAL_MS = 1_000.0
_FOLDERS = ("src", "src/api", "src/ui/views", "lib/core", "tests/unit", "packages/a/src", "docs")


def measure(*, quick: bool) -> list[Row]:
    """Time each of them, from the same seed every time."""
    chance = random.Random(1)  # noqa: S311  no secret
    runs = 1 if quick else 3
    plan, scopes, texts = _plan(chance), _scopes(chance), _texts(chance)
    flat = [glob for globs in scopes for glob in globs]
    pairs = [(chance.choice(flat), chance.choice(flat)) for _ in range(PAIRS)]

    def compare() -> None:
        for one, other in pairs:
            overlaps(one, other)

    compare()  # the globs are read once
    pair_us = [taken_s * 1e6 / PAIRS for taken_s in _timed(compare, runs)]
    whole = _timed(lambda: _whole(plan), runs)
    similar_pairs.cache_clear()
    return [
        row(f"{STORIES:,} stories, {STORIES * EDGES:,} edges, in all", whole, goal=GOAL_MS),
        row(f"{SCOPES:,} stories of 3 globs", _timed(lambda: touching(scopes), runs), goal=GOAL_MS),
        row("a pair of globs", pair_us, "us", goal=20.0),
        row(f"{TEXTS:,} texts of {WORDS} words", _timed(lambda: _alike(texts), runs)),
    ]


def _timed(work: Callable[[], object], runs: int) -> list[float]:
    taken_s = []
    for _ in range(runs):
        began_s = time.process_time()
        work()
        taken_s.append(time.process_time() - began_s)
    return taken_s


def _whole(plan: Plan) -> None:
    if faults(plan.stories):
        raise AssertionError("there is no cycle in it")
    graph = graph_of(infer([plan], Rules()).plans)
    lasts = dict.fromkeys(graph.stories, 1.0)
    batches(graph)
    critical_path(graph, lasts)
    rehearse(graph, lasts, Places(workers={plan.prd_id: 3}))


def _alike(texts: tuple[str, ...]) -> None:
    similar_pairs.cache_clear()
    similar_pairs(texts, 0.5)


def _plan(chance: random.Random) -> Plan:
    stories = tuple(
        PlannedStory(
            story_id=f"US-{at}",
            title="",
            depends_on=tuple({f"US-{chance.randrange(at)}" for _ in range(EDGES)}) if at else (),
        )
        for at in range(STORIES)
    )
    return Plan(prd_id="P", title="", path="", stories=stories)


def _scopes(chance: random.Random) -> list[list[str]]:
    return [[_glob(chance) for _ in range(3)] for _ in range(SCOPES)]


def _glob(chance: random.Random) -> str:
    folder, number = chance.choice(_FOLDERS), chance.randrange(300)
    kinds = (
        f"f{number}.ts",
        f"f{number}.ts",
        f"m{number % 40}/**",
        f"**/*{number % 20}.ts",
        "*.py",
    )
    return f"{folder}/{chance.choice(kinds)}"


def _texts(chance: random.Random) -> tuple[str, ...]:
    letters = "abcdefghijklmnop"
    words = ["".join(chance.choices(letters, k=6)) for _ in range(3_000)]
    return tuple(
        " ".join(words[min(int(chance.paretovariate(0.7)), 3_000) - 1] for _ in range(WORDS))
        for _ in range(TEXTS)
    )
