"""What would happen to PRDs if they were started now, for `plan` to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from ....policies.approval import Point, points_of, story_points
from ....policies.values import replace
from ....workers.messages.agents import AgentRules, Choice, Role
from ...prd.choosing import choices_of, role_of
from ...prd.graph.batches import batches, critical_path
from ...prd.graph.inference import Inference, Inferred, Rules, Similar, infer
from ...prd.graph.locks import Lock, Locked, with_locks
from ...prd.graph.rehearsal import Places, rehearse
from ...prd.graph.remaining import Graph, Key, graph_of
from ...prd.graph.similarity import similar_pairs
from ...prd.graph.tracked import Tracked
from ...prd.model import Plan, PlannedStory
from ...shell.board import Board
from ...shell.status.states import is_done
from ...shell.storage.durations import expected

_Said = TypeVar("_Said")


class Outlook(Struct, frozen=True, kw_only=True):
    """Everything that `plan` shows."""

    plans: tuple[Plan, ...]  # with what is inferred, and with what is done by now
    modes: Mapping[str, str]  # what is inferred from, a PRD each
    strategies: Mapping[str, str]  # what stories may not share while they run, likewise
    similarity: str  # how texts are compared where they are
    states: Mapping[Key, str]
    titles: Mapping[Key, str]
    outside: Mapping[str, str]  # needs of PRDs that were not asked for: what is known of them
    inference: Inference
    examples: Mapping[Inferred, str]  # a file that both globs of an edge match
    locks: tuple[Lock, ...]  # of declared files
    graph: Graph
    batches: tuple[tuple[Key, ...], ...]
    path: tuple[Key, ...]
    path_s: float
    places: Places
    run_s: float
    most_at_once: int
    measured: int  # stories whose time is known from earlier runs; 0: each counts 1
    choices: Mapping[Key, tuple[Choice, ...]]  # who works on what is left, the best first
    contexts: tuple[str, ...]  # what roles bring into prompts, a line each
    approve: Mapping[Key, tuple[Point, ...]]  # where a person has the word over what is left
    asks_at_end: frozenset[str]  # the PRDs over whose end a person has it
    roles: Mapping[Key, Role]  # in which role, where that is one of the configuration's

    @property
    def widest(self) -> int:
        """The number of the batch with most stories, from 1; 0 if nothing is left."""
        sizes = [len(batch) for batch in self.batches]
        return sizes.index(max(sizes)) + 1 if sizes else 0

    def similarity_of(self, prd_id: str) -> str | None:
        """How a PRD's texts were compared; None if they were not."""
        return self.similarity if self.modes[prd_id] in {"text", "hybrid"} else None

    def inferred(self) -> dict[Key, list[Inferred]]:
        """The inferred edges of each story."""
        found: dict[Key, list[Inferred]] = {}
        for edge in self.inference.edges:
            found.setdefault((edge.prd_id, edge.story_id), []).append(edge)
        return found


class Known(Struct, frozen=True, kw_only=True):
    """What is known besides the PRD files."""

    board: Board
    around: Sequence[Plan]
    files: Sequence[str]
    took_s: Mapping[Key, float]
    similar: Similar = similar_pairs
    approve: tuple[Point, ...] = ()  # where the configuration lets a person have the word
    agents: AgentRules | None = None  # None: not asked for
    context_of: Callable[[Role], str] = lambda _role: ""


def outlook(plans: Sequence[Plan], rules: Rules, places: Places, known: Known) -> Outlook:
    """Look ahead."""
    current = [_as_of_now(plan, known.board) for plan in plans]
    inference = infer(current, rules, around=known.around, similar=known.similar)
    locked = [
        with_locks(plan) if rules.strategy_of(plan) == "file" else Locked(plan=plan)
        for plan in inference.plans
    ]
    inference = replace(inference, plans=tuple(each.plan for each in locked))
    graph = graph_of(inference.plans)
    lasts = expected(graph.stories, known.took_s)
    path, path_s = critical_path(graph, lasts)
    run_s, most = rehearse(graph, lasts, places)
    tracked = Tracked(known.files)
    roles = _per_story(current, known.agents, role_of)
    return Outlook(
        plans=inference.plans,
        modes={plan.prd_id: rules.mode_of(plan) for plan in plans},
        strategies={plan.prd_id: rules.strategy_of(plan) for plan in plans},
        similarity=rules.similarity,
        states=_states(inference.plans, known.board, graph),
        titles={
            (plan.prd_id, story.story_id): story.title for plan in plans for story in plan.stories
        },
        outside=_outside(inference.plans, known),
        inference=inference,
        examples={
            edge: tracked.example(*edge.globs) for edge in inference.edges if edge.globs is not None
        },
        locks=tuple(lock for each in locked for lock in each.locks),
        graph=graph,
        batches=tuple(batches(graph)),
        path=path,
        path_s=path_s,
        places=places,
        run_s=run_s,
        most_at_once=most,
        measured=len(known.took_s),
        choices=_per_story(current, known.agents, choices_of),
        contexts=tuple(
            known.context_of(role) for role in dict.fromkeys(roles.values()) if role.context
        ),
        roles=roles,
        approve={
            (plan.prd_id, story.story_id): points
            for plan in current
            for story in plan.stories
            if not story.is_done and not story.is_skipped
            if (points := story_points(known.approve, plan.approve, story.approve))
        },
        asks_at_end=frozenset(
            plan.prd_id for plan in plans if Point.PRD in points_of(known.approve, plan.approve)
        ),
    )


def places_of(
    plans: Sequence[Plan],
    workers: Mapping[str, int],
    prds: int,
    agents: int,
    *,
    auto: frozenset[str] = frozenset(),
) -> Places:
    """The bounds; a PRD that is not to run in parallel has one place."""
    return Places(
        prds=prds,
        agents=agents,
        workers={plan.prd_id: 1 if is_serial(plan) else workers[plan.prd_id] for plan in plans},
        auto=auto,
    )


def is_serial(plan: Plan) -> bool:
    """Say whether the PRD wants one story at a time."""
    return plan.parallel is not None and plan.parallel.enabled is False


def _per_story(
    plans: Sequence[Plan],
    agents: AgentRules | None,
    ask: Callable[[PlannedStory, Plan, AgentRules], _Said | None],
) -> dict[Key, _Said]:
    """What the settings of agents say of each story that is left."""
    if agents is None:
        return {}
    return {
        (plan.prd_id, story.story_id): said
        for plan in plans
        for story in plan.stories
        if not story.is_done and not story.is_skipped
        if (said := ask(story, plan, agents)) is not None
    }


def _as_of_now(plan: Plan, board: Board) -> Plan:
    """The plan with the stories marked as done that were done here."""
    row = board.rows.get(plan.prd_id)
    done = {name for name, view in (row.stories if row else {}).items() if is_done(view.state)}
    stories = tuple(
        replace(story, is_done=True) if story.story_id in done else story for story in plan.stories
    )
    return replace(plan, stories=stories)


def _states(plans: Sequence[Plan], board: Board, graph: Graph) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for plan in plans:
        row = board.rows.get(plan.prd_id)
        views = row.stories if row else {}
        for story in plan.stories:
            key = plan.prd_id, story.story_id
            if story.is_done:
                found[key] = "done"
            elif story.is_skipped:
                found[key] = "skipped"
            elif key in graph.blocked:
                found[key] = "blocked"
            else:
                view = views.get(story.story_id)
                found[key] = view.state if view else "waiting"
    return found


def _outside(plans: Sequence[Plan], known: Known) -> dict[str, str]:
    """What is known of stories that are needed of PRDs which were not asked for."""
    asked = {plan.prd_id for plan in plans}
    done = {
        f"{plan.prd_id}/{story.story_id}"
        for plan in (_as_of_now(each, known.board) for each in known.around)
        for story in plan.stories
        if story.is_done
    }
    needs = {need for plan in plans for story in plan.stories for need in story.needs}
    return {
        need: "done" if need in done else "not done yet"
        for need in sorted(needs)
        if need.partition("/")[0] not in asked
    }
