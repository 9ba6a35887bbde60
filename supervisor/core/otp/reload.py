"""New flags and specs for a supervisor that runs (OTP: code_change)."""

from __future__ import annotations

from ....policies.supervising.childspecs import check_childspecs, check_flags
from ....policies.supervising.spec import ChildSpec
from ....policies.values import replace
from .child import Child
from .children import Children
from .commands import Refusal
from .events import ReloadRequested
from .state import Step, Supervisor, answer


def on_reload(supervisor: Supervisor, event: ReloadRequested) -> Step:
    """Take new flags and specs, or leave all as it is and say what is wrong with them."""
    if supervisor.deadline is not None:
        return supervisor, answer(event.request, Refusal.STOPPING)
    flags = event.flags
    defects = (*check_flags(flags), *check_childspecs(event.specs, flags.auto_shutdown))
    if (flags.template is None) is not (supervisor.template is None):
        defects = (*defects, "a template came or went; start the supervisor anew for that")
    if flags.template is not None and event.specs:
        defects = (*defects, "specs are given; a dynamic supervisor has its template alone")
    if defects:
        return supervisor, answer(event.request, Refusal.INVALID, detail="; ".join(defects))
    if flags.template is None:
        children = _merged(supervisor.children, event.specs)
    else:
        children = _of_template(supervisor.children, flags.template)
    reloaded = replace(
        supervisor,
        strategy=flags.strategy,
        intensity=flags.intensity,
        auto_shutdown=flags.auto_shutdown,
        template=flags.template,
        children_max=flags.children_max,
        children=children,
    )
    return reloaded, answer(event.request)


def _merged(old: Children, specs: tuple[ChildSpec, ...]) -> Children:
    """OTP: in the new order, those of old ids as they run; then those that are named no more."""
    named = [_with_spec(old.get(spec.child_id), spec) for spec in specs]
    names = {spec.child_id for spec in specs}
    return Children([*named, *(child for child in old if child.child_id not in names)])


def _with_spec(known: Child | None, spec: ChildSpec) -> Child:
    return Child(spec=spec) if known is None else replace(known, spec=spec)


def _of_template(old: Children, template: ChildSpec) -> Children:
    return Children(
        replace(child, spec=replace(template, child_id=child.child_id, dynamic=True))
        for child in old
    )
