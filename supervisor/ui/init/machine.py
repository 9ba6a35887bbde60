"""What is here for guesses: programs, memory, and what git ignores in this repository."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from msgspec import Struct

from ...shell.ceilings.memory import read_memory
from ...shell.repository.checkout import git_says


class Machine(Struct, frozen=True, kw_only=True):
    """What a guess asks of the machine, and of git."""

    has_program: Callable[[str], bool]
    is_ignored: Callable[[str], bool]
    memory_bytes: int


def machine_at(top: Path, *, is_repository: bool) -> Machine:
    """Look around; where there is no repository yet, nobody knows what git will ignore."""

    @cache
    def is_ignored(folder: str) -> bool:
        return not is_repository or bool(git_says(top, "check-ignore", f"{folder}/"))

    return Machine(
        has_program=cache(lambda name: shutil.which(name) is not None),
        is_ignored=is_ignored,
        memory_bytes=read_memory().total,
    )
