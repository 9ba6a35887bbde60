"""The bounds of a whole run, and what a PRD supervisor is told of them."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, field

from ...policies.accounts.gate_rules import GateRules
from ...policies.approval import Point
from ...policies.ceilings.verdicts import Ceilings
from ...policies.costs.budget import Budget
from ...policies.scheduling.concurrency import PaceRules
from ...policies.supervising.liveness import Patience
from ...policies.supervising.spec import Restart, Strategy
from ...workers.messages.agents import AgentRules
from ...workers.messages.notices import NO_NOTICES, NotifyRules
from ...workers.messages.prd import Begin, Limits
from ...workers.messages.rules import (
    MergeRules,
    Rules,
    SecretRules,
    SecretSources,
    WorktreeRules,
    sources_of,
)
from ..core.root.records import PrdAccepted
from ..prd.graph.inference import Rules as Inference
from .plans.accepted import read_accepted
from .prd_limits import limits_of, merging_of
from .storage.layout import Layout
from .storage.migrations.registered import STATE


class PrdPolicy(Struct, frozen=True, kw_only=True):
    """How root supervises its PRD supervisors."""

    strategy: Strategy = Strategy.ONE_FOR_ONE
    restart: Restart = Restart.TRANSIENT
    intensity: int = 5
    period_s: float = 300.0
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 60.0


class RootSettings(Struct, frozen=True, kw_only=True):
    """The bounds of a whole run."""

    max_prds: int
    api_limit: int
    grace_s: float
    fail_fast: bool
    limits: Limits
    agents: AgentRules
    verify: tuple[str, ...]
    verify_env: tuple[str, ...]
    patience: Patience = field(default_factory=Patience)
    ceilings: Ceilings = field(default_factory=Ceilings)
    prds: PrdPolicy = field(default_factory=PrdPolicy)
    inference: Inference = field(default_factory=Inference)
    worktree: WorktreeRules = field(default_factory=WorktreeRules)
    secrets: SecretRules = field(default_factory=SecretRules)
    merging: MergeRules = field(default_factory=MergeRules)
    pace: PaceRules = field(default_factory=PaceRules)  # of max_workers = "auto"
    gates: GateRules = field(default_factory=GateRules)
    run_budget: Budget = field(default_factory=Budget)
    notices: NotifyRules = NO_NOTICES
    metrics_textfile: str = ""  # absolute; empty: none is wanted
    keep_days: float = 0.0  # what is finished; 0: for ever
    approve: tuple[Point, ...] = ()  # where a person has the word
    stays: bool = False  # when all is done, too: more may come
    insisted: frozenset[str] = frozenset()  # what the command line says, over PRD files

    def secret_sources(self, repository: Path) -> SecretSources:
        """Where the values come from that nobody may see."""
        rules = Rules(worktree=self.worktree, secrets=self.secrets)
        return sources_of(rules, str(repository))


def begin_of(
    layout: Layout,
    settings: RootSettings,
    accepted: PrdAccepted,
    *,
    is_first: bool,
    after_crash: bool,
    held: tuple[str, ...],
) -> Begin:
    """Tell a PRD supervisor all that it needs; only the first one gives stories a new start."""
    plan = read_accepted(layout, accepted.prd_id)
    return Begin(
        prd_id=accepted.prd_id,
        plan=str(layout.plan(accepted.prd_id)),
        repository=str(layout.repository),
        common_dir=str(layout.common_dir),
        state_dir=str(layout.state_dir),
        crash_log=str(layout.crash_log),
        worktrees=str(layout.worktrees),
        base=accepted.base,
        adopt_branch=accepted.adopt_branch,
        marker=layout.marker,
        limits=limits_of(settings.limits, settings.insisted, plan),
        patience=settings.patience,
        agents=settings.agents,
        verify=settings.verify,
        verify_env=settings.verify_env,
        retry=accepted.retry and is_first,
        retry_stories=accepted.retry_stories if is_first else (),
        after_crash=after_crash,
        held=held,
        worktree=settings.worktree,
        secrets=settings.secrets,
        merging=merging_of(settings.merging, settings.insisted, plan),
        base_branch=accepted.base_branch,
        approve=settings.approve,
        state=STATE,
    )
