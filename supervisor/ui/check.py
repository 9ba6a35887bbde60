"""`check`: every defect of PRDs and configuration, at once; nothing is started or changed."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from ...policies.values import replace
from ..prd.defect import Defect, Severity
from ..shell.plans.identity import Known
from ..shell.plans.submission import ReadTogether, Terms, read_together
from ..shell.prd_limits import only_reachable
from ..shell.repository.checkout import Checkout, RepositoryError, find_checkout
from .checking import Summary, around_of, findings_of, in_order, summary_of
from .errors import UsageError
from .invalid_input import InvalidInputError
from .known import known_board
from .looks.painting import wants_colour
from .place import Place
from .printer import painted
from .printer import show as say
from .settings.agent import agent_defects, named_agent_warnings
from .settings.config import Settings, load_settings
from .settings.forgotten import forgotten_warnings
from .settings.landing import landing_warnings
from .settings.layers import repository_layer
from .settings.metrics import textfile_defects
from .settings.notices import notice_defects, notice_hindrances, notice_warnings
from .settings.similarity import similarity_defects
from .settings.template import template_defects
from .settings.tree import root_settings
from .settings.worktree_root import root_defects
from .start.prepare import read_new
from .start.selection import to_check

SCHEMA_VERSION = 1
OK = 0


class Checked(Struct, frozen=True, kw_only=True):
    """What was looked at, and what was found."""

    top: Path
    defects: tuple[Defect, ...]
    notes: tuple[str, ...]
    summary: Summary


def check(folder: Path, names: Sequence[str], *, as_json: bool, is_strict: bool) -> int:
    """Print what is found; return the exit code."""
    checked = checked_in(folder, names, is_strict=is_strict)
    if as_json:
        say(json.dumps(document(checked), indent=2))
    else:
        _print(checked)
    return InvalidInputError.exit_code if checked.summary.errors else OK


def checked_in(folder: Path, names: Sequence[str], *, is_strict: bool = False) -> Checked:
    """Look at the PRDs named, or at all that are found, and at the settings."""
    checkout = _checkout(folder, is_needed=not names)
    top = folder.absolute() if checkout is None else checkout.top
    settings, wrong = load_settings(top, environ=os.environ, overrides={})
    effective = settings or Settings()  # a broken configuration hides no defect of a PRD
    notes: tuple[str, ...] = ()
    if checkout is None:
        read = read_together(_files(folder, names), known=Known(), base_branch="")
    else:
        read, notes = _read(checkout, effective, names)
        if settings is not None:
            wrong = (
                *(_here_only(each, "agent") for each in agent_defects(settings, top, os.environ)),
                *(
                    _here_only(each, "similarity")
                    for each in similarity_defects(settings.parallel, top, os.environ)
                ),
                *(
                    _here_only(each, "worktrees")
                    for each in root_defects(settings.worktree.root, checkout, os.environ)
                ),
                *template_defects(settings.agent.prompt, top, os.environ),
                *notice_defects(settings, top, os.environ),
                *(
                    _here_only(each, "notify")
                    for each in notice_hindrances(settings, top, os.environ)
                ),
                *(
                    _here_only(each, "metrics")
                    for each in textfile_defects(settings, top, os.environ)
                ),
                *notice_warnings(settings, top, os.environ),
                *named_agent_warnings(settings, read.plans, top),
                *landing_warnings(settings.merge, checkout, os.environ),
                *forgotten_warnings(settings, read.plans, checkout, os.environ),
            )
    tree = root_settings(effective, top)
    _, unreachable = only_reachable(read.plans, tree.limits, tree.insisted)
    found = (*wrong, *findings_of(read, around_of(settings, top)), *unreachable)
    defects = in_order(
        [defect.relative_to(top) for defect in found],
        is_strict=is_strict,
    )
    layer = repository_layer(top)
    configuration = () if layer is None else (layer.path,)
    return Checked(
        top=top,
        defects=defects,
        notes=notes,
        summary=summary_of(defects, read, configuration),
    )


def document(checked: Checked) -> dict[str, object]:
    """The result for editors and CI, as docs/schema/check.schema.json has it."""
    return {
        "version": SCHEMA_VERSION,
        "root": str(checked.top),
        "defects": [
            {
                "file": defect.path,
                "line": defect.line,
                "column": defect.column,
                "severity": defect.severity.value,
                "code": defect.code,
                "message": defect.message,
                "excerpt": defect.excerpt,
            }
            for defect in checked.defects
        ],
        "notes": list(checked.notes),
        "summary": asdict(checked.summary),
    }


def _checkout(folder: Path, *, is_needed: bool) -> Checkout | None:
    try:
        return find_checkout(folder)
    except RepositoryError as error:
        if is_needed or not folder.is_dir():
            raise UsageError(str(error)) from None
        return None


def _read(
    checkout: Checkout, settings: Settings, names: Sequence[str]
) -> tuple[ReadTogether, tuple[str, ...]]:
    layout = checkout.layout(settings.worktree.root)
    board = known_board(layout)
    place = Place(checkout=checkout, settings=settings, layout=layout)
    selection = to_check(checkout.top, board, settings.prds, names)
    terms = Terms(base="", base_branch=settings.merge.base or checkout.branch)
    return read_new(selection.paths, place, board, terms), selection.notes


def _files(folder: Path, names: Sequence[str]) -> list[Path]:
    """The files of these names, from here or from the folder."""
    found = []
    for name in names:
        places = [place / name for place in (Path.cwd(), folder)]
        file = next((place for place in places if place.is_file()), None)
        if file is None:
            raise UsageError(f"{name}: no such file; outside of a git repository, name files")
        found.append(file)
    return found


def _here_only(defect: Defect, code: str) -> Defect:
    """An agent may be missing on this machine, or be named on the command line of `start`."""
    return replace(defect, severity=Severity.WARNING, code=code)


def _print(checked: Checked) -> None:
    show = painted if wants_colour() else str
    for defect in checked.defects:
        say(show(defect))
    for note in checked.notes:
        say(f"note: {note}")
    say(str(checked.summary))
