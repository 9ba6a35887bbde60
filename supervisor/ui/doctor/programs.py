"""The programs that a night needs: the agent, the verify commands, formatters, type checks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ....policies.merging.toolchain import Tool
from ....workers.agents.registry import adapter_for
from ....workers.messages.agents import AgentRules
from ...prd.model import Plan
from ...shell.repository.tools import MODULES, OF_NODE, is_runnable, toolchain_of
from ..settings.agent import COMMAND, agent_defects
from ..settings.config import Settings
from ..settings.tree import root_settings
from .agent_hints import HINTS, without_sandbox
from .words import Line, fail, ok, warn

_SHOWN = 3


def agent_lines(settings: Settings, top: Path) -> Iterator[Line]:
    """What works on stories, and what else could."""
    here = [name for name in HINTS if shutil.which(name) is not None]
    others = f"on PATH: {', '.join(here)}" if here else "none of the known ones is on PATH"
    wrong = agent_defects(settings, top, os.environ)
    if wrong:
        yield fail("agent", f"{wrong[0].message}; {others}", "docs/configuration.md, [agent]")
    elif settings.agent.use == "replay":
        yield ok("agent", f"replay: stories carry what is played; {others}")
    elif settings.agent.use == COMMAND:
        yield ok("agent", f"{' '.join(settings.agent.command)}; {others}")
    else:
        chain = (settings.agent.use, *settings.agent.fallback)
        yield ok("agent", f"{', then '.join(chain)}; {others}")
        yield from _sandboxes(chain, root_settings(settings, top).agents)


def verify_lines(settings: Settings, plans: Sequence[Plan], top: Path) -> Iterator[Line]:
    """Whether the programs are here that show that a story is done."""
    own = [command for plan in plans for command in _own(plan)]
    told = settings.verify.commands
    lost = [each for each in dict.fromkeys((*told, *own)) if _is_lost(each, settings, top)]
    for command in lost[:_SHOWN]:
        text = f"{command}: there is no such program here"
        yield warn("verify", text, "install it, or mend the command: no story could pass it")
    if told:
        yield ok("verify", ", ".join(told))
    elif own:
        yield ok("verify", "PRDs and stories name their own commands")
    else:
        yield warn(
            "verify",
            "there are no commands: a story is done unverified",
            'commands = ["make test"] under [verify]; `prd-supervise init --dry-run` guesses some',
        )


def _is_lost(command: str, settings: Settings, top: Path) -> bool:
    """Say whether its program is missing; one by its path may well be what a setup makes."""
    is_made = "/" in command.split(maxsplit=1)[0] and bool(settings.worktree.setup)
    return not is_made and not is_runnable(top, command)


def _own(plan: Plan) -> Iterator[str]:
    yield from plan.verify or ()
    for story in plan.stories:
        if not story.is_done and not story.is_skipped:
            yield from (*(story.verify or ()), *story.checks)


def _sandboxes(names: Sequence[str], rules: AgentRules) -> Iterator[Line]:
    for name in names:
        spec = rules.spec(name)
        line = without_sandbox(spec, adapter_for(spec.adapter).TRAITS)
        if line is not None:
            yield line


def tool_lines(settings: Settings, top: Path) -> Iterator[Line]:
    """What is run on reconciled files."""
    found = toolchain_of(top)
    lacks = OF_NODE if _lacks_modules(settings) else frozenset[str]()
    for subject, key, said, tools in (
        ("formatter", "formatters", settings.merge.formatters, found.formatters),
        ("type check", "checks", settings.merge.checks, found.checks),
    ):
        if said is None:
            yield from _found(subject, f"[merge] {key}", tools, lacks)
        else:
            yield from _said(subject, f"[merge] {key}", said, top)


def _lacks_modules(settings: Settings) -> bool:
    """Say whether a fresh worktree has no node_modules of its own: git ignores that folder."""
    told = settings.worktree
    globs = [glob.rstrip("/").removeprefix("**/") for glob in (*told.link, *told.copied)]
    return not told.setup and not any(fnmatchcase(MODULES, glob) for glob in globs)


def _said(subject: str, key: str, said: Sequence[str], top: Path) -> Iterator[Line]:
    if not said:
        yield ok(subject, f"none: {key} says so")
    for command in said:
        if is_runnable(top, command):
            yield ok(subject, f"{command}: {key} says so")
        else:
            yield warn(
                subject,
                f"{command}: {key} says so, but there is no such program",
                f"install it, or mend {key}; a path is taken from the repository's root",
            )


def _found(subject: str, key: str, found: Sequence[Tool], lacks: Collection[str]) -> Iterator[Line]:
    if not found:
        yield ok(subject, "the repository is set up for none that we know")
    for tool in found:
        if tool.is_here and tool.name in lacks:
            yield warn(
                subject,
                f"{tool.because} asks for {tool.name}, which is in your node_modules; a fresh"
                " worktree has none",
                'link = ["node_modules"], or setup = ["npm ci"], under [worktree]',
            )
        elif tool.is_here:
            yield ok(subject, f"{tool.command} ({tool.because})")
        else:
            yield warn(
                subject,
                f"{tool.because} asks for {tool.name}, which does not run here",
                f"install it, or name another command in {key}",
            )
