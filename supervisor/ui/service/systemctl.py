"""The user's own systemd: whether it is there, and what it is asked for."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from .asking import NO_PROGRAM, SOON_S, TOO_LONG, Answer, ask, surroundings
from .properties import NAMES, parsed

_LIVES = {"running", "degraded", "starting", "initializing", "maintenance", "stopping"}
_BOOTED = Path("/run/systemd/system")
_OFFLINE = {"SYSTEMD_OFFLINE": "1"}  # links are made and read without a manager
# These read all units again: a machine that has just booted was seen to take longer than 10 s.
_RELOADING = {"daemon-reload", "enable", "disable"}
RELOAD_S = 90.0
LOOK_S = 1.0
_COUNTED = re.compile(r",? *\d+ s left")  # each second: no news
JOB_S_MAX = 900.0  # of a start or a stop: both tell the manager when they need longer


def is_here() -> bool:
    """Say whether this machine has systemd's commands."""
    return shutil.which("systemctl") is not None


def is_booted() -> bool:
    """Say whether it runs this system."""
    return _BOOTED.is_dir()


def version() -> int:
    """Systemd's version; 0 where it cannot be told."""
    found = re.match(r"systemd (\d+)", ask("systemctl", "--version").out)
    return int(found[1]) if found else 0


def why_no_manager() -> str:
    """Why the user's own manager cannot be asked for anything; empty where it can."""
    answer = ask("systemctl", "--user", "is-system-running")
    if answer.out.strip() in _LIVES:
        return ""
    if not is_booted():
        return "this system was not booted by systemd (a container?)"
    env = surroundings()
    if not env.get("XDG_RUNTIME_DIR") or not Path(env["XDG_RUNTIME_DIR"]).is_dir():
        return (
            "you have no service manager here: log in by ssh or at the console, not by su or sudo,"
            " or enable lingering first"
        )
    return f"your service manager does not answer: {answer.problem}"


def user(*words: str) -> Answer:
    """Ask the user's manager."""
    argv = ("systemctl", "--user", "--no-ask-password", *words)
    return ask(*argv, within_s=RELOAD_S if words[0] in _RELOADING else SOON_S)


def offline(*words: str) -> Answer:
    """Make, remove or read links as it would, while it is not there."""
    return ask("systemctl", "--user", *words, env=_OFFLINE)


def shown(unit: str, names: tuple[str, ...] = NAMES) -> Mapping[str, str]:
    """Properties of a unit; none where the manager does not answer."""
    answer = user("show", "--property", ",".join(names), "--", unit)
    return parsed(answer.out) if answer.is_good else {}


def job(verb: str, unit: str, tell: Callable[[str], None]) -> Answer:
    """Start or stop it, and wait for that; what it says of itself meanwhile is told."""
    argv = ("systemctl", "--user", "--no-ask-password", verb, "--", unit)
    try:
        process = subprocess.Popen(
            argv,
            env=surroundings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        return Answer(code=NO_PROGRAM, out="", err=f"systemctl: {error.strerror}")
    said, waited_s = "", 0.0
    with process:
        while waited_s < JOB_S_MAX:
            try:
                out, _ = process.communicate(timeout=LOOK_S)
            except subprocess.TimeoutExpired:
                waited_s += LOOK_S
                says = shown(unit, ("StatusText",)).get("StatusText", "")
                if (news := _COUNTED.sub("", says)) not in {"", said}:
                    said = news
                    tell(says)
                continue
            return Answer(code=process.returncode, out=out.decode(errors="replace"), err="")
        process.kill()
    return Answer(code=TOO_LONG, out="", err=f"{verb}: not done within {JOB_S_MAX:.0f} s")
