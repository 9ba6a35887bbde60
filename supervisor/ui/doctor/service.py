"""The service of a repository, where one is installed: what would keep it from a night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...shell.repository.checkout import Checkout
from ..service import instances, systemctl
from ..service.faults import faults_of
from ..service.standing import standing_of
from ..service.target import target_of
from .words import Line, ok, warn


def service_lines(checkout: Checkout) -> Iterator[Line]:
    """What is wrong with it; lingering has a line of its own."""
    if not systemctl.is_here():
        return
    target = target_of(str(checkout.top))
    served = instances.serving(target.folder, checkout)
    standing = standing_of(target_of(served), has_journal=False)
    if not standing.is_installed:
        return
    exists = Path(standing.program).is_file() if standing.program else False
    faults = tuple(faults_of(standing, program_exists=exists))
    for fault in faults:
        yield warn("service", fault.text, fault.fix)
    if not faults:
        yield ok("service", f"{standing.unit}: {standing.state or standing.why_no_manager}")
