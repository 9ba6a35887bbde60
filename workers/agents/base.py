"""What an agent adapter is: it knows how one kind of agent is started."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from ..messages.story import AgentSpec


class AgentRun(Struct, frozen=True, kw_only=True):
    """Where one attempt runs; paths are absolute."""

    worktree: str
    attempt_dir: str
    prompt_file: str


# A line may be told before it is whole, and a very long one in pieces.
ResultIn = Callable[[str], bool]


class Adapter(Protocol):
    """One kind of agent. A module with these functions is one."""

    def files(self, spec: AgentSpec) -> Mapping[str, str]:
        """Name the files, with their text, that must stand in the attempt's folder before."""

    def argv(self, spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
        """Give the command line; the prompt is its stdin, the worktree its working directory."""

    def result_in(self, spec: AgentSpec) -> ResultIn | None:
        """Give what knows the line of output after which this agent should exit, if any does."""


def prepare(adapter: Adapter, spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Write the adapter's files and give the command line."""
    for name, text in adapter.files(spec).items():
        path = Path(run.attempt_dir, name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    return adapter.argv(spec, run)
