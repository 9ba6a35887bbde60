"""Where metrics are written for others, and why that may not be possible."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...prd.defect import Defect
from ...shell.metrics.textfile import why_unfit
from .config import Settings
from .origin import at_its_origin

KEY = "metrics_textfile"


def textfile_of(settings: Settings, top: Path) -> str:
    """The file as an absolute path; empty if none is wanted."""
    return str(top / Path(settings.metrics_textfile)) if settings.metrics_textfile else ""


def textfile_defects(
    settings: Settings, top: Path, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """Why the file cannot be written, before anything is started."""
    path = textfile_of(settings, top)
    problem = why_unfit(Path(path)) if path else ""
    if not problem:
        return ()
    return (at_its_origin((KEY,), f"{KEY}: {path}: {problem}", top, environ),)
