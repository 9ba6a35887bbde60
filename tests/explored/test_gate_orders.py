"""Every order of limits, refused logins, releases, deaths of PRDs and of root.

Nobody starts too early, and nobody waits for ever. Two PRDs with a story each share an account; one
of them can go on with another agent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field

import pytest

from prd_supervise.policies.accounts.gate_rules import AgentBounds, GateRules
from prd_supervise.policies.accounts.parking import LIMIT_PAUSES_S, Gate, Standing
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.supervising.spec import ExitClass
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.words import (
    AgentReleaseAsked,
    ClockSeen,
    GrantLease,
    PassOn,
)
from prd_supervise.workers.messages.gate import AgentAnswered, AgentRefused, AgentsClosed
from prd_supervise.workers.messages.prd import LeaseReturned, LeaseWanted
from tests.support.root_tree import RootTree, a_tree

pytestmark = pytest.mark.timeout(900)  # it only computes: a slow machine makes it late, not wrong

EPOCH_S = 1_795_262_400.0
LASTS_S = 1000.0  # a limit of which somebody says until when
RULES = GateRules(use="claude", agents=(AgentBounds(name="claude"), AgentBounds(name="codex")))
CHAINS = {"P": ("claude",), "Q": ("claude", "codex")}
STATES_MAX = 100_000
STEPS_MAX = 60


@dataclass(frozen=True)
class Story:
    """A PRD's only story: what it has asked for, and who works on it."""

    attempt: int = 0
    is_waiting: bool = False
    agent: str = ""  # that works on it
    is_done: bool = False
    closed: tuple[str, ...] = ()  # what its PRD was told


@dataclass
class World:
    """Root, its journal, and what stands outside of it."""

    tree: RootTree
    stories: dict[str, Story]
    refusals: int  # that may still come ...
    deaths: int
    releases: int  # ... and by a person who need not have
    not_before_s: dict[str, float] = field(default_factory=dict)  # agents: when they may start
    closed: frozenset[str] = frozenset()  # logins that were refused

    def key(self) -> str:
        """Where one is."""
        rest = (self.stories, self.refusals, self.deaths, self.releases, self.not_before_s)
        return repr((self.tree.root, self.tree.now_s, self.tree.shut, rest, sorted(self.closed)))

    def fork(self) -> World:
        """The same, to be changed."""
        tree = copy(self.tree)
        tree.shut = dict(tree.shut)
        return World(
            tree,
            dict(self.stories),
            self.refusals,
            self.deaths,
            self.releases,
            dict(self.not_before_s),
            self.closed,
        )

    # --- what may happen ------------------------------------------------------------------------

    def moves(self) -> Iterator[World]:
        """Everything that may happen next."""
        for prd_id, story in self.stories.items():
            if story.agent:
                yield self.ends(prd_id, is_good=True)
                if self.refusals:
                    yield self.ends(prd_id, is_good=False)
                    yield self.refused(prd_id, OutcomeKind.RATE_LIMITED, LASTS_S)
                    yield self.refused(prd_id, OutcomeKind.RATE_LIMITED, None)
                    yield self.refused(prd_id, OutcomeKind.AUTH, None)
            elif self.wants(prd_id):
                yield self.asks(prd_id)
            if self.deaths:
                yield self.prd_dies(prd_id)
        if self.tree.root.gates.watched_s is not None:
            yield self.waits()
        if self.releases:
            yield self.released("claude", by_chance=True)
        if self.deaths:
            yield self.root_dies()

    def wants(self, prd_id: str) -> bool:
        """Say whether a PRD would ask for a lease now."""
        story = self.stories[prd_id]
        is_idle = not (story.is_done or story.is_waiting or story.agent)
        return is_idle and not {*CHAINS[prd_id]} <= {*story.closed}

    def asks(self, prd_id: str) -> World:
        """A PRD asks for a lease."""
        world, story = self.fork(), self.stories[prd_id]
        attempt = story.attempt + 1
        world._put(prd_id, attempt=attempt, is_waiting=True)
        world._says(prd_id, LeaseWanted(lease=f"S#{attempt}", agents=CHAINS[prd_id]))
        return world

    def ends(self, prd_id: str, *, is_good: bool) -> World:
        """A run ends, with its story done or without a word of its account."""
        world, story = self.fork(), self.stories[prd_id]
        world.refusals -= not is_good
        world._put(prd_id, agent="", is_done=is_good)
        if is_good:
            was = world._standing(story.agent)
            world._says(prd_id, AgentAnswered(agent=story.agent))
            if was is Standing.TRIAL:
                world.not_before_s.pop(story.agent, None)
        world._says(prd_id, LeaseReturned(lease=f"S#{story.attempt}"))
        return world

    def refused(self, prd_id: str, kind: OutcomeKind, for_s: float | None) -> World:
        """A run meets a limit, or is refused."""
        world, story = self.fork(), self.stories[prd_id]
        world.refusals -= 1
        world._put(prd_id, agent="")
        until_s = None if for_s is None else EPOCH_S + world.tree.now_s + for_s
        word = AgentRefused(
            agent=story.agent, kind=kind, reason="no", story_id="S", until_s=until_s
        )
        if kind is OutcomeKind.AUTH:
            world.closed |= {story.agent}
        elif world._standing(story.agent) is not Standing.PARKED or for_s is not None:
            pause_s = LIMIT_PAUSES_S[0] if for_s is None else for_s
            world.not_before_s[story.agent] = world.tree.now_s + pause_s
        world._says(prd_id, word)
        world._says(prd_id, LeaseReturned(lease=f"S#{story.attempt}"))
        return world

    def waits(self) -> World:
        """The clock shows what root waits for."""
        world = self.fork()
        at_s = world.tree.root.gates.watched_s
        assert at_s is not None
        world.tree.now_s = max(world.tree.now_s, at_s - EPOCH_S)
        world._hears(ClockSeen(at_s=EPOCH_S + world.tree.now_s))
        return world

    def released(self, agent: str, *, by_chance: bool = False) -> World:
        """A person says that an agent can be started."""
        world = self.fork()
        world.releases -= by_chance
        world.closed -= {agent}
        world.not_before_s.pop(agent, None)
        world._hears(AgentReleaseAsked(agent=agent))
        return world

    def prd_dies(self, prd_id: str) -> World:
        """A PRD's supervisor dies with its run, and comes back."""
        world = self.fork()
        world.deaths -= 1
        world._put(prd_id, is_waiting=False, agent="", closed=())
        world._take(lambda: world.tree.exits(prd_id, ExitClass.ABNORMAL))
        world._take(lambda: world.tree.comes_back(prd_id))
        return world

    def root_dies(self) -> World:
        """Root dies, and all with it; another one goes by the journal."""
        world = self.fork()
        world.deaths -= 1
        for prd_id in CHAINS:
            world._put(prd_id, is_waiting=False, agent="", closed=())
        world._begin(self.tree.now_s, self.tree.shut)
        return world

    # --- how it happens -------------------------------------------------------------------------

    def _begin(self, now_s: float, shut: Mapping[str, Gate]) -> None:
        self.tree = tree = a_tree()
        gates = replace(
            tree.root.gates, rules=RULES, accounts=dict(shut), epoch_s=EPOCH_S, zone_s=0.0
        )
        tree.root, tree.now_s = replace(tree.root, gates=gates), now_s
        tree.shut = dict(shut)
        self._take(lambda: tree.submit(*CHAINS))
        self._hears(ClockSeen(at_s=EPOCH_S + now_s))
        for prd_id in CHAINS:
            self._take(lambda prd_id=prd_id: tree.ready(prd_id))

    def _put(self, prd_id: str, **changes: object) -> None:
        story = self.stories[prd_id]
        known = {name: getattr(story, name) for name in Story.__dataclass_fields__}
        self.stories[prd_id] = Story(**{**known, **changes})

    def _says(self, prd_id: str, word: object) -> None:
        self._take(lambda: self.tree.says(prd_id, word))  # type: ignore[arg-type]  # a PrdWord

    def _hears(self, event: object) -> None:
        self._take(lambda: self.tree.hear(event))  # type: ignore[arg-type]  # a RootEvent

    def _standing(self, agent: str) -> Standing:
        return self.tree.root.gates.gate(agent).standing

    def _take(self, happen: object) -> None:
        """Let it happen, and let the PRDs hear what root says."""
        assert callable(happen)
        happen()
        for command in tuple(self.tree.last):
            if isinstance(command, GrantLease):
                self._on_grant(command)
            elif isinstance(command, PassOn) and isinstance(command.order, AgentsClosed):
                closed = tuple(each.agent for each in command.order.closed)
                self._put(command.prd_id, closed=closed)
        for prd_id, story in tuple(self.stories.items()):
            if story.is_waiting and {*CHAINS[prd_id]} <= {*story.closed}:
                self._put(prd_id, is_waiting=False)
                self._says(prd_id, LeaseReturned(lease=f"S#{story.attempt}"))

    def _on_grant(self, grant: GrantLease) -> None:
        story = self.stories[grant.prd_id]
        if grant.lease != f"S#{story.attempt}" or not story.is_waiting:
            self._says(grant.prd_id, LeaseReturned(lease=grant.lease))
            return
        agent, now_s = grant.agent, self.tree.now_s
        assert agent not in self.closed, f"{agent} starts, whose login is refused"
        assert now_s >= self.not_before_s.get(agent, 0.0), f"{agent} starts under its limit"
        if self._standing(agent) is Standing.TRIAL:
            trial = self.tree.root.gates.trials.get(agent)
            assert trial is not None
            assert (trial.holder, trial.name) == (grant.prd_id, grant.lease), "two are on trial"
        self._put(grant.prd_id, is_waiting=False, agent=agent)

    # --- where it leads to ----------------------------------------------------------------------

    def goes_on(self) -> World:
        """What comes next when nothing more goes wrong, and a person looks after it."""
        for prd_id, story in self.stories.items():
            if story.agent:
                return self.ends(prd_id, is_good=True)
        for prd_id in self.stories:
            if self.wants(prd_id):
                return self.asks(prd_id)
        if self.tree.root.gates.watched_s is not None:
            return self.waits()
        closed = [
            gate.agent
            for gate in self.tree.root.gates.accounts.values()
            if gate.standing is Standing.CLOSED
        ]
        assert closed, f"nothing will ever happen: {self.stories}"
        return self.released(closed[0])

    @property
    def is_done(self) -> bool:
        """Say whether both stories are done."""
        return all(story.is_done for story in self.stories.values())


def begin(*, refusals: int, deaths: int, releases: int) -> World:
    """Two PRDs that have asked for nothing yet."""
    world = World(a_tree(), {prd_id: Story() for prd_id in CHAINS}, refusals, deaths, releases)
    world._begin(0.0, {})
    return world


@pytest.mark.slow
@pytest.mark.parametrize(("refusals", "deaths", "releases"), [(2, 1, 0), (2, 0, 1), (1, 1, 1)])
def test_nobody_starts_too_early_and_nobody_waits_for_ever(
    refusals: int, deaths: int, releases: int
) -> None:
    first = begin(refusals=refusals, deaths=deaths, releases=releases)
    found, todo = {first.key(): first}, [first]
    while todo:
        for world in todo.pop().moves():
            if (key := world.key()) not in found:
                found[key] = world
                todo.append(world)
                assert len(found) < STATES_MAX, "the world does not end"
    print(f"{len(found)} states")  # noqa: T201  the size of what was proved
    ending: set[str] = set()
    for world in found.values():
        way: list[str] = []
        while not world.is_done and (key := world.key()) not in ending:
            way.append(key)
            assert len(way) < STEPS_MAX, f"this never ends: {world.stories}"
            world = world.goes_on()  # noqa: PLW2901  along its way
        ending.update(way)
