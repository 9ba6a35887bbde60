"""Which repositories are served: by the links in the folder for units, and by what runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ...shell.repository.checkout import Checkout, RepositoryError, find_checkout
from . import systemctl
from .escaping import unescaped_path
from .units import TEMPLATE

_PREFIX, _SUFFIX = TEMPLATE.split("@")
_INSTANCE = re.compile(rf"{_PREFIX}@(.+){re.escape(_SUFFIX)}")
_IDLE = frozenset({"inactive", "failed"})


def enabled(folder: Path) -> list[str]:
    """The repositories whose units start by themselves."""
    links = sorted(folder.glob(f"*.wants/{_PREFIX}@?*{_SUFFIX}"))
    return list(dict.fromkeys(_repositories(link.name for link in links)))


def running() -> list[str]:
    """The repositories whose units run now, enabled or not."""
    words = ("list-units", "--all", "--plain", "--no-legend", "--full", f"{_PREFIX}@*{_SUFFIX}")
    rows = (line.split(maxsplit=3) for line in systemctl.user(*words).out.splitlines())
    return _repositories(name for name, _, active, *_ in rows if active not in _IDLE)


def links_of(folder: Path, unit: str) -> list[Path]:
    """The links by which a unit starts by itself."""
    return sorted(folder.glob(f"*.wants/{_literal(unit)}"))


def serving(folder: Path, checkout: Checkout) -> str:
    """The checkout whose service serves this repository: there is one for all its worktrees."""
    known = enabled(folder)
    if str(checkout.top) in known or not known:
        return str(checkout.top)
    for other in known:
        try:
            if find_checkout(Path(other)).common_dir == checkout.common_dir:
                return other
        except RepositoryError:
            continue  # it is gone, or a repository no more
    return str(checkout.top)


def _repositories(names: Iterable[str]) -> list[str]:
    matches = (_INSTANCE.fullmatch(name) for name in names)
    return [unescaped_path(match[1]) for match in matches if match]


def _literal(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
