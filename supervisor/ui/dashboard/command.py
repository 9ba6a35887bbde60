"""`dashboard`: look at a tree on the whole terminal, whether a root runs or not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ...shell.storage.layout import Layout
from ..looking import Looker
from ..printer import say
from ..progress import progress_lines, what_has_come
from ..whereabouts import layout_of
from .capability import why_no_screen

LOOK_EVERY_S = 1.0
LINES_EVERY_S = 30.0
GONE = 129  # as of a process that a hang-up has ended


def dashboard(folder: Path, *, is_ascii: bool) -> int:
    """Show it until it is left; where nothing can be drawn, print lines until root ends."""
    layout = layout_of(folder)
    if why := why_no_screen():
        print(f"note: {why}: lines tell how far it is", file=sys.stderr)  # noqa: T201
        return print_progress(layout)
    from .loop import Dashboard, Left  # noqa: PLC0415  blessed is needed only here
    from .terminal import FullScreen  # noqa: PLC0415

    left = Dashboard(layout, FullScreen(is_ascii=is_ascii)).run()
    return GONE if left is Left.GONE else 0


def print_progress(layout: Layout) -> int:
    """Print how far it is, again whenever something has changed, until no root runs."""
    looker = Looker(layout)
    shown: object = None
    not_before_s = 0.0
    while True:
        look = looker.look()
        now_s = time.monotonic()
        if look.problem and shown is None:
            say(f"note: {look.problem}")
        come = what_has_come(look.document)
        if come != shown and now_s >= not_before_s:
            shown, not_before_s = come, now_s + LINES_EVERY_S
            lines = progress_lines(look.document, time.time())
            say("\n".join(lines or ["nothing runs; `prd-supervise status` shows what has run"]))
        if not look.is_live:
            return 0
        time.sleep(LOOK_EVERY_S)
