"""`service` for launchd: the LaunchAgent of a repository, written, loaded, told of, taken back."""

from __future__ import annotations

import os
import shlex
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from ...shell.service.launchd import log_path
from ...shell.storage.atomic import write_atomically
from ...shell.storage.locks import holder_of
from ..errors import FatalError
from ..place import Place
from ..printer import show
from . import launchd
from .asking import Answer, ask
from .files import read_file
from .installation import Installation
from .installing import Wish
from .own_program import home_of, installation_of, program_warnings
from .signing import Whose
from .telling import tell
from .units import STOP_S

_MODE = 0o600
_LOOK_S = 0.2
_GONE_S = STOP_S + 15.0  # launchd kills after ExitTimeOut
_LINT_S = 20.0


class Agent(Struct, frozen=True, kw_only=True):
    """What a command is about: one repository's job."""

    repository: Path
    label: str
    plist: Path
    log: Path
    domain: str


def agent_of(repository: Path) -> Agent:
    """Where all of it lies."""
    home = home_of(os.environ)
    label = launchd.label_of(repository)
    return Agent(
        repository=repository,
        label=label,
        plist=launchd.plist_path(home, label),
        log=log_path(home, label),
        domain=launchd.domain_of(os.geteuid()),
    )


def is_here() -> bool:
    """Say whether this machine has launchd's command."""
    return shutil.which("launchctl") is not None


def install(place: Place, wish: Wish) -> int:
    """Do it, line by line; 1 if not all that was asked for could be done."""
    installation = installation_of(place.checkout.top, os.environ)
    agent = agent_of(place.checkout.top)
    data = launchd.plist_of(installation)
    if wish.is_dry:
        show(f"# --- {agent.plist}\n{data.decode()}")
        show(f"# --- then: {bootstrap_of(agent)}")
        return 0
    has_changed = _write(agent, data, is_forced=wish.is_forced)
    _tell_advice(installation)
    is_up = _take_up(place, agent, has_changed=has_changed, starts=wish.starts)
    if wish.lingers:
        tell("warning", "launchd runs an agent while you are logged in, and no longer:")
        tell("", "for a Mac that nobody logs in to see contrib/launchd/README.md")
    return 0 if is_up and not wish.lingers else 1


def bootstrap_of(agent: Agent) -> str:
    """What loads it, to be typed."""
    return shlex.join(launchd.bootstrap(agent.domain, agent.plist))


def uninstall(repository: Path) -> int:
    """Stop the job, and remove its file if that is as we wrote it."""
    agent = agent_of(repository)
    is_loaded = properties_of(agent) is not None
    of = launchd.whose_plist(read_file(agent.plist))
    if not is_loaded and of in {Whose.NOBODY, Whose.FOREIGN}:
        tell("nothing", f"is installed for {repository}")
        return 0
    if is_loaded:
        _stop(agent)
    if of is Whose.OURS:
        _remove(agent.plist)
        tell("removed", str(agent.plist))
    elif of is not Whose.NOBODY:
        tell("kept", f"{agent.plist}: you have changed it; at your next login it is loaded again")
    return 0


def properties_of(agent: Agent) -> Mapping[str, str] | None:
    """What launchd says of the job; None where it is not loaded."""
    answer = ask(*launchd.print_job(agent.domain, agent.label))
    return launchd.parsed(answer.out) if answer.is_good else None


# --- installing ---------------------------------------------------------------------------------


def _write(agent: Agent, data: bytes, *, is_forced: bool) -> bool:
    """Write the file unless it is there; say whether that has changed anything."""
    found = read_file(agent.plist)
    of = launchd.whose_plist(found)
    if of is Whose.FOREIGN:
        raise FatalError(f"{agent.plist}: this file is not ours, and stays; move it away")
    _make(agent.log.parent, 0o700)  # launchd makes none, and starts nothing without it
    if found == data:
        tell("is there", str(agent.plist))
        return False
    if of is Whose.CHANGED and not is_forced:
        tell("kept", f"{agent.plist}: you have changed it; --force writes it anew")
        return False
    _make(agent.plist.parent)
    new = agent.plist.with_suffix(".new")
    _put(new, data)
    try:
        _lint(new)
    finally:
        new.unlink(missing_ok=True)  # another `install` at the same time has the same name for it
    _put(agent.plist, data)
    tell("wrote" if of is Whose.NOBODY else "updated", str(agent.plist))
    return True


def _make(folder: Path, mode: int = 0o777) -> None:
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise FatalError(f"{folder}: cannot be made: {error.strerror}") from None


def _put(path: Path, data: bytes) -> None:
    try:
        write_atomically(path, data)
        path.chmod(_MODE)
    except OSError as error:
        raise FatalError(
            f"{path}: {error.strerror}; it has to be a place that you can write"
        ) from None


def _lint(plist: Path) -> None:
    if shutil.which("plutil") is None:
        tell("unverified", "there is no plutil on PATH")
        return
    answer = ask("plutil", "-lint", str(plist), within_s=_LINT_S)
    if not answer.is_good:
        raise FatalError(f"plutil does not take it, and nothing was changed: {answer.problem}")
    tell("verified", "by plutil")


def _tell_advice(installation: Installation) -> None:
    tell("program", str(installation.program))
    for warning in program_warnings(installation.program, installation.repository):
        tell("warning", warning)


def _take_up(place: Place, agent: Agent, *, has_changed: bool, starts: bool) -> bool:
    """Load it unless it is; False if that failed."""
    properties = properties_of(agent)
    if properties is not None:
        if properties.get("state") == "running":
            tell("runs", f"pid {properties.get('pid', '?')}")
            if has_changed:
                tell("", "as it was started; `service uninstall` and `install` take what is new")
            return True
        if has_changed:
            _stop(agent)  # what launchd has loaded is the file as it was
    later = f"`{bootstrap_of(agent)}`"
    holder = holder_of(place.layout.root_lock)
    if holder is not None:
        told = f"root runs here already (pid {holder.get('pid', '?')}), and not as a service"
        tell("not started", f"{told}; `prd-supervise stop`, then {later}")
        return True
    if not starts:
        tell("not started", f"as you wish; {later} does it, and so does your next login")
        return True
    return _start(agent, is_loaded=properties is not None and not has_changed)


def _start(agent: Agent, *, is_loaded: bool) -> bool:
    if is_loaded:
        answer = ask(*launchd.kickstart(agent.domain, agent.label))
    else:
        ask(*launchd.enable(agent.domain, agent.label))
        answer = ask(*launchd.bootstrap(agent.domain, agent.plist))
    if answer.is_good:
        tell("started", f"{agent.label}; it starts at each login; its log: {agent.log}")
        return True
    if _has_no_screen(answer, agent):
        tell("not started", "nobody is logged in at the screen: it starts at your next login")
        return True
    tell("failed", f"it could not be loaded: {answer.problem}")
    return False


def _has_no_screen(_answer: Answer, agent: Agent) -> bool:
    """Say whether there is no domain to load it into, as in a session by ssh alone."""
    return not ask("launchctl", "print", agent.domain).is_good


# --- taking back --------------------------------------------------------------------------------


def _stop(agent: Agent) -> None:
    tell("stopping", f"{agent.label}: its agents have their time to come to an end")
    answer = ask(*launchd.bootout(agent.domain, agent.label), within_s=_GONE_S)
    deadline_s = time.monotonic() + _GONE_S
    # It may answer before the job is gone, or say that this is under way.
    while properties_of(agent) is not None:
        if time.monotonic() > deadline_s:
            raise FatalError(f"{agent.label}: cannot be stopped, and stays: {answer.problem}")
        time.sleep(_LOOK_S)
    tell("stopped", "all work is kept; `prd-supervise resume` goes on with it")


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FatalError(f"{path}: {error.strerror}; remove it yourself") from None
