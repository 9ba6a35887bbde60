"""The files of a service: written as a whole, and never over what somebody else has written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from ...shell.storage.atomic import write_atomically
from ..errors import FatalError
from .signing import Whose, signed, whose

CHANGES = frozenset({"wrote", "updated", "removed"})
_MODE = 0o644


class Step(Struct, frozen=True):
    """What is done with a file, or was found of it."""

    path: Path
    word: str  # in the past: wrote, updated, kept, removed; or "is there"


def plan_of(folder: Path, texts: Mapping[str, str]) -> dict[Path, Whose]:
    """Whose the files are that stand where these texts belong; a foreign one is refused."""
    found = {folder / name: whose(read_file(folder / name)) for name in texts}
    foreign = [path for path, of in found.items() if of is Whose.FOREIGN]
    if foreign:
        raise FatalError(
            "\n".join(
                f"{path}: this file is not ours, and stays; move it away, or go on without"
                " `service install`"
                for path in foreign
            )
        )
    return found


def write_files(folder: Path, texts: Mapping[str, str], *, forced: bool) -> list[Step]:
    """Write what is not there or not current; what a person has changed only where `forced`.

    Where one cannot be written, those that are new go again: half a service is none.
    """
    steps: list[Step] = []
    try:
        _write_all(folder, texts, steps, forced=forced)
    except FatalError:
        remove_files(step.path for step in steps if step.word == "wrote")
        raise
    return steps


def _write_all(folder: Path, texts: Mapping[str, str], steps: list[Step], *, forced: bool) -> None:
    for path, of in plan_of(folder, texts).items():
        data = signed(texts[str(path.relative_to(folder))]).encode()
        if read_file(path) == data:
            steps.append(Step(path, "is there"))
        elif of is Whose.CHANGED and not forced:
            steps.append(Step(path, "kept"))
        else:
            _write(path, data)
            steps.append(Step(path, "wrote" if of is Whose.NOBODY else "updated"))


def remove_files(paths: Iterable[Path]) -> list[Step]:
    """Remove those that are as we wrote them, and the folders of drop-ins that are empty then."""
    steps = []
    for path in paths:
        match whose(read_file(path)):
            case Whose.OURS:
                _remove(path)
                steps.append(Step(path, "removed"))
            case Whose.CHANGED | Whose.FOREIGN:
                steps.append(Step(path, "kept"))
            case Whose.NOBODY:
                pass
    return steps


def read_file(path: Path) -> bytes | None:
    """What stands there; None if nothing does."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FatalError(
            f"{path}: {error.strerror}; it has to be a file that you can read"
        ) from None


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path.resolve() if path.is_symlink() else path, data)
        path.chmod(_MODE)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise FatalError(f"{path}: cannot be written: {error.strerror}") from None


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise FatalError(f"{path}: cannot be removed: {error.strerror}") from None
    if path.parent.suffix == ".d":
        with suppress(OSError):  # somebody's own drop-ins are in it
            path.parent.rmdir()
