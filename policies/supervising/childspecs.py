"""What is wrong with flags and child specs (OTP: check_childspecs)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .spec import AutoShutdown, ChildSpec, Flags, Restart


def check_flags(flags: Flags) -> tuple[str, ...]:
    """Every defect of a supervisor's flags, its template included; none: they are good."""
    return tuple(_flag_defects(flags))


def check_childspecs(
    specs: Sequence[ChildSpec], auto_shutdown: AutoShutdown = AutoShutdown.NEVER
) -> tuple[str, ...]:
    """Every defect of the specs of one supervisor, its auto-shutdown considered."""
    found: list[str] = []
    seen: set[str] = set()
    for spec in specs:
        if spec.child_id in seen:
            found.append(f"child {spec.child_id!r} is there twice; ids are unique")
        seen.add(spec.child_id)
        found += _spec_defects(spec, auto_shutdown)
    return tuple(found)


def _flag_defects(flags: Flags) -> Iterator[str]:
    if flags.intensity.max_restarts < 0:
        yield f"intensity is {flags.intensity.max_restarts}; 0 or more restarts are allowed"
    if not flags.intensity.period_s > 0:
        yield f"period is {flags.intensity.period_s} s; it must be more than 0"
    if flags.children_max is not None and flags.children_max < 0:
        yield f"children_max is {flags.children_max}; 0 or more children are allowed"
    if flags.template is None:
        if flags.children_max is not None:
            yield "children_max is given without a template; it bounds dynamic supervisors only"
        return
    if flags.auto_shutdown is not AutoShutdown.NEVER:  # OTP >= 28: bad_combination
        yield f"auto_shutdown is {flags.auto_shutdown.value}; a dynamic supervisor allows never"
    yield from _spec_defects(flags.template, flags.auto_shutdown)


def _spec_defects(spec: ChildSpec, auto_shutdown: AutoShutdown) -> Iterator[str]:
    name = f"child {spec.child_id!r}"
    if not spec.child_id:
        yield "a child has no id; an id is needed"
    timeout_s = spec.shutdown.timeout_s
    if timeout_s is not None and not timeout_s >= 0:
        yield f"{name}: shutdown is {timeout_s} s; 0 (brutal_kill), more, or none (infinity)"
    if not spec.start_timeout_s > 0:
        yield f"{name}: start_timeout_s is {spec.start_timeout_s}; it must be more than 0"
    if not 0 <= spec.margin < 1:
        yield f"{name}: margin is {spec.margin}; a fraction of the grace is needed, below 1"
    caps = spec.restarts_max
    if caps is not None and min(caps.ordinary, caps.memory, caps.hang) < 0:
        yield f"{name}: restarts_max is {caps}; 0 or more of each cause are allowed"
    if spec.failures_max is not None and spec.failures_max < 0:
        yield f"{name}: failures_max is {spec.failures_max}; 0 or more are allowed"
    if spec.significant and spec.restart is Restart.PERMANENT:  # it never ends by itself
        yield f"{name}: significant and permanent; transient or temporary is needed"
    if spec.significant and auto_shutdown is AutoShutdown.NEVER:
        yield f"{name}: significant under auto_shutdown never; any_ or all_significant is needed"
