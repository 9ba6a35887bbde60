"""Files that commands name and nobody has committed: stories work where these are missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ....policies.values import replace
from ...prd.defect import Defect, Severity
from ...prd.model import Plan
from ...shell.repository.checkout import Checkout, untracked_among
from .config import Settings
from .origin import at_its_origin

# Of a shell's line what may be a path; where it is none, no such file stands here.
_WORD = re.compile(r"[^\s'\"`$;&|<>()*?=]+")


def forgotten_warnings(
    settings: Settings, plans: Sequence[Plan], checkout: Checkout, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """What commands of the settings and of these PRDs will not find in a story's worktree.

    What git ignores is meant to stay out; copies, links and setup bring that.
    """
    warned = []
    agent = settings.agent.command if settings.agent.use == "command" else ()
    # The first word of an agent is looked up in the checkout itself.
    told = ((("agent", "command"), agent[1:]), (("verify", "commands"), settings.verify.commands))
    for key, commands in told:
        warned += [
            at_its_origin(key, message, checkout.top, environ)
            for message in _forgotten(commands, checkout)
        ]
    for plan in plans:
        still = [each for each in plan.stories if not each.is_done]
        said = [plan.verify, *(each.verify for each in still), *(each.checks for each in still)]
        own = [command for each in said for command in each or ()]
        warned += [
            Defect(path=plan.path, line=1, column=1, message=message)
            for message in _forgotten(own, checkout)
        ]
    return tuple(replace(each, severity=Severity.WARNING, code="uncommitted") for each in warned)


def _forgotten(commands: Iterable[str], checkout: Checkout) -> list[str]:
    words = dict.fromkeys(word for command in commands for word in _WORD.findall(command))
    names = [str(PurePosixPath(word)) for word in words if not word.startswith(("-", "/"))]
    files = [name for name in names if _is_file(checkout.top, name)]
    return [
        f"{name} is here, but is not committed: no story has it; commit it"
        for name in untracked_among(checkout, files)
    ]


def _is_file(top: Path, name: str) -> bool:
    """Say whether this is a file below `top`; a word may be too long for a name."""
    return ".." not in Path(name).parts and os.path.isfile(top / name)  # noqa: PTH113  Path raises
