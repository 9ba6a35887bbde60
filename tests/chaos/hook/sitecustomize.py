"""Put into every Python process of a tree under test by PYTHONPATH: crash points and a ledger.

The product knows nothing of it. What is wrapped are the system's own calls, so that the points stay
true however the product is written. Two variables say what is wanted:

CRASH_FOLDER  where `points` (what was passed), `ledger` (what was acknowledged) and `crashed` (the
              one crash that there was) are written
CRASH_AT      `role:point:n`: SIGKILL ourselves at the n-th passing; empty: only note what passes
"""

from __future__ import annotations

import functools
import multiprocessing.process
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FOLDER = os.environ.get("CRASH_FOLDER", "")
_AT = os.environ.get("CRASH_AT", "")
_TITLE = "prd-supervise: "
_JOURNAL = "/journal.log"
_passed: Counter[str] = Counter()
_open, _write, _kill = os.open, os.write, os.kill


def _role() -> str:
    """Say which level of the tree this process is; empty before it has taken its place."""
    if Path(sys.argv[0]).name == "prd-supervise" and "--multiprocessing-fork" not in sys.orig_argv:
        return "root"
    titles = sys.modules.get("setproctitle")
    title = titles.getproctitle() if titles is not None else ""
    word = title.removeprefix(_TITLE).partition(" ")[0] if title.startswith(_TITLE) else ""
    return {"story": "worker", "spare": "worker"}.get(word, word)


def _note(name: str, line: str) -> None:
    fd = _open(f"{_FOLDER}/{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    _write(fd, line.encode() + b"\n")
    os.close(fd)


def _pass(point: str) -> None:
    role = _role()
    if not role:
        return
    name = f"{role}:{point}"
    _passed[name] += 1
    if not _AT:
        _note("points", name)
    elif f"{name}:{_passed[name]}" == _AT:
        try:
            fd = _open(f"{_FOLDER}/crashed", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return  # once is enough: who comes after goes on
        os.close(fd)
        _kill(os.getpid(), signal.SIGKILL)


def _around(owner: Any, name: str, point_of: Callable[..., str]) -> None:  # noqa: ANN401
    """Wrap a call: a point before it and one after it, where `point_of` names any."""
    original = getattr(owner, name, None)
    if original is None:
        return

    @functools.wraps(original)
    def wrapped(*given: Any, **named: Any) -> Any:  # noqa: ANN401  whatever it takes and gives
        point = point_of(*given)
        if not point:
            return original(*given, **named)
        _pass(f"{point}.before")
        result = original(*given, **named)
        if point == "journal.sync":
            _acknowledge(given[0])
        _pass(f"{point}.after")
        return result

    setattr(owner, name, wrapped)


def _path_of(fd: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{fd}").readlink())
    except OSError:
        return ""


def _acknowledge(fd: int) -> None:
    """Write into the ledger what is durable from now on, whatever happens."""
    path = _path_of(fd)
    _note("ledger", "\n".join(f"{path}\t{line}" for line in Path(path).read_text().splitlines()))


def _journal(call: str) -> Callable[..., str]:
    return lambda fd, *_: f"journal.{call}" if _path_of(fd).endswith(_JOURNAL) else ""


def _renamed(_source: object, target: object) -> str:
    path = Path(str(target))
    if path.parent.name == "history":
        return "rename.history"
    return "rename.plan" if path.parent.name == "plans" else f"rename.{path.stem.strip('.')}"


def _command(_self: object, argv: object, *_: object) -> str:
    words = [str(word) for word in argv] if isinstance(argv, list | tuple) else [str(argv)]
    if Path(words[0]).name != "git":
        return "spawn.command"
    plain = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if "update-ref" in plain:
        return _moved(plain)
    changing = {"commit-tree", "worktree", "commit", "reset", "merge-tree"}
    return next((f"git.{word}" for word in plain if word in changing), "")


def _moved(plain: list[str]) -> str:
    """What a moved ref is for: a rollback, a landing; else the PRD's branch, or a salvage."""
    if any("roll back" in word for word in plain):
        return "git.rollback"
    ref = next((word for word in plain if word.startswith("refs/")), "")
    is_prd = ref.startswith(("refs/heads/feature/", "refs/prd-supervise/")) or not ref
    return "git.update-ref" if is_prd else "git.landing"


if _FOLDER:
    _around(os, "write", _journal("append"))
    _around(os, "fdatasync", _journal("sync"))
    _around(os, "ftruncate", _journal("cut"))
    _around(os, "replace", _renamed)
    _around(os, "rename", _renamed)
    _around(multiprocessing.process.BaseProcess, "start", lambda *_: "spawn.process")
    _around(subprocess.Popen, "__init__", _command)
    _around(signal, "pidfd_send_signal", lambda *_: "signal")
    _around(os, "kill", lambda *_: "signal")
    _around(os, "killpg", lambda *_: "signal")
