"""Units that are written, and the manager: told of them, and asked to start one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from ...shell.storage.layout import Layout
from ...shell.storage.locks import holder_of
from ..errors import FatalError
from . import instances, systemctl
from .asking import Answer
from .journal import last_lines
from .properties import last_end, result_told
from .target import Target
from .telling import tell
from .units import TEMPLATE


class Taken(Struct, frozen=True, kw_only=True):
    """What came of it."""

    is_good: bool
    was_up: bool = False  # it ran already, and was enabled


def take_up(layout: Layout, target: Target, *, has_changed: bool, starts: bool) -> Taken:
    """Enable it, and start it unless it runs."""
    later = f"`systemctl --user start '{target.unit}'`"
    why_not = systemctl.why_no_manager()
    if why_not:
        _enable(target, systemctl.offline)
        tell("not started", f"{why_not}; then type {later}")
        return Taken(is_good=True)
    before = systemctl.shown(target.unit)
    if has_changed or before.get("NeedDaemonReload") == "yes":
        _reload()
    _check_is_found(target)
    was_enabled = _enable(target, systemctl.user)
    if before.get("ActiveState") in {"active", "reloading"}:
        tell("runs", before.get("StatusText", ""))
        if has_changed:
            restart = f"`systemctl --user restart '{target.unit}'`"
            tell("", f"as it was started; what is new holds from its next start on: {restart}")
        return Taken(is_good=True, was_up=was_enabled)
    holder = holder_of(layout.root_lock)
    if not starts:
        tell("not started", f"as you wish; {later} does it")
        return Taken(is_good=True)
    if holder is not None and str(holder.get("pid")) != before.get("MainPID"):
        return Taken(is_good=_let_wait(target, holder.get("pid", "?")))
    return Taken(is_good=_start(target))


def _let_wait(target: Target, pid: object) -> bool:
    """Start it beside a root that a person has started: it waits for that one's end."""
    answer = systemctl.user("start", "--no-block", "--", target.unit)
    if not answer.is_good:
        tell("failed", f"it could not be started: {answer.problem}")
        return False
    tell("waits", f"root runs here already (pid {pid}), and not as a service: this one begins when")
    tell("", "that has ended; `prd-supervise stop` ends it now")
    return True


def _start(target: Target) -> bool:
    systemctl.user("reset-failed", "--", target.unit)  # earlier starts count for its limit
    answer = systemctl.job("start", target.unit, lambda said: tell("starting", said))
    after = systemctl.shown(target.unit)
    if answer.is_good:
        tell("started", after.get("StatusText", ""))
        return True
    why = "; ".join(filter(None, (result_told(after), last_end(after)))) or answer.problem
    tell("failed", f"it could not be started: {why}")
    for line in last_lines(target.unit):
        tell("", line)
    return False


def _enable(target: Target, ask: Callable[..., Answer]) -> bool:
    """Have it start with the manager; say whether it did before."""
    if instances.links_of(target.folder, target.unit):
        tell("enabled", f"already: {target.unit}")
        return True
    answer = ask("enable", "--", target.unit)
    if not answer.is_good:
        raise FatalError(f"{target.unit}: cannot be enabled: {answer.problem}")
    tell("enabled", f"{target.unit}: it starts with your service manager")
    return False


def _check_is_found(target: Target) -> None:
    """The manager's own XDG_CONFIG_HOME may be another one than this shell's."""
    found = systemctl.shown(target.unit).get("FragmentPath", "")
    written = target.folder / TEMPLATE
    if not (found and Path(found).exists() and written.samefile(found)):
        where = f"finds {found}" if found else "does not look there"
        raise FatalError(
            f"{target.folder}: the units are written, but your service manager {where}; is"
            " XDG_CONFIG_HOME set in this shell alone? (`systemctl --user show-environment`)"
        )


def _reload() -> None:
    answer = systemctl.user("daemon-reload")
    if not answer.is_good:
        raise FatalError(f"systemctl --user daemon-reload: {answer.problem}")
