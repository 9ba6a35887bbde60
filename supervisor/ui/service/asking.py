"""Programs of a service manager: asked within a deadline, and never a traceback for their sake."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from msgspec import Struct

from ...shell.lines import readable

SOON_S = 10.0
NO_PROGRAM, TOO_LONG = 127, 124  # as a shell and `timeout` say it
_PLAIN = {"LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "SYSTEMD_URLIFY": "0"}


class Answer(Struct, frozen=True, kw_only=True):
    """What a program said."""

    code: int
    out: str
    err: str

    @property
    def is_good(self) -> bool:
        """Whether it did what it was asked for."""
        return self.code == 0

    @property
    def problem(self) -> str:
        """Why not, in its own words."""
        lines = [readable(line).strip() for line in (self.err or self.out).splitlines()]
        return " | ".join(filter(None, lines))[:500] or f"it ended with {self.code}"


def ask(*argv: str, env: Mapping[str, str] | None = None, within_s: float = SOON_S) -> Answer:
    """Run it to its end."""
    try:
        done = subprocess.run(
            argv,
            env=surroundings(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=within_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        told = f"`{' '.join(argv)}` gave no answer within {within_s:.0f} s"
        return Answer(code=TOO_LONG, out="", err=told)
    except OSError as error:
        return Answer(code=NO_PROGRAM, out="", err=f"{argv[0]}: {error.strerror}")
    return Answer(code=done.returncode, out=done.stdout, err=done.stderr)


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment, with a language that can be read and the user's own manager in it."""
    env = os.environ | _PLAIN | dict(more or {})
    runtime = f"/run/user/{os.geteuid()}"
    # `su` and cron leave it out, and the manager may well be there.
    if not env.get("XDG_RUNTIME_DIR") and os.path.exists(f"{runtime}/systemd/private"):  # noqa: PTH110
        env["XDG_RUNTIME_DIR"] = runtime
    return env
