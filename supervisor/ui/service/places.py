"""Where what belongs to a service lies in the user's home."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...shell.service.variables import variables_file


def units_folder(home: Path, environ: Mapping[str, str]) -> Path:
    """The folder for the user's own units."""
    return _xdg("XDG_CONFIG_HOME", home / ".config", environ) / "systemd" / "user"


def keys_file(home: Path, environ: Mapping[str, str]) -> Path:
    """The variables that the service reads."""
    return variables_file(home, environ)


def state_folder(home: Path, environ: Mapping[str, str]) -> Path:
    """What the commands of the service remember; the service itself keeps nothing there."""
    return _xdg("XDG_STATE_HOME", home / ".local" / "state", environ) / "prd-supervise"


def _xdg(name: str, default: Path, environ: Mapping[str, str]) -> Path:
    # The XDG specification: a relative path is invalid and ignored.
    given = Path(environ.get(name, ""))
    return given if given.is_absolute() else default
