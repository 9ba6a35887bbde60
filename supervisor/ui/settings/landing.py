"""Whether completed PRDs can go into their base branch, as far as that is known beforehand."""

from __future__ import annotations

from collections.abc import Mapping

from ....policies.merging.protected import why_protected
from ....policies.values import replace
from ...prd.defect import Defect, Severity
from ...shell.repository.checkout import Checkout, default_branches, is_branch
from .merging import MergeSettings
from .origin import at_its_origin

_KEY = ("merge", "auto")


def landing_warnings(
    merge: MergeSettings, checkout: Checkout, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """What will keep PRDs from being merged: a night must not end with that as news."""
    problem = _problem(merge, checkout) if merge.auto else ""
    if not problem:
        return ()
    message = f"merge.auto: {problem}: the branches of PRDs will stay as they are"
    found = at_its_origin(_KEY, message, checkout.top, environ)
    return (replace(found, severity=Severity.WARNING, code="landing"),)


def _problem(merge: MergeSettings, checkout: Checkout) -> str:
    into = merge.base or checkout.branch
    if not into:
        return "no branch is checked out here, and merge.base names none"
    if not is_branch(checkout, into):
        return f"{into} is no branch"
    return "" if merge.allow_protected else why_protected(into, default_branches(checkout))
