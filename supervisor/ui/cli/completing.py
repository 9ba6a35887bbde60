"""Which words a shell may complete where an agent, a PRD or a story is asked for.

What that takes is imported when a shell asks: this module is on the way to every --help.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

_FILE = "file"  # click's word: the shell itself completes names of files


def prds(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """PRDs by their ids; files, where no id begins so."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    from .known import known_prds  # noqa: PLC0415

    found = _items(known_prds(_folder(context)).items(), beginning)
    return found or [CompletionItem(beginning, type=_FILE)]


def targets(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """PRDs and, where only one is left, its stories."""
    from .known import known_prds, known_stories  # noqa: PLC0415

    folder = _folder(context)
    prd_id, slash, _ = beginning.partition("/")
    known = {} if slash else known_prds(folder)
    begun = [prd_id] if slash else [each for each in known if each.startswith(prd_id)]
    found = list(known.items())
    if len(begun) == 1:
        stories = known_stories(folder, begun[0]).items()
        found += [(f"{begun[0]}/{name}", title) for name, title in stories]
    return _items(found, beginning)


def agents(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """Agents that we know, and those that the settings name."""
    from .known import known_agents  # noqa: PLC0415

    return _items([(name, "") for name in known_agents(_folder(context))], beginning)


def _items(words: Iterable[tuple[str, str]], beginning: str) -> list[Any]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    begun = [(word, told) for word, told in words if word.startswith(beginning)]
    return [CompletionItem(word, help=told or None) for word, told in begun]


def _folder(context: click.Context) -> Path:
    return Path(context.params.get("folder") or ".")
