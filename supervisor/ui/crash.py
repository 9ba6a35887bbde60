"""The report of a bug of ours: a file with everything, and one line that names it."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from importlib.metadata import version
from pathlib import Path


def report(error: BaseException) -> str:
    """Write the report; return the line for people."""
    text = "".join(
        (
            f"prd-supervise {version('prd-supervise')}\n",
            f"Python {platform.python_version()}, {platform.platform()}\n",
            f"arguments: {sys.argv[1:]!r}\n\n",
            *traceback.format_exception(error),
        )
    )
    what = f"internal error: {type(error).__name__}: {error}"
    try:
        folder = Path(tempfile.mkdtemp(prefix="prd-supervise-bug-"))
        path = folder / "report.txt"
        path.write_text(text, encoding="utf-8")
    except OSError:
        return f"{what}\n{text}"
    return f"{what}; please report it with the file {path}"
