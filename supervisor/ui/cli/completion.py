"""Completion for bash, zsh and fish, by click's own support."""

from __future__ import annotations

from collections.abc import Mapping

import click
from click.shell_completion import ShellComplete, get_completion_class

from .examples import PROGRAM

VARIABLE = "_PRD_SUPERVISE_COMPLETE"  # as click names it


def script_of(cli: click.Group, shell: str) -> str:
    """What a shell has to be told, so that it asks us for words and keeps errors quiet."""
    script = _shell(cli, shell).source()
    for call in (f"={shell}_complete $1", f"={shell}_complete {PROGRAM}"):
        script = script.replace(f"{call})", f"{call} 2>/dev/null)")
    script = script.replace(f"-t) {PROGRAM})", f"-t) {PROGRAM} 2>/dev/null)")
    return script.replace('string split ","', 'string split -m 1 ","')  # words have commas, too


def answer(cli: click.Group, environ: Mapping[str, str]) -> str:
    """The words for the line that stands in the environment, as that shell reads them."""
    shell, _, what = environ[VARIABLE].partition("_")
    asked = _shell(cli, shell)
    said = asked.source() if what == "source" else asked.complete()
    return f"{said}\n" if said else ""


def _shell(cli: click.Group, shell: str) -> ShellComplete:
    found = get_completion_class(shell)
    if found is None:
        raise LookupError(shell)
    return found(cli, {}, PROGRAM, VARIABLE)
