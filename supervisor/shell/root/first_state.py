"""The state that root's core begins with, and what it hears when the settings have changed."""

from __future__ import annotations

import platform
import time
import zlib

from ....policies.scheduling.admission import Leases
from ....policies.supervising.spec import Backoff, Intensity
from ....policies.values import replace
from ...core.otp.state import Supervisor
from ...core.root.gates import Gates
from ...core.root.needs import Needs
from ...core.root.state import Root
from ...core.root.words import AgentReleaseAsked, BoundsChanged, PrdsSubmitted, RootEvent
from ..board import Board
from ..run_settings import RootSettings
from ..service.manager import is_service
from ..storage.layout import Layout
from .clock import clock_seen


def root_of(layout: Layout, settings: RootSettings, board: Board) -> Root:
    """Root's: PRDs come in by submission; what is held, done and shut is remembered."""
    policy = settings.prds
    return Root(
        supervisor=Supervisor(
            strategy=policy.strategy,
            intensity=Intensity(max_restarts=policy.intensity, period_s=policy.period_s),
            backoff=Backoff(base_s=policy.backoff_base_s, cap_s=policy.backoff_cap_s),
            restarted_at_s=() if is_by_person() else _restarted_at_s(board),
        ),
        restart=policy.restart,
        leases=Leases(limit=settings.api_limit),
        max_prds=settings.max_prds,
        grace_s=settings.grace_s,
        fail_fast=settings.fail_fast,
        holds=board.holds,
        answers=board.answers,
        is_interactive=board.is_interactive,
        needs=Needs(done_before=board.done()),
        gates=Gates(
            rules=settings.gates,
            accounts=dict(board.accounts),
            epoch_s=time.time() - time.monotonic(),
            # Hosts that share an account come back apart.
            seed=zlib.crc32(f"{platform.node()}:{layout.state_dir}".encode()),
        ),
        ledger=replace(
            board.ledger,
            budget=settings.run_budget,
            spent={prd_id: row.spent for prd_id, row in board.rows.items()},
        ),
        stays=settings.stays,
    )


def _restarted_at_s(board: Board) -> tuple[float, ...]:
    """The restarts before this start, by the monotonic clock: a service's own clears no window."""
    now, now_s = time.time(), time.monotonic()
    return tuple(sorted(now_s - max(0.0, now - moment) for moment in board.restarted_at))


def is_by_person() -> bool:
    """Say whether somebody has typed this start: a service is started again by itself."""
    return not is_service()


def first_events(opening: PrdsSubmitted) -> tuple[RootEvent, ...]:
    """What root's core hears first: what it is to run, and what the clock shows.

    Whoever has typed this may have mended what agents wait for.
    """
    begun = opening, clock_seen()
    return (*begun, AgentReleaseAsked()) if is_by_person() else begun


def bounds_of(settings: RootSettings) -> BoundsChanged:
    """What root's core hears when the settings have changed."""
    return BoundsChanged(
        max_prds=settings.max_prds,
        api_limit=settings.api_limit,
        grace_s=settings.grace_s,
        fail_fast=settings.fail_fast,
        pace=settings.pace,
        gates=settings.gates,
    )
