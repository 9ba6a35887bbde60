"""What takes no time to look at: `start` does before every run, and doctor as a part of all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...shell.repository.checkout import Checkout, head_time
from ...shell.storage.layout import Layout
from ..settings.config import Settings
from . import git, places, system
from .check import GIT, PLACES, SYSTEM, Check, done
from .keys import key_checks
from .words import Line


def quick_look(checkout: Checkout, settings: Settings) -> tuple[Line, ...]:
    """Look at all of it: some tens of milliseconds."""
    layout = checkout.layout(settings.worktree.root)
    checks = (
        git_check(),
        filter_check(checkout),
        *place_checks(layout, settings),
        *key_checks(settings),
        *machine_checks(checkout),
    )
    return tuple(line for check in checks for line in done(check))


def git_check() -> Check:
    """Git itself, without which nothing else can be looked at."""
    return Check(group=GIT, subject="git", look=git.program_lines)


def filter_check(checkout: Checkout) -> Check:
    """Without its filters no file is what it is."""
    return Check(group=GIT, subject="filters", look=partial(git.filter_lines, checkout))


def place_checks(layout: Layout, settings: Settings) -> Iterator[Check]:
    """Whether there is a place to write into, and room."""
    at = partial(Check, group=PLACES)
    yield at(subject="state", look=partial(places.writable_lines, layout))
    yield at(subject="disk", look=partial(places.disk_lines, layout, settings.worktree.free_min))


def machine_checks(checkout: Checkout | None) -> Iterator[Check]:
    """What the machine must lend to every process of ours."""
    of_system = partial(Check, group=SYSTEM)
    yield of_system(subject="open files", look=system.descriptors)
    yield of_system(
        subject="clock",
        look=lambda: system.clock(None if checkout is None else head_time(checkout)),
    )
