"""How a command is found, and wrapped so that it dies with the process that started it."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ..process import capabilities

# The first name of a process that wraps a command, as /proc/<pid>/comm tells it: what still bears
# it at its end never became the command.
SETPRIV = "setpriv"
SHIM = "prd-launch"

_SETPRIV_BYTES_MAX = 2 * 1024 * 1024  # the real one has 80 KB

# 1 = PR_SET_PDEATHSIG, 15 = PR_SET_NAME, 9 = SIGKILL. A parent that died before the first call is
# recognised by comparison.
_SHIM_CODE = f"""
import _signal, ctypes, os, sys
prctl = ctypes.CDLL(None).prctl
prctl(15, b"{SHIM}", 0, 0, 0)
prctl(1, 9, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    os.kill(os.getpid(), 9)
for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # Python ignores them; the command must not
    _signal.signal(number, _signal.SIG_DFL)
try:
    os.execvp(sys.argv[2], sys.argv[2:])
except OSError as error:
    os.write(2, f"cannot execute {{sys.argv[2]}}: {{error.strerror}}\\n".encode())
    os._exit(127)
"""


class CommandMissingError(OSError):
    """A command that cannot be executed; its text is one line for people."""


def require_executable(command: str, *, cwd: Path, env: Mapping[str, str]) -> None:
    """Raise CommandMissingError unless the command can be found, as exec in `cwd` would find it."""
    places = [cwd / place for place in _places(command, env)]
    if any(_is_executable(place) for place in places):
        return
    raise CommandMissingError(_why_missing(command, places, cwd))


def dying_with_parent(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Wrap the command so that it is killed when this process dies, where a system can do that."""
    if not capabilities.HERE.death_signal:
        return argv
    setpriv = _setpriv()
    if setpriv is not None:
        return (setpriv, "--pdeathsig", "KILL", "--", *argv)
    return (sys.executable, "-I", "-S", "-c", _SHIM_CODE, str(os.getpid()), *argv)


@functools.cache
def _setpriv() -> str | None:
    """Find a setpriv that knows --pdeathsig; util-linux before 2.33 and busybox do not.

    Looking into the file costs less than a hundredth of starting it.
    """
    # Not shutil.which: shutil brings three compression libraries along.
    found = next((place for place in _places(SETPRIV, os.environ) if _is_executable(place)), None)
    if found is None:
        return None
    try:
        with found.open("rb") as file:
            knows = b"pdeathsig" in file.read(_SETPRIV_BYTES_MAX)
    except OSError:
        return None
    return str(found.absolute()) if knows else None


def _places(command: str, env: Mapping[str, str]) -> list[Path]:
    if "/" in command:
        return [Path(command)]
    return [Path(folder, command) for folder in env.get("PATH", os.defpath).split(os.pathsep)]


def _is_executable(place: Path) -> bool:
    # Not Path.is_file: it raises for a folder of PATH that is not ours to look into.
    return os.path.isfile(place) and os.access(place, os.X_OK)  # noqa: PTH113


def _why_missing(command: str, places: list[Path], cwd: Path) -> str:
    if not command:
        return "the command is empty; name a program"
    if "/" not in command:
        return f"{command!r}: no such command in PATH; install it, or give its path"
    if places[0].is_file():
        return f"{command!r}: not executable in {str(cwd)!r}; make it so with chmod +x"
    return f"{command!r}: no such file in {str(cwd)!r}; give the path of a program"
