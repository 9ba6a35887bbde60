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


def files(_context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """Names of files and folders, by the shell itself."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    return [CompletionItem(beginning, type=_FILE)]


def prd_ids(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """PRDs by their ids alone; behind a comma once more."""
    from .known import known_prds  # noqa: PLC0415

    return _listed(known_prds(_folder(context)).items(), beginning)


def targets(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """PRDs and, where only one is left, its stories."""
    return _items(_targets(_folder(context), beginning), beginning)


def names(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """The same; where nothing begins so, stories without their PRD."""
    from .known import all_stories  # noqa: PLC0415

    folder = _folder(context)
    found = _items(_targets(folder, beginning), beginning)
    return found if found or "/" in beginning else _items(all_stories(folder).items(), beginning)


def story_ids(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """Stories without their PRD; behind a comma once more."""
    from .known import all_stories  # noqa: PLC0415

    return _listed(all_stories(_folder(context)).items(), beginning)


def children(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """Root, and the same."""
    found = [("root", "what root itself did"), *_targets(_folder(context), beginning)]
    return _items(found, beginning)


def agents(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """Agents that we know, and those that the settings name."""
    from .known import known_agents  # noqa: PLC0415

    return _items([(name, "") for name in known_agents(_folder(context))], beginning)


def event_types(_context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """Types of events; behind a comma once more."""
    from ..looks.event_kinds import KINDS  # noqa: PLC0415

    return _listed([(name, "") for name in sorted(KINDS)], beginning)


def commands(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[Any]:
    """Our commands, and those of the command that stands before."""
    group: click.Command | None = context.find_root().command
    for word in context.params.get("words") or ():
        group = group.commands.get(word) if isinstance(group, click.Group) else None
    known = group.commands.items() if isinstance(group, click.Group) else ()
    return _items([(name, each.get_short_help_str()) for name, each in known], beginning)


def _targets(folder: Path, beginning: str) -> list[tuple[str, str]]:
    from .known import known_prds, known_stories  # noqa: PLC0415

    prd_id, slash, _ = beginning.partition("/")
    known = {} if slash else known_prds(folder)
    begun = [prd_id] if slash else [each for each in known if each.startswith(prd_id)]
    found = list(known.items())
    if len(begun) == 1:
        stories = known_stories(folder, begun[0]).items()
        found += [(f"{begun[0]}/{name}", title) for name, title in stories]
    return found


def _listed(words: Iterable[tuple[str, str]], beginning: str) -> list[Any]:
    """Words of a list with commas: what stands before the last one stays."""
    before, comma, _ = beginning.rpartition(",")
    return _items([(f"{before}{comma}{word}", told) for word, told in words], beginning)


def _items(words: Iterable[tuple[str, str]], beginning: str) -> list[Any]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    begun = [(word, told) for word, told in words if word.startswith(beginning)]
    return [CompletionItem(word, help=told or None) for word, told in begun]


def _folder(context: click.Context) -> Path:
    return Path(context.params.get("folder") or ".")
