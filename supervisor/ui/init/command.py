"""`init`: an example PRD to begin with, or any readable PRD in our own form."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from ...prd.defect import Defect
from ...prd.discover import discover
from ...prd.documents.document import UnreadableError
from ...prd.own_form import OwnForm, own_forms
from ...prd.read import read_file
from ...shell.repository.checkout import RepositoryError, find_checkout
from ..errors import FatalError, UsageError
from ..invalid_input import InvalidInputError
from ..printer import say
from ..settings.layers import FILE, repository_layer
from .folder import Folder
from .guessing import guess
from .machine import machine_at
from .texts import example
from .writing import has_verify, notes, settings_text

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
    is_dry: bool = False  # show it, and write nothing


def init(wish: Wish) -> int:
    """Write what is wished; nothing is overwritten unless that is forced."""
    if wish.source:
        if wish.is_dry:
            raise UsageError("--dry-run: with --from, `-o -` prints what would be written")
        return _turn(wish)
    if wish.part:
        raise UsageError("--part: it chooses a PRD of the file that --from names; write both")
    top, is_repository = _top(wish.folder)
    machine = machine_at(top, is_repository=is_repository)
    guesses = guess(Folder(top), machine.has_program)
    text = example(has_verify=has_verify(guesses, machine))
    if wish.target == STDOUT:
        say(text.rstrip("\n"))
        return 0
    files = _to_write(wish, top, text, settings_text(guesses, machine))
    if wish.is_dry:
        for file, content in files:
            say(f"# --- {_shown(file)}\n{content}")
    else:
        _write(files)
    written = {file.name for file, _ in files}
    for note in notes(guesses, machine) if FILE in written else ():
        say(f"note: {note}")
    if not wish.is_dry:
        which = "it" if len(files) == 1 else "both"
        say(f"next: edit {which}, commit, then `prd-supervise doctor` says what is missing")
    return 0


def _to_write(wish: Wish, top: Path, prd: str, settings: str) -> list[tuple[Path, str]]:
    """The files; what is there already stays, but for what was named or is forced."""
    file = _file(Path.cwd() / wish.target if wish.target else top / PRD_FILE)
    own = top / FILE
    is_bare = repository_layer(top) is None
    has_prds = not wish.target and bool(discover(top, ()).paths)
    files: list[tuple[Path, str]] = []
    if wish.is_forced or not has_prds or not is_bare:
        files.append((file, prd))
    if is_bare or (wish.is_forced and not wish.target and own.is_file()):
        files.append((own, settings))
    _refuse_taken(files, is_forced=wish.is_forced or wish.is_dry)
    return files


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
    _refuse_taken(files, is_forced=wish.is_forced)
    _write(files)
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
        return _top(wish.folder)[0] / ACTIVE / form.plan.prd_id / PRD_FILE
    target = Path.cwd() / wish.target
    return _file(target) if is_only else target / form.plan.prd_id / PRD_FILE


def _file(target: Path) -> Path:
    """The file to write: the one named, or the usual one in a folder."""
    is_folder = target.is_dir() or not target.suffix
    return target / PRD_FILE if is_folder else target


def _top(folder: Path) -> tuple[Path, bool]:
    """The repository's root, or the folder itself where there is no repository yet."""
    try:
        return find_checkout(folder).top, True
    except RepositoryError:  # a PRD can be written before there is a repository
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder; make it first") from None
        return folder.absolute(), False


def _refuse_taken(files: Sequence[tuple[Path, str]], *, is_forced: bool) -> None:
    """All files are written, or none if one is there already."""
    taken = next((file for file, _ in files if file.exists() or file.is_symlink()), None)
    if taken is not None and not is_forced:
        raise FatalError(f"{taken}: it exists already; --force overwrites it, or name another file")


def _write(files: Sequence[tuple[Path, str]]) -> None:
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
