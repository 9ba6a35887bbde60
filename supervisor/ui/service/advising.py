"""What `service install` has to say besides: agents, their keys, and how long a stop may take."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator

from ..place import Place
from ..settings.kinds import traits_of
from ..settings.tree import agent_rules
from .installation import Installation
from .keys import agents_used, is_open, missing_keys
from .own_program import program_warnings
from .places import keys_file
from .target import Target
from .telling import tell
from .units import GRACE_S, LAST_STOP_S


def tell_advice(place: Place, installation: Installation, target: Target) -> None:
    """Print all of it."""
    tell("program", str(installation.program))
    for warning in program_warnings(installation.program, installation.repository):
        tell("warning", warning)
    for line in _agent_lines(place, installation):
        tell(*line)
    for line in _key_lines(place, target):
        tell(*line)
    if place.settings.grace_s > GRACE_S:
        grace_s = place.settings.grace_s
        told = f"grace_s is {grace_s:.0f} s: `systemctl --user stop` waits for that, logout and"
        tell("warning", f"{told} reboot at most {LAST_STOP_S} s, and kill what is left then")


def _agent_lines(place: Place, installation: Installation) -> Iterator[tuple[str, str]]:
    """Where the agents are found by the PATH that is written."""
    rules = agent_rules(place.settings, place.checkout.top)
    for name in agents_used(place.settings):
        spec = rules.spec(name)
        program = spec.command[0] if spec.command else traits_of(spec.adapter).program
        if not program or program.startswith("."):
            continue
        found = shutil.which(program, path=installation.path)
        if found is None:
            yield "warning", f"agent {name}: there is no {program} on the PATH that was written"
        else:
            yield "agent", f"{name}: {found}"


def _key_lines(place: Place, target: Target) -> Iterator[tuple[str, str]]:
    """Names alone: no secret is written, and none is shown."""
    kept = keys_file(target.home, os.environ)
    rules = agent_rules(place.settings, place.checkout.top)
    missing = missing_keys(place.settings, rules, os.environ, kept)
    if missing:
        yield (
            "warning",
            f"{', '.join(missing)}: set in this shell, and the service will not see it;",
        )
        yield "", f"write NAME=value lines into {kept} (chmod 600)"
    if is_open(kept):
        yield "warning", f"{kept}: others can read it; `chmod 600 {shlex.quote(str(kept))}`"
