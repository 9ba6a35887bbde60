"""From plans to plans in which no two stories that are likely to collide run side by side.

Two stories whose globs can touch one path (or whose texts are very alike, where that is asked for)
get an edge, the higher-priority one first, unless some path orders them already: so what is
written wins over what is inferred, and no edge can close a cycle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from msgspec import Struct

from ....policies.values import replace
from ..model import Plan, PlannedStory
from .order import Order, groups_of
from .scopes import meeting_point, touching
from .similarity import similar_pairs, text_of

MODES = ("files", "text", "hybrid", "none")
STRATEGIES = ("entity", "file", "none")

# Of texts, at least so similar: the pairs, the later one first, and how similar they are.
Similar = Callable[[tuple[str, ...], float], tuple[tuple[int, int, float], ...]]
_LOOK_AHEAD = 50  # stories of one rank among which one is looked for that is unlike its neighbours
_NEIGHBOURS = 3


class Rules(Struct, frozen=True, kw_only=True):
    """What counts as a likely collision.

    In `hybrid` a pair of stories collides if `files_weight` (where their globs meet) and
    `text_weight` times their similarity come to `threshold` together; in `text` if their
    similarity alone does. Pairs that are at least `similar` are told, and not started together
    where others are ready.
    """

    mode: str = "files"
    threshold: float = 0.8
    similar: float = 0.5
    similarity: str = "tfidf"  # how texts are compared: tfidf or embeddings
    files_weight: float = 1.0
    text_weight: float = 1.0
    is_insisted: bool = False  # the command line said the mode: no PRD overrules it
    strategy: str = "entity"  # what stories may not share while they run: entity, file or none
    has_strategy: bool = False  # the command line said the strategy, likewise

    def strategy_of(self, plan: Plan) -> str:
        """The strategy that holds for a PRD."""
        said = plan.parallel.conflict_strategy if plan.parallel is not None else None
        return self.strategy if self.has_strategy or said not in STRATEGIES else str(said)

    def mode_of(self, plan: Plan) -> str:
        """The mode that holds for a PRD: where nothing is kept apart, only what was typed does."""
        if self.strategy_of(plan) == "none" and not self.is_insisted:
            return "none"
        said = plan.parallel.inference if plan.parallel is not None else None
        return self.mode if self.is_insisted or said not in MODES else str(said)


class Inferred(Struct, frozen=True, kw_only=True):
    """An edge that nobody wrote: the story waits until the other one is over, and why."""

    prd_id: str
    story_id: str
    after: str
    globs: tuple[str, str] | None = None  # of the story and of the other one
    similarity: float | None = None


class Alike(Struct, frozen=True, kw_only=True):
    """Two stories of a PRD whose texts are much alike."""

    prd_id: str
    story_id: str
    other: str
    similarity: float


class Inference(Struct, frozen=True, kw_only=True):
    """The plans with their new edges, and where these come from."""

    plans: tuple[Plan, ...]
    edges: tuple[Inferred, ...] = ()
    alike: tuple[Alike, ...] = ()


def infer(
    plans: Sequence[Plan],
    rules: Rules,
    *,
    around: Sequence[Plan] = (),
    similar: Similar = similar_pairs,
) -> Inference:
    """Add what is inferred; plans `around` only say what waits for what across PRDs."""
    ours = {id(plan) for plan in plans}
    results: dict[int, tuple[Plan, tuple[Inferred, ...], tuple[Alike, ...]]] = {}
    for group in groups_of((*plans, *around)):
        order = Order(group)
        for at, plan in enumerate(group):
            if id(plan) in ours:
                results[id(plan)] = _infer(plan, rules, (order, at), similar)
    found = [results[id(plan)] for plan in plans]
    return Inference(
        plans=tuple(plan for plan, _, _ in found),
        edges=tuple(edge for _, edges, _ in found for edge in edges),
        alike=tuple(pair for _, _, pairs in found for pair in pairs),
    )


def _infer(
    plan: Plan, rules: Rules, place: tuple[Order, int], similar: Similar
) -> tuple[Plan, tuple[Inferred, ...], tuple[Alike, ...]]:
    order, at = place
    mode = rules.mode_of(plan)
    if mode == "none":
        return plan, (), ()
    stories = order.by_priority(at)
    scores = _similarities(stories, rules, similar) if mode != "files" else {}
    new = order.add(at, _collisions(stories, scores, rules, mode))
    edges = tuple(_explained(plan, stories, edge, scores) for edge in new)
    more: dict[str, list[str]] = {}
    for edge in edges:
        more.setdefault(edge.story_id, []).append(edge.after)
    ranks = _apart(stories, scores) if scores else {}
    changed = tuple(
        replace(
            story,
            after=tuple(dict.fromkeys((*story.after, *more.get(story.story_id, ())))),
            rank=ranks.get(story.story_id, story.rank),
        )
        if story.story_id in more or story.story_id in ranks
        else story
        for story in plan.stories
    )
    alike = tuple(
        Alike(
            prd_id=plan.prd_id,
            story_id=stories[one].story_id,
            other=stories[other].story_id,
            similarity=round(score, 3),
        )
        for (one, other), score in scores.items()
        if score >= rules.similar
    )
    return replace(plan, stories=changed), edges, alike


def _similarities(
    stories: Sequence[PlannedStory], rules: Rules, similar: Similar
) -> dict[tuple[int, int], float]:
    least = min(rules.similar, _least(rules.threshold, rules))
    least = min(least, _least(rules.threshold - rules.files_weight, rules))
    open_ones = [at for at, story in enumerate(stories) if not (story.is_done or story.is_skipped)]
    texts = tuple(text_of(stories[at]) for at in open_ones)
    pairs = similar(texts, max(least, 0.05))
    return {(open_ones[one], open_ones[other]): score for one, other, score in pairs}


def _least(score: float, rules: Rules) -> float:
    """The similarity that brings a pair to this score; above 1 if none can."""
    if score <= 0:
        return 2.0  # no similarity is needed
    return score / rules.text_weight if rules.text_weight else 2.0


def _collisions(
    stories: Sequence[PlannedStory],
    scores: dict[tuple[int, int], float],
    rules: Rules,
    mode: str,
) -> list[int]:
    """For each story the set of those that it should not run beside, a bit each."""
    met = touching([story.files for story in stories]) if mode != "text" else [0] * len(stories)
    found = list(met)
    by_text = rules.threshold
    with_files = rules.threshold
    if mode == "hybrid":
        with_files -= rules.files_weight
        found = met if with_files <= 0 else [0] * len(stories)
    weight = rules.text_weight if mode == "hybrid" else 1.0
    for (one, other), score in scores.items():
        do_meet = met[one] >> other & 1
        if weight * score >= (with_files if do_meet else by_text):
            found[one] |= 1 << other
            found[other] |= 1 << one
    return found


def _explained(
    plan: Plan,
    stories: Sequence[PlannedStory],
    edge: tuple[int, int],
    scores: dict[tuple[int, int], float],
) -> Inferred:
    story, other = stories[edge[0]], stories[edge[1]]
    score = scores.get((max(edge), min(edge)))
    return Inferred(
        prd_id=plan.prd_id,
        story_id=story.story_id,
        after=other.story_id,
        globs=meeting_point(story.files, other.files),
        similarity=None if score is None else round(score, 3),
    )


def _apart(
    stories: Sequence[PlannedStory], scores: dict[tuple[int, int], float]
) -> dict[str, float]:
    """New ranks: the old order, but of equal ranks those side by side that are not alike."""
    alike: dict[int, set[int]] = {}
    for one, other in scores:
        alike.setdefault(one, set()).add(other)
        alike.setdefault(other, set()).add(one)
    ranks: dict[str, float] = {}
    waiting = deque(range(len(stories)))
    last: deque[int] = deque(maxlen=_NEIGHBOURS)
    while waiting:
        first = waiting[0]
        at = next(
            (
                place
                for place, each in zip(range(_LOOK_AHEAD), waiting, strict=False)
                if stories[each].rank == stories[first].rank
                and not alike.get(each, set()).intersection(last)
            ),
            0,
        )
        chosen = waiting[at]
        del waiting[at]
        last.append(chosen)
        ranks[stories[chosen].story_id] = float(len(ranks))
    return ranks
