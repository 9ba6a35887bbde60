"""All that doctor looks at, in groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...prd.defect import Defect
from ..settings.forgotten import forgotten_warnings
from ..settings.template import template_defects
from ..settings.worktree_root import root_defects
from . import (
    git,
    grammars,
    kernel,
    memory,
    messages,
    places,
    plans,
    programs,
    system,
    terminal,
    trying,
)
from .agents_used import used_lines
from .around import Here, environment
from .check import AGENT, GIT, LATER_S, MESSAGES, PLACES, PRDS, SYSTEM, VERIFY, Check
from .keys import key_checks
from .quick import filter_check, machine_checks, place_checks
from .records import record_lines
from .service import service_lines
from .words import Line, fail, warn


def repository_checks(here: Here, *, has_settings: bool) -> Iterator[Check]:
    """What concerns one repository; without settings nothing is said of agent and verification."""
    checkout, layout, settings = here.checkout, here.layout, here.settings
    in_git = partial(Check, group=GIT)
    yield in_git(subject="repository", look=partial(git.repository_lines, checkout))
    yield in_git(subject="identity", look=partial(git.identity_line, checkout))
    yield in_git(subject="hooks", look=partial(git.hook_lines, checkout))
    yield filter_check(checkout)
    yield in_git(subject="submodules", look=partial(git.kind_lines, checkout))
    at = partial(Check, group=PLACES)
    yield from place_checks(layout, settings)
    kind = partial(places.kind_lines, checkout, layout, settings.worktree.link)
    yield at(subject="file system", look=kind)
    yield at(subject="records", look=partial(record_lines, here))
    yield at(subject="worktree", look=partial(_worktree, here), within_s=LATER_S)
    if has_settings:
        yield from _of_settings(here)
    yield Check(
        group=VERIFY,
        subject="formatter",
        look=partial(programs.tool_lines, settings, here.top),
    )
    yield Check(group=PRDS, subject="PRDs", look=partial(plans.prd_lines, here))
    yield Check(group=PRDS, subject="file scopes", look=partial(plans.scope_lines, here))
    yield Check(group=PRDS, subject="committed", look=partial(_forgotten, here, has_settings))
    if has_settings:
        yield from message_checks(here)


def _of_settings(here: Here) -> Iterator[Check]:
    settings = here.settings
    of_agent = partial(Check, group=AGENT)
    yield of_agent(subject="agent", look=partial(programs.agent_lines, settings, here.top))
    yield of_agent(subject="version", look=partial(used_lines, here), within_s=LATER_S)
    yield from key_checks(settings)
    yield of_agent(subject="context", look=partial(plans.context_lines, here))
    yield of_agent(subject="prompt", look=partial(_prompt, here))
    yield Check(
        group=VERIFY,
        subject="verify",
        look=lambda: programs.verify_lines(settings, here.plans, here.top),
    )


def message_checks(here: Here) -> Iterator[Check]:
    """What others are told, where the settings want that."""
    yield Check(group=MESSAGES, subject="notify", look=partial(messages.notice_lines, here))
    yield Check(group=MESSAGES, subject="metrics", look=partial(messages.metrics_lines, here))


def verify_check(here: Here) -> Check:
    """The verify commands themselves, with their own timeouts."""
    look = partial(trying.verify_lines, here)
    return Check(group=VERIFY, subject="on the base", look=look, within_s=0)


def system_checks(here: Here | None, *, has_settings: bool) -> Iterator[Check]:
    """What the machine lends a night."""
    of_system = partial(Check, group=SYSTEM)
    if here is not None and has_settings:
        look = partial(_memory, here)
        yield of_system(subject="memory", look=look)
    yield of_system(subject="kernel", look=kernel.capability_lines)
    yield of_system(subject="inotify", look=system.notices)
    yield of_system(subject="cgroups", look=system.ceilings)
    yield of_system(subject="systemd", look=system.session_lines)
    if here is not None:
        yield of_system(subject="service", look=partial(service_lines, here.checkout))
    yield of_system(subject="grammars", look=grammars.grammars)
    yield from machine_checks(None if here is None else here.checkout)
    yield of_system(subject="terminal", look=terminal.terminal_line)


def _worktree(here: Here) -> Iterator[Line]:
    wrong = root_defects(here.settings.worktree.root, here.checkout, environment())
    if wrong:
        yield _of_defect("worktree", wrong[0], here)
    else:
        yield from trying.worktree_lines(here)


def _prompt(here: Here) -> Iterator[Line]:
    for each in template_defects(here.settings.agent.prompt, here.top, environment())[:1]:
        yield _of_defect("prompt", each, here)


def _forgotten(here: Here, has_settings: bool) -> Iterator[Line]:  # noqa: FBT001  bound by partial
    if not has_settings:
        return
    for each in forgotten_warnings(here.settings, here.plans, here.checkout, environment()):
        found, _, advice = each.message.partition("; ")
        yield warn("committed", found, advice)


def _memory(here: Here) -> Line:
    return memory.memory_line(here.settings, prds=len(here.plans))


def _of_defect(subject: str, defect: Defect, here: Here) -> Line:
    found, _, advice = str(defect.relative_to(here.top)).splitlines()[0].partition("; ")
    return fail(subject, found, advice)
