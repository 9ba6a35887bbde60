"""How the service of a repository stands: what is written, what runs, and what is wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from ..errors import FatalError
from . import instances, lingering, systemctl
from .escaping import NotSayableError, program_in
from .files import read_file
from .journal import last_lines
from .own_program import installation_of
from .properties import seconds_since
from .signing import HEAD_LINES, Whose, signed, whose
from .target import Target
from .units import TEMPLATE, unit_texts

CURRENT, OUTDATED, OTHER_PATH = "current", "outdated", "other PATH"


class Standing(Struct, frozen=True, kw_only=True):
    """All that was found; `properties` are systemd's, none where it does not answer."""

    repository: str
    unit: str
    files: Mapping[str, str]  # how each stands: current, outdated, changed ...
    program: str  # that the unit starts; empty where there is no unit
    is_enabled: bool
    why_no_manager: str
    properties: Mapping[str, str]
    since_s: float | None
    lingers: bool
    user: str
    journal: tuple[str, ...] = ()

    @property
    def is_installed(self) -> bool:
        """Whether there is anything of a service for this repository."""
        return self.is_enabled or self.state not in {"", "inactive"}

    @property
    def state(self) -> str:
        """The manager's word for it; empty where it does not answer."""
        return self.properties.get("ActiveState", "")


def standing_of(target: Target, *, has_journal: bool = True) -> Standing:
    """Look."""
    why_not = systemctl.why_no_manager()
    properties = {} if why_not else systemctl.shown(target.unit)
    user = lingering.user_name()
    return Standing(
        repository=target.repository,
        unit=target.unit,
        files=_files(target),
        program=_program(target.folder / TEMPLATE),
        is_enabled=bool(instances.links_of(target.folder, target.unit)),
        why_no_manager=why_not,
        properties=properties,
        since_s=seconds_since(properties, time.monotonic()),
        lingers=lingering.lingers(user),
        user=user,
        journal=tuple(last_lines(target.unit)) if properties and has_journal else (),
    )


def _files(target: Target) -> dict[str, str]:
    """Each file that `install` would write now, and how it stands to that."""
    try:
        installation = installation_of(Path(target.repository), os.environ)
        texts = unit_texts(installation, version=systemctl.version())
    except (FatalError, NotSayableError):  # nothing could be installed from here
        return {}
    states = {}
    for name, text in texts.items():
        found = read_file(target.folder / name)
        of = whose(found)
        state = of.value
        if of is Whose.OURS:
            state = _age((found or b"").decode(), signed(text))
        states[str(target.folder / name)] = state
    return states


def _age(found: str, wanted: str) -> str:
    """How a file that is ours stands to what would be written now."""
    if found == wanted:
        return CURRENT
    is_same = _but_path(found) == _but_path(wanted)
    return OTHER_PATH if is_same else OUTDATED


def _but_path(text: str) -> list[str]:
    lines = text.splitlines()[HEAD_LINES:]
    return [line for line in lines if not line.startswith("Environment=")]


def _program(unit: Path) -> str:
    for line in (read_file(unit) or b"").decode(errors="surrogateescape").splitlines():
        name, _, value = line.partition("=")
        if name == "ExecStart":
            return program_in(value)
    return ""
