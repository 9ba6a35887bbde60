"""Whether completed PRDs can go into their base branch, as far as that is known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ....policies.protected import why_protected
from ....policies.values import replace
from ...prd.defect import Defect, Severity
from ...shell.repository.checkout import Checkout, default_branches, is_branch
from .layers import FILE, PREFIX, Layer, file_layer, repository_layer, user_file
from .merging import MergeSettings

_KEY = ("merge", "auto")
_VARIABLE = f"{PREFIX}MERGE_AUTO"


def landing_warnings(
    merge: MergeSettings, checkout: Checkout, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """What will keep PRDs from being merged: a night must not end with that as news."""
    problem = _problem(merge, checkout) if merge.auto else ""
    if not problem:
        return ()
    message = f"merge.auto: {problem}: the branches of PRDs will stay as they are"
    found = _at_its_place(message, checkout.top, environ)
    return (replace(found, severity=Severity.WARNING, code="landing"),)


def _problem(merge: MergeSettings, checkout: Checkout) -> str:
    into = merge.base or checkout.branch
    if not into:
        return "no branch is checked out here, and merge.base names none"
    if not is_branch(checkout, into):
        return f"{into} is no branch"
    return "" if merge.allow_protected else why_protected(into, default_branches(checkout))


def _at_its_place(message: str, repository: Path, environ: Mapping[str, str]) -> Defect:
    """The origin that asks for it, the nearest one first."""
    if environ.get(_VARIABLE):
        return Defect(path="environment", message=message)
    user = user_file(environ)
    for layer in (repository_layer(repository), None if user is None else file_layer(user)):
        table = layer.values.get(_KEY[0]) if isinstance(layer, Layer) else None
        if isinstance(layer, Layer) and isinstance(table, Mapping) and _KEY[1] in table:
            return layer.defect(_KEY, message)
    return Defect(path=str(repository / FILE), message=message)
