"""The program that a service is to run: this installation's own, and the PATH of this shell."""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import FatalError, UsageError
from .installation import Installation

NAME = "prd-supervise"
FOLDERS_MAX = 64
PATH_BYTES_MAX = 8192
_TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  looked for, not used


def installation_of(repository: Path, environ: Mapping[str, str]) -> Installation:
    """What this very command would be as a service of that repository."""
    return Installation(
        repository=repository,
        program=own_program(sys.argv[0]),
        path=safe_path(environ.get("PATH", os.defpath)),
        home=home_of(environ),
    )


def own_program(typed: str) -> Path:
    """The console script that was typed, else the one beside this interpreter."""
    beside = Path(sysconfig.get_path("scripts"), NAME)
    as_typed = Path(os.path.abspath(typed))  # noqa: PTH100  a link of pipx's outlives what it points to
    for program in (as_typed, beside):
        if program.name == NAME and program.is_file() and os.access(program, os.X_OK):
            return program
    raise FatalError(
        f"{beside}: there is no such program, so that nothing could be started as a service;"
        " install it: `pipx install .`, or `pip install .` in an environment"
    )


def safe_path(path: str) -> str:
    """The folders of a PATH that mean the same everywhere, in their order; not without bound."""
    kept: list[str] = []
    length = 0
    for folder in dict.fromkeys(path.split(os.pathsep)):
        is_meant = folder.startswith("/") and folder.isprintable() and Path(folder).is_dir()
        length += len(os.fsencode(folder)) + 1
        if is_meant and length <= PATH_BYTES_MAX and len(kept) < FOLDERS_MAX:
            kept.append(folder)
    return os.pathsep.join(kept) or os.defpath.lstrip(os.pathsep)


def home_of(environ: Mapping[str, str]) -> Path:
    """The user's home; that of somebody else, as sudo may leave it, is refused."""
    named = environ.get("HOME", "")
    try:
        home = Path(named) if named.startswith("/") else Path.home()
        owner = home.stat().st_uid
    except (RuntimeError, OSError):
        raise UsageError(
            f"{named or 'HOME is not set, and'}: there is no home folder to write units into;"
            " set HOME to yours"
        ) from None
    if owner != os.geteuid():
        raise UsageError(
            f"{home}: this home belongs to the user of number {owner}, you are {os.geteuid()};"
            " type it as that user, without sudo"
        )
    return home


def program_warnings(program: Path, repository: Path) -> Iterator[str]:
    """Places that a program may soon have gone from."""
    real = program.resolve()
    for folder in _temporary():
        if real.is_relative_to(folder):
            yield f"{program} lies in a temporary folder: at the next boot it may be gone"
            return
    if real.is_relative_to(repository.resolve()):
        yield (
            f"{program} lies inside of the repository: `git clean -x` would take it away from the"
            " service; `pipx install` puts it elsewhere"
        )


def _temporary() -> set[Path]:
    return {Path(each).resolve() for each in (tempfile.gettempdir(), *_TEMPORARY)}
