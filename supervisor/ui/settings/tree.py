"""The settings in the tree's own words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from ....policies.approval import points_of
from ....policies.bounds import AUTO_WORKERS
from ....policies.supervising.liveness import Patience
from ....policies.supervising.spec import Restart, Strategy
from ....policies.values import replace
from ....workers.messages.agents import AgentRules, AgentSpec
from ....workers.messages.prd import Limits
from ...shell.repository.tools import toolchain_of
from ...shell.run_settings import PrdPolicy, RootSettings
from .config import Settings
from .gates import gate_rules
from .kinds import kind_names, traits_of
from .merging import merge_rules
from .metrics import textfile_of
from .notices import notify_rules
from .secrecy import secret_rules
from .template import template_text

# The system counts the threads of all processes of the user, the ceiling a story's processes: this
# only stops a fork bomb that is quicker than a pass of the monitor.
_COARSE = 8


def root_settings(
    settings: Settings, top: Path, overrides: Mapping[str, object] | None = None
) -> RootSettings:
    """Translate the settings for the checkout at `top`; PRDs cannot overrule the `overrides`."""
    restart = settings.restart
    insisted = frozenset(name for name, value in (overrides or {}).items() if value is not None)
    of_prds = restart.of_prds
    agents = agent_rules(settings, top, insisted)
    return RootSettings(
        max_prds=settings.max_prds,
        api_limit=settings.api_limit,
        grace_s=settings.grace_s,
        fail_fast=settings.fail_fast,
        limits=Limits(
            max_workers=0 if settings.max_workers == AUTO_WORKERS else settings.max_workers,
            auto_workers=settings.max_workers == AUTO_WORKERS,
            max_attempts=restart.max_attempts,
            max_memory_kills=restart.max_memory_kills,
            max_hangs=restart.max_hangs,
            strategy=restart.strategy,
            restart=restart.restart,
            intensity=restart.intensity,
            period_s=restart.period_s,
            backoff_base_s=restart.backoff_base_s,
            backoff_cap_s=restart.backoff_cap_s,
            verify_timeout_s=settings.verify.timeout_s,
            worktrees_kept=settings.worktree.kept,
            budget=settings.budget.prd.budget(),
            story_budget=settings.budget.story.budget(),
        ),
        agents=agents,
        gates=gate_rules(settings, agents),
        run_budget=settings.budget.budget(),
        ceilings=settings.limits.ceilings(),
        patience=Patience(**settings.liveness.model_dump()),
        verify=settings.verify.commands,
        verify_env=settings.verify.env,
        prds=PrdPolicy(
            strategy=Strategy(of_prds.strategy),
            restart=Restart(of_prds.restart),
            intensity=of_prds.intensity,
            period_s=of_prds.period_s,
            backoff_base_s=of_prds.backoff_base_s,
            backoff_cap_s=of_prds.backoff_cap_s,
        ),
        worktree=settings.worktree.rules(),
        secrets=secret_rules(settings, agents.specs),
        merging=merge_rules(
            settings.merge,
            strategy=settings.parallel.conflict_strategy,
            compare_s=settings.parallel.compare_s,
            on_failure=settings.on_failure,
            found=toolchain_of(top),
        ),
        pace=settings.parallel.pace(),
        inference=settings.parallel.rules(insisted),
        insisted=insisted,
        notices=notify_rules(settings, top),
        metrics_textfile=textfile_of(settings, top),
        keep_days=settings.keep.days,
        approve=points_of(settings.approve),
    )


def agent_rules(settings: Settings, top: Path, insisted: Collection[str] = ()) -> AgentRules:
    """All that is set about agents; every one that there is has its spec."""
    agent = settings.agent
    # The one that is used goes first: what has no table of its own goes by its bounds.
    names = dict.fromkeys((agent.use, *settings.agents, *kind_names()))
    return AgentRules(
        specs=tuple(_agent_spec(name, settings, top) for name in names),
        use=agent.use,
        model=agent.model,
        fallback=agent.fallback,
        roles=tuple(table.role(name) for name, table in settings.roles.items()),
        review=settings.review.rules(),
        is_insisted="agent.use" in insisted,
        has_model="agent.model" in insisted,
        template=template_text(agent.prompt, top),
        context_bytes_max=agent.context_max,
    )


def _agent_spec(name: str, settings: Settings, top: Path) -> AgentSpec:
    """One agent: what its table says, and where that says nothing, [agent]."""
    agent, table = settings.agent, settings.agents.get(name)
    kind = (table.kind if table is not None else "") or name
    base = AgentSpec(
        name=name,
        command=agent.command if kind == "command" else (),
        model=agent.model if name == agent.use else "",
        fits=traits_of(kind).models,
        env=(*agent.env, *agent.secret_env),
        is_yolo=agent.yolo,
        resumes=agent.resume == "session",
        timeout_s=agent.timeout_s,
        idle_timeout_s=agent.idle_timeout_s,
        result=agent.result,
        processes_max=_COARSE * settings.limits.processes,
    )
    spec = base if table is None else table.spec(name, base)
    return replace(spec, command=_from_checkout(spec.command, top))


def _from_checkout(command: tuple[str, ...], top: Path) -> tuple[str, ...]:
    """Run the agent that stands in the user's checkout, committed or not: it is not the story's."""
    if command and "/" in command[0]:
        return (str(top / command[0]), *command[1:])
    return command
