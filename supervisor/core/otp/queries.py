"""What can be seen of a supervisor (OTP: which_children, count_children, get_childspec)."""

from __future__ import annotations

from msgspec import Struct

from ....policies.supervising.spec import ChildSpec
from .child import Child, Phase
from .state import Supervisor


class ChildInfo(Struct, frozen=True, kw_only=True):
    """A child as it stands; `incarnation` while it lives, as OTP gives its pid."""

    child_id: str
    incarnation: int | None
    is_restarting: bool
    is_held: bool
    is_supervisor: bool
    phase: Phase


class Counts(Struct, frozen=True, kw_only=True):
    """How many: specs, living processes, and children of either type, alive or not."""

    specs: int
    active: int
    supervisors: int
    workers: int


def which_children(supervisor: Supervisor) -> tuple[ChildInfo, ...]:
    """All children, the newest first."""
    return tuple(_info(child) for child in reversed(tuple(supervisor.children)))


def which_child(supervisor: Supervisor, child_id: str) -> ChildInfo | None:
    """One child; None: not found."""
    child = supervisor.child(child_id)
    return None if child is None else _info(child)


def count_children(supervisor: Supervisor) -> Counts:
    """The counts; a dynamic supervisor has one spec for all."""
    children = tuple(supervisor.children)
    supervisors = sum(child.spec.is_supervisor for child in children)
    return Counts(
        specs=len(children) if supervisor.template is None else 1,
        active=sum(child.is_alive for child in children),
        supervisors=supervisors,
        workers=len(children) - supervisors,
    )


def get_childspec(supervisor: Supervisor, child_id: str) -> ChildSpec | None:
    """A child's spec with all its defaults; None: not found."""
    child = supervisor.child(child_id)
    return None if child is None else child.spec


def _info(child: Child) -> ChildInfo:
    return ChildInfo(
        child_id=child.child_id,
        incarnation=child.incarnation if child.is_alive else None,
        is_restarting=child.phase is Phase.BACKOFF,
        is_held=child.is_held,
        is_supervisor=child.spec.is_supervisor,
        phase=child.phase,
    )
