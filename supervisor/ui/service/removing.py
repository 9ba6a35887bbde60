"""`service uninstall` for systemd: stopped, disabled, and removed as far as it is ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import FatalError
from . import instances, lingering, systemctl
from .files import Step, remove_files
from .signing import Whose, whose
from .target import Target, alone
from .telling import tell
from .units import BACKOFF, SLICE, TEMPLATE

_LOADED = frozenset({"active", "activating", "reloading", "deactivating"})


def uninstall(target: Target) -> int:
    """Do it, line by line."""
    if not target.folder.is_dir():
        return _nothing(target)
    with alone(target.folder):
        manager_is_here = not systemctl.why_no_manager()
        state = systemctl.shown(target.unit).get("ActiveState", "") if manager_is_here else ""
        is_linked = bool(instances.links_of(target.folder, target.unit))
        others = _others(target, manager_is_here=manager_is_here)
        is_last = not others and any(path.exists() for path in _ours(target.folder))
        if state not in _LOADED and not is_linked and not is_last:
            return _nothing(target)
        if state in _LOADED:
            _stop(target)
        if is_linked:
            _disable(target, manager_is_here=manager_is_here)
        _remove(target, others)
        if manager_is_here:
            systemctl.user("daemon-reload")
            systemctl.user("reset-failed", "--", target.unit)
        _end_lingering(target, others)
    return 0


def _nothing(target: Target) -> int:
    tell("nothing", f"is installed for {target.repository}")
    return 0


def _stop(target: Target) -> None:
    tell("stopping", f"{target.unit}: its agents have their time to come to an end")
    answer = systemctl.job("stop", target.unit, lambda said: tell("", said))
    if not answer.is_good:
        raise FatalError(f"{target.unit}: cannot be stopped, and stays: {answer.problem}")
    tell("stopped", "all work is kept; `prd-supervise resume` goes on with it")


def _disable(target: Target, *, manager_is_here: bool) -> None:
    ask = systemctl.user if manager_is_here else systemctl.offline
    answer = ask("disable", "--", target.unit)
    if not answer.is_good:
        raise FatalError(f"{target.unit}: cannot be disabled: {answer.problem}")
    tell("disabled", target.unit)


def _remove(target: Target, others: list[str]) -> None:
    if others:
        tell("kept", f"{TEMPLATE} and {SLICE}: they serve {', '.join(others)}")
        return
    for step in remove_files(_ours(target.folder)):
        _tell_step(step)
    for path in _drop_ins(target.folder):
        tell("kept", f"{path}: it is yours")


def _tell_step(step: Step) -> None:
    tell(step.word, f"{step.path}: you have changed it" if step.word == "kept" else str(step.path))


def _others(target: Target, *, manager_is_here: bool) -> list[str]:
    known = instances.enabled(target.folder)
    if manager_is_here:
        known += instances.running()
    return [each for each in dict.fromkeys(known) if each != target.repository]


def _ours(folder: Path) -> list[Path]:
    """The files that `install` writes, in any version of systemd."""
    return [folder / TEMPLATE, folder / SLICE, folder / f"{TEMPLATE}.d" / BACKOFF]


def _drop_ins(folder: Path) -> Iterator[Path]:
    """What a person has put beside them."""
    for pattern in ("prd-supervise@*.service.d/*.conf", f"{SLICE}.d/*.conf"):
        for path in sorted(folder.glob(pattern)):
            if whose(path.read_bytes()) is Whose.FOREIGN:
                yield path


def _end_lingering(target: Target, others: list[str]) -> None:
    user = lingering.user_name()
    if others or not lingering.is_ours(user, target.state):
        return
    tell("lingering", "was turned on by `service install`, and is turned off")
    answer = lingering.turn_off(user, target.state)  # it may end the manager, so it comes last
    if not answer.is_good:
        tell("warning", f"{answer.problem}; `sudo loginctl disable-linger {user}` does it")
