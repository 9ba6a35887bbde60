"""Whether the agents that are set can be run here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ....workers.messages.agents import AgentRules
from ...prd.check.remark import named
from ...prd.choosing import choices_of
from ...prd.defect import Defect, Severity, quoted
from ...prd.model import Plan
from .config import Settings
from .kinds import traits_of, why_unusable
from .layers import KeyPath
from .naming import AGENTS
from .origin import at_its_origin
from .tree import agent_rules

COMMAND = "command"


class _Problem(Struct, frozen=True, kw_only=True):
    key: KeyPath  # where it is to be mended
    message: str


def agent_defects(
    settings: Settings, repository: Path, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """Why an agent that the settings put to work cannot be run, before anything is started."""
    found = (
        at_its_origin(problem.key, problem.message, repository, environ)
        for key, name in _set_to_work(settings)
        for problem in _problems(name, key, settings, repository)
    )
    return tuple(dict.fromkeys(found))


def is_any_set(settings: Settings) -> bool:
    """Say whether somebody has chosen who works: else it is a command that nobody wrote."""
    use, table = settings.agent.use, settings.agents.get(settings.agent.use)
    return use != COMMAND or bool(settings.agent.command or (table is not None and table.command))


def named_agent_warnings(
    settings: Settings, plans: Sequence[Plan], repository: Path
) -> tuple[Defect, ...]:
    """Agents that these PRDs name, and that cannot be run here: others will have to work."""
    rules = agent_rules(settings, repository)
    set_to_work = {name for _, name in _set_to_work(settings)}
    warned = []
    for plan in plans:
        for name, stories in _named(plan, rules).items():
            if name in set_to_work:
                continue
            for problem in _problems(name, (AGENTS, name), settings, repository):
                message = f"{named(stories)}: {problem.message}"
                warned.append(_warning(plan, message))
    return tuple(warned)


def _warning(plan: Plan, message: str) -> Defect:
    return Defect(
        path=plan.path,
        line=1,
        column=1,
        message=message,
        severity=Severity.WARNING,
        code="agent",
    )


def _named(plan: Plan, rules: AgentRules) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for story in plan.stories:
        if not story.is_done and not story.is_skipped:
            found.setdefault(choices_of(story, plan, rules)[0].agent, []).append(story.story_id)
    return found


def _set_to_work(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    yield ("agent", "use"), settings.agent.use
    for name in settings.agent.fallback:
        yield ("agent", "fallback"), name
    if settings.review.agent:
        yield ("review", "agent"), settings.review.agent


def _problems(name: str, key: KeyPath, settings: Settings, repository: Path) -> Iterator[_Problem]:
    """What is wrong with an agent's program; `key` is what put it to work."""
    table = settings.agents.get(name)
    kind = (table.kind if table is not None else "") or name
    own = table.command if table is not None else ()
    unusable = why_unusable(kind)
    if unusable:
        yield _Problem(key=key, message=f"{'.'.join(key)}: {unusable}")
        return
    command = own or (settings.agent.command if kind == COMMAND else ())
    is_its_own = bool(own) or (table is not None and not command)
    place: KeyPath = (AGENTS, name, COMMAND) if is_its_own else ("agent", COMMAND)
    if command:
        found = _of_word(command[0], repository)
        if found:
            yield _Problem(key=place, message=f"{'.'.join(place)}: {found}")
    elif kind == COMMAND:
        where = "agent" if table is None else f"{AGENTS}.{name}"
        message = f'{name} has no command; write command = ["./agent.sh"] under [{where}]'
        if name == settings.agent.use:
            message = (
                'no agent is set; write use = "claude" under [agent], or codex, gemini, opencode,'
                ' qwen, aider, or command = ["./agent.sh"]'
            )
        yield _Problem(key=place, message=message)
    else:
        program = traits_of(kind).program
        if program and shutil.which(program) is None:
            yield _Problem(
                key=key,
                message=f"{'.'.join(key)}: {name} needs {quoted(program)}, which is not on PATH; "
                f"install it, or write its path as command under [{AGENTS}.{name}]",
            )


def _of_word(word: str, repository: Path) -> str:
    if "/" not in word:
        if shutil.which(word) is not None:
            return ""
        return f"{quoted(word)} is not on PATH; install it, or write its path"
    program = repository / word
    if not program.is_file():
        return (
            f"{quoted(word)} is no file in the repository; "
            "write the path of a committed file, or an absolute one"
        )
    if not os.access(program, os.X_OK):
        return f"{quoted(word)} is not executable; run chmod +x on it"
    return ""
