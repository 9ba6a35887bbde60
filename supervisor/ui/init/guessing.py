"""What a repository says of itself, put together: who goes before whom, and packages in folders."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator

from msgspec import Struct

from ....policies.values import replace
from . import javascript, python, runners
from .folder import Folder
from .guess import Guess, Role
from .languages import LANGUAGES

FOLDERS_MAX = 100  # that are looked into
PACKAGES_MAX = 6  # of which commands are written
_PLAIN = re.compile(r"[\w.@+-]+(/[\w.@+-]+)*/")
_GROUPS = ("packages", "apps", "services", "libs", "crates", "modules", "projects", "src")
_SOURCES = (python.guesses, javascript.guesses, *LANGUAGES)


class Guesses(Struct, frozen=True, kw_only=True):
    """The commands; `doubtful` may be done by the verify commands themselves."""

    setup: tuple[Guess, ...] = ()
    verify: tuple[Guess, ...] = ()
    doubtful: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()


def guess(top: Folder, has_program: Callable[[str], bool]) -> Guesses:
    """Look at the repository's root, and into its folders for what the root does not say.

    A file of targets covers what it has targets for, if its program is here.
    """
    at_root = list(runners.guesses(top))
    covered = {each.role for each in at_root if has_program(each.program)}
    has_runner = Role.TEST in covered
    found: list[Guess] = []
    left: list[int] = []
    for number, source in enumerate(_SOURCES):
        said = list(source(top))
        found += said
        if not said:
            left.append(number)
    packages, is_cut = _packages(top, left)
    found += packages
    setups = [each for each in found if each.role is Role.SETUP]
    doubtful = [each for each in setups if has_runner and _makes_an_environment(each)]
    verifies = [
        each
        for each in found
        if each.role not in {Role.SETUP, *covered} and not (doubtful and _is_in_one(each))
    ]
    told = [f"{name} is not {what}: look what is wrong in it" for name, what in top.broken.items()]
    if is_cut:
        told.append(f"more than {PACKAGES_MAX} packages were found; the others are for you to add")
    order = list(Role)
    return Guesses(
        setup=tuple(each for each in setups if each not in doubtful),
        verify=tuple(sorted((*at_root, *verifies), key=lambda each: order.index(each.role))),
        doubtful=tuple(doubtful),
        notes=tuple(told),
    )


def _makes_an_environment(guess: Guess) -> bool:
    """Say whether a runner of targets may well do this by itself."""
    return "python3 -m venv" in guess.line


def _is_in_one(guess: Guess) -> bool:
    return f"{python.VENV}/bin/" in guess.line


def _packages(top: Folder, sources: list[int]) -> tuple[list[Guess], bool]:
    """What folders say in the languages of which the root says nothing."""
    found: list[Guess] = []
    count = 0
    for folder in _folders(top):
        said = [
            _inside(each, folder.where) for number in sources for each in _SOURCES[number](folder)
        ]
        if not any(each.role is Role.TEST for each in said):
            continue
        count += 1
        if count > PACKAGES_MAX:
            return found, True
        found += said
    return found, False


def _folders(top: Folder) -> Iterator[Folder]:
    """The folders of the root and, below the usual ones, those in them."""
    names = [f"{name}/" for name in top.folders]
    inner = [
        f"{group}/{name}/"
        for group in _GROUPS
        if group in top.folders
        for name in top.inner(group).folders
    ]
    for where in [*names, *inner][:FOLDERS_MAX]:
        if _PLAIN.fullmatch(where):
            yield Folder(top.path / where, where)


def _inside(guess: Guess, where: str) -> Guess:
    """The same, from the repository's root."""
    return replace(
        guess,
        line=f"cd {shlex.quote(where.rstrip('/'))} && {guess.line}",
        because=f"in {where}: {guess.because}",
        locks=tuple(where + lock for lock in guess.locks),
        makes=tuple(where + folder for folder in guess.makes),
    )
