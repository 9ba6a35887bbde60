"""The state that root's core begins with, and what it hears when the settings have changed."""

from __future__ import annotations

from ....policies.admission import Leases
from ....policies.spec import Backoff, Intensity
from ...core.otp.state import Supervisor
from ...core.root.needs import Needs
from ...core.root.state import Holds, Root
from ...core.root.words import BoundsChanged
from ..run_settings import RootSettings


def root_of(settings: RootSettings, holds: Holds, done: frozenset[str] = frozenset()) -> Root:
    """Root's: PRDs come in by submission; what is held and what is done is remembered."""
    policy = settings.prds
    return Root(
        supervisor=Supervisor(
            strategy=policy.strategy,
            intensity=Intensity(max_restarts=policy.intensity, period_s=policy.period_s),
            backoff=Backoff(base_s=policy.backoff_base_s, cap_s=policy.backoff_cap_s),
        ),
        restart=policy.restart,
        leases=Leases(limit=settings.api_limit),
        max_prds=settings.max_prds,
        grace_s=settings.grace_s,
        fail_fast=settings.fail_fast,
        holds=holds,
        needs=Needs(done_before=done),
        stays=settings.stays,
    )


def bounds_of(settings: RootSettings) -> BoundsChanged:
    """What root's core hears when the settings have changed."""
    return BoundsChanged(
        max_prds=settings.max_prds,
        api_limit=settings.api_limit,
        grace_s=settings.grace_s,
        fail_fast=settings.fail_fast,
        pace=settings.pace,
    )
