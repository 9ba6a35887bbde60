"""Units are read by this machine's own systemd before they are installed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from .asking import ask, surroundings

_WITHIN_S = 20.0
_STRICT_SINCE = 250  # --recursive-errors: without it only what is fatal makes it fail


class Verdict(Struct, frozen=True, kw_only=True):
    """What it says; `is_verified` is False where nobody could be asked."""

    is_verified: bool
    problems: tuple[str, ...] = ()
    why_not: str = ""


def verify(texts: Mapping[str, str], unit: str, *, version: int) -> Verdict:
    """Have the unit read, with all that belongs to it, in a folder of its own."""
    if shutil.which("systemd-analyze") is None:
        return Verdict(is_verified=False, why_not="there is no systemd-analyze on PATH")
    with tempfile.TemporaryDirectory(prefix="prd-supervise-units-") as name:
        folder = Path(name)
        for file, text in texts.items():
            place = folder / file
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8", errors="surrogateescape")
        strict = ("--recursive-errors=no",) if version >= _STRICT_SINCE else ()
        # It refuses to read anything without a folder for sockets, and puts nothing into it.
        env = {"XDG_RUNTIME_DIR": surroundings().get("XDG_RUNTIME_DIR") or name}
        words = ("--user", "verify", "--man=no", *strict, "--", str(folder / unit))
        answer = ask("systemd-analyze", *words, env=env, within_s=_WITHIN_S)
    if answer.is_good:
        return Verdict(is_verified=True)
    lines = [line.replace(f"{name}/", "") for line in answer.err.splitlines() if line.strip()]
    return Verdict(is_verified=True, problems=tuple(lines) or (answer.problem,))
