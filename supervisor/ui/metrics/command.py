"""`metrics`: what was counted and timed, whether root runs or not."""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import datetime
from pathlib import Path

from ....policies.metrics.exposition import text_of
from ...shell.metrics.kept import is_newer
from ...shell.storage.locks import holder_of
from ..errors import FatalError
from ..printer import show
from ..whereabouts import layout_of
from .document import document
from .reading import read_metrics
from .text import metrics_text

WIDTH_MAX = 100


def metrics(folder: Path, since: datetime | None, *, form: str) -> int:
    """Print the metrics as `text`, `json` or `prometheus`."""
    layout = layout_of(folder)
    is_running = holder_of(layout.root_lock) is not None
    try:
        if is_newer(layout.metrics):
            note = "a newer version has written here, which alone shows what it counted"
            print(f"note: {note}", file=sys.stderr)  # noqa: T201
        found = read_metrics(layout, since, is_running=is_running, now=time.time())
    except OSError as error:
        text = f"{error.filename} cannot be read: {error.strerror or error}; mend or remove it"
        raise FatalError(text) from error
    match form:
        case "json":
            show(json.dumps(document(found), indent=2, ensure_ascii=False))
        case "prometheus":
            labels = {"repository": str(layout.repository)}
            show(text_of(found.batch, found.levels, labels).rstrip("\n"))
        case _:
            width = min(WIDTH_MAX, shutil.get_terminal_size((WIDTH_MAX, 24)).columns)
            show(metrics_text(found, width=width))
    return 0
