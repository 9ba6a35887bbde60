"""Which formatters and type checks a checkout is set up for, and which of them run here."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from ....policies.merging.toolchain import TEXTS, Toolchain, detect

_PLAIN = re.compile(r"[\w./+-]+")
_OF_SHELL = frozenset(". : case cd command eval exec export for if set until while".split())
_BYTES_MAX = 1_000_000
MODULES = "node_modules"
OF_NODE = frozenset(("prettier", "biome", "tsc"))  # run from the project's own modules only


def toolchain_of(top: Path) -> Toolchain:
    """Look at the checkout's own files and at PATH; nothing is run."""
    try:
        names = frozenset(entry.name for entry in os.scandir(top) if entry.is_file())
    except OSError:
        return Toolchain()
    texts = {name: text for name in TEXTS if name in names and (text := _text(top / name))}
    return detect(names, texts, lambda name: _is_here(top, name))


def is_runnable(top: Path, command: str) -> bool:
    """Say whether the first word of a shell's command is a program, as far as it is a plain name.

    A shell's own words, variables and the like are for the shell to judge.
    """
    word = next(iter(command.split()), "")
    if not _PLAIN.fullmatch(word) or word in _OF_SHELL:
        return True
    if "/" in word:
        return (top / word).is_file() and os.access(top / word, os.X_OK)
    return shutil.which(word) is not None


def _is_here(top: Path, name: str) -> bool:
    if name in OF_NODE:
        local = top / MODULES / ".bin" / name
        return os.access(local, os.X_OK) and shutil.which("npx") is not None
    return shutil.which(name) is not None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_BYTES_MAX).decode("utf-8", "replace")
    except OSError:
        return ""
