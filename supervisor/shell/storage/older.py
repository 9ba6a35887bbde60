"""How a reader understands the state as it is, of whatever version, while nobody takes it over."""

from __future__ import annotations

from .conversion import Conversion, of_prd, of_root
from .layout import Layout
from .migrations.migration import Change, Part, change_since
from .migrations.registered import MIGRATIONS, STATE
from .versions import version_now


def root_as_today(layout: Layout) -> Conversion:
    """For root's folder; AnotherVersionError where this program is too old for it."""
    return of_root(_state_of(layout), MIGRATIONS)


def prd_as_today(layout: Layout) -> Conversion:
    """For the folders of PRDs, likewise."""
    return of_prd(_state_of(layout), MIGRATIONS)


def plan_as_today(layout: Layout) -> Change | None:
    """For a plan, likewise; None: it reads as it did."""
    if change_since(0, Part.PLAN, MIGRATIONS) is None:
        return None  # plans are read often, and no migration is about them
    return change_since(_state_of(layout), Part.PLAN, MIGRATIONS)


def _state_of(layout: Layout) -> int:
    found = version_now(layout)
    return STATE if found is None else found.state
