"""Names, titles and paths are UTF-8, whatever the locale says; what is shown follows the locale."""

from __future__ import annotations

import io
import os
import sys

_UTF8 = "utf-8"


def speak_utf8() -> None:
    """Begin again in Python's UTF-8 mode where the locale has another encoding.

    Else a title that the locale cannot say could be passed to no agent and to no git command.
    """
    if sys.getfilesystemencoding() != _UTF8:
        shown = f"{sys.stdout.encoding}:replace"
        os.environ |= {"PYTHONUTF8": "1", "PYTHONIOENCODING": shown}
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
