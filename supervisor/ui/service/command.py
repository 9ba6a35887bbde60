"""`service`: the service manager that this machine has is chosen by what is there."""

from __future__ import annotations

import os
from pathlib import Path

from ...shell.repository.checkout import RepositoryError, find_checkout
from ..errors import FatalError, UsageError
from ..place import place_of, refuse_inside_agent
from . import instances, launch_agent, systemctl
from .agent_standing import show_agent
from .installing import Wish
from .installing import install as install_units
from .removing import uninstall as remove_units
from .showing import show_standing
from .standing import standing_of
from .target import Target, target_of

_NEITHER = (
    "neither systemctl nor launchctl is on PATH: there is no service manager to be told;"
    " `prd-supervise start --watch --detach` runs without one"
)


def install(folder: Path, wish: Wish) -> int:
    """Write, verify, enable and start it."""
    refuse_inside_agent()
    place = place_of(folder, {})
    if systemctl.is_here():
        return install_units(place, wish)
    if launch_agent.is_here():
        return launch_agent.install(place, wish)
    raise FatalError(_NEITHER)


def uninstall(folder: Path) -> int:
    """Stop it, and take back what `install` has written."""
    refuse_inside_agent()
    if systemctl.is_here():
        return remove_units(_target(folder))
    if launch_agent.is_here():
        return launch_agent.uninstall(_repository(folder))
    raise FatalError(_NEITHER)


def status(folder: Path, *, as_json: bool) -> int:
    """Say how it stands."""
    if systemctl.is_here():
        return show_standing(standing_of(_target(folder)), as_json=as_json)
    if launch_agent.is_here():
        return show_agent(_repository(folder), as_json=as_json)
    raise FatalError(_NEITHER)


def _repository(folder: Path) -> Path:
    """The checkout's root; of a repository that is gone, the folder that was named."""
    try:
        return find_checkout(folder).top
    except RepositoryError as error:
        gone = Path(os.path.abspath(folder))  # noqa: PTH100  of what is gone no link can be asked
        if launch_agent.agent_of(gone).plist.exists():
            return gone
        raise UsageError(str(error)) from None


def _target(folder: Path) -> Target:
    """The service of the repository, whichever of its worktrees this is, or of one that is gone."""
    try:
        checkout = find_checkout(folder)
    except RepositoryError as error:
        gone = target_of(os.path.abspath(folder))  # noqa: PTH100  of what is gone no link can be asked
        if instances.links_of(gone.folder, gone.unit):
            return gone
        raise UsageError(str(error)) from None
    target = target_of(str(checkout.top))
    served = instances.serving(target.folder, checkout)
    return target if served == target.repository else target_of(served)
