"""`service install` for systemd: the units are verified, written, enabled and started."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from shlex import quote

from msgspec import Struct

from ...shell.repository.checkout import Checkout
from ..errors import FatalError, UsageError
from ..place import Place
from ..printer import show
from . import instances, systemctl
from .advising import tell_advice
from .escaping import NotSayableError
from .files import CHANGES, Step, plan_of, write_files
from .linger_told import see_to_lingering
from .own_program import installation_of
from .taking_up import take_up
from .target import Target, alone, target_of
from .telling import tell
from .units import unit_texts
from .verifying import verify


class Wish(Struct, frozen=True, kw_only=True):
    """What was typed."""

    is_dry: bool = False
    is_forced: bool = False
    lingers: bool = False
    starts: bool = True


def install(place: Place, wish: Wish) -> int:
    """Do it, line by line; 1 if not all that was asked for could be done."""
    installation = installation_of(place.checkout.top, os.environ)
    target = target_of(str(place.checkout.top))
    _refuse_other_worktree(target, place.checkout)
    version = systemctl.version()
    try:
        texts = unit_texts(installation, version=version)
    except NotSayableError as error:
        raise UsageError(str(error)) from None
    if wish.is_dry:
        _show(target, texts)
        return 0
    with alone(target.folder):
        plan_of(target.folder, texts)  # a file of somebody else's: nothing at all is done
        _verify(texts, target, version)
        steps = write_files(target.folder, texts, forced=wish.is_forced)
        for step in steps:
            _tell_step(step)
        _tell_of_others(target, steps)
        tell_advice(place, installation, target)
        lingers = see_to_lingering(target, is_wanted=wish.lingers)
        has_changed = any(step.word in CHANGES for step in steps)
        taken = take_up(place.layout, target, has_changed=has_changed, starts=wish.starts)
        if taken.was_up and not has_changed:
            tell("done", "nothing had to be changed: it was installed, and runs")
    return 0 if taken.is_good and (lingers or not wish.lingers) else 1


def _refuse_other_worktree(target: Target, checkout: Checkout) -> None:
    served = instances.serving(target.folder, checkout)
    if served != target.repository:
        raise UsageError(
            f"{served}: this checkout of the same repository has a service already, and there is"
            f" one tree a repository; `prd-supervise service uninstall -C {quote(served)}` first"
        )


def _show(target: Target, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        show(f"# --- {target.folder / name}\n{text}")
    show(f"# --- then: systemctl --user enable --now '{target.unit}'")


def _verify(texts: Mapping[str, str], target: Target, version: int) -> None:
    verdict = verify(texts, target.unit, version=version)
    if verdict.problems:
        found = "\n".join(verdict.problems)
        raise FatalError(f"systemd does not take these units, and nothing was changed:\n{found}")
    if verdict.is_verified:
        tell("verified", f"by systemd-analyze {version}")
    else:
        tell("unverified", verdict.why_not)


def _tell_of_others(target: Target, steps: Sequence[Step]) -> None:
    """All instances have one template: what is new in it is so for each."""
    others = [each for each in instances.enabled(target.folder) if each != target.repository]
    if others and any(step.word == "updated" for step in steps):
        tell("", f"{', '.join(others)}: also served by it, and so from the next start on")


def _tell_step(step: Step) -> None:
    if step.word == "kept":
        tell("kept", f"{step.path}: you have changed it; --force writes it anew")
    else:
        tell(step.word, str(step.path))
