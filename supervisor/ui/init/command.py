"""`init`: an example PRD to begin with, or any readable PRD in our own form."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from ...prd.defect import Defect
from ...prd.documents.document import UnreadableError
from ...prd.own_form import OwnForm, own_forms
from ...prd.read import read_file
from ...shell.repository.checkout import RepositoryError, find_checkout
from ..errors import FatalError, InvalidInputError, UsageError
from ..printer import say
from ..settings.layers import FILE, repository_layer
from .texts import EXAMPLE, SETTINGS

PRD_FILE = "prd.json"
ACTIVE = Path("prds", "active")
STDOUT = "-"


class Wish(Struct, frozen=True, kw_only=True):
    """What was typed: where to write (empty: the usual place), and what."""

    folder: Path
    target: str = ""
    source: str = ""
    part: str = ""
    is_forced: bool = False


def init(wish: Wish) -> int:
    """Write what is wished; nothing is overwritten unless that is forced."""
    if wish.source:
        return _turn(wish)
    if wish.part:
        raise UsageError("--part: it chooses a PRD of the file that --from names; write both")
    top = _top(wish.folder)
    if wish.target == STDOUT:
        say(EXAMPLE.rstrip("\n"))
        return 0
    file = _file(Path.cwd() / wish.target if wish.target else top / PRD_FILE)
    _write([(file, EXAMPLE)], is_forced=wish.is_forced)
    is_bare = repository_layer(top) is None
    if is_bare:
        _write([(top / FILE, SETTINGS)], is_forced=False)
    which = "both" if is_bare else "it"
    say(f"next: edit {which}, then `prd-supervise check` says what is missing")
    return 0


def _turn(wish: Wish) -> int:
    """Write the PRDs of a file in our own form."""
    places = [place / wish.source for place in (Path.cwd(), wish.folder)]
    reading = read_file(next((place for place in places if place.exists()), places[0]))
    for defect in reading.defects if not reading.errors else ():
        print(defect.relative_to(Path.cwd()), file=sys.stderr)  # noqa: T201
    if reading.errors:
        raise InvalidInputError(reading.errors)
    try:
        forms = own_forms(reading)
    except UnreadableError as error:
        defect = Defect(
            path=str(reading.path),
            line=error.line,
            column=error.column,
            message=error.message,
            excerpt=error.excerpt,
        )
        raise InvalidInputError([defect]) from None
    forms = _chosen(forms, wish)
    if wish.target == STDOUT:
        for form in forms:
            say(form.text.rstrip("\n"))
        return 0
    files = [(_place(form, wish, is_only=len(forms) == 1), form.text) for form in forms]
    _write(files, is_forced=wish.is_forced)
    if all(file.resolve() != reading.path.resolve() for file, _ in files):
        say(f"note: {wish.source} is still there; keep one of the two, or `start` runs both")
    return 0


def _chosen(forms: Sequence[OwnForm], wish: Wish) -> tuple[OwnForm, ...]:
    parts = [form.plan.part or form.plan.prd_id for form in forms]
    if not wish.part:
        if len(forms) > 1 and (wish.target == STDOUT or wish.target.endswith(".json")):
            raise UsageError(
                f"{wish.source}: it holds {len(forms)} PRDs: {', '.join(parts)}; "
                "choose one with --part, or write to a folder"
            )
        return tuple(forms)
    found = tuple(form for form in forms if wish.part in {form.plan.part, form.plan.prd_id})
    if not found:
        raise UsageError(f"--part {wish.part}: no such PRD in it; there are: {', '.join(parts)}")
    return found


def _place(form: OwnForm, wish: Wish, *, is_only: bool) -> Path:
    if not wish.target:
        return _top(wish.folder) / ACTIVE / form.plan.prd_id / PRD_FILE
    target = Path.cwd() / wish.target
    return _file(target) if is_only else target / form.plan.prd_id / PRD_FILE


def _file(target: Path) -> Path:
    """The file to write: the one named, or the usual one in a folder."""
    is_folder = target.is_dir() or not target.suffix
    return target / PRD_FILE if is_folder else target


def _top(folder: Path) -> Path:
    try:
        return find_checkout(folder).top
    except RepositoryError:  # a PRD can be written before there is a repository
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder; make it first") from None
        return folder.absolute()


def _write(files: Sequence[tuple[Path, str]], *, is_forced: bool) -> None:
    """Write all of them, or none if one is there already."""
    taken = next((file for file, _ in files if file.exists() or file.is_symlink()), None)
    if taken is not None and not is_forced:
        raise FatalError(f"{taken}: it exists already; --force overwrites it, or name another file")
    for file, text in files:
        place = file.resolve()  # of a link the file is written, and the link stays
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh = place.with_name(f".{place.name}.new")
            fresh.write_text(text, encoding="utf-8", newline="\n")
            fresh.replace(place)
        except OSError as error:
            raise FatalError(f"{file}: it cannot be written: {error.strerror}") from None
        say(f"wrote {_shown(file)}")


def _shown(file: Path) -> Path:
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file
