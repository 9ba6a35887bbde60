"""`status`: everything, one PRD or one story, once or again and again."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from ...shell.status.document import StoryStatus
from ..looking import Look, Looker, note_of
from ..looks.painting import has_commands, own_style, own_width
from ..looks.rows import Style
from ..whereabouts import layout_of
from .screen import Screen
from .shown import Shown

LOOK_EVERY_S = 1.0
BLOCKS_EVERY_S = 0.5  # of what stands below each other, not more often


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be shown, and how."""

    target: str | None = None
    as_json: bool = False
    is_watched: bool = False
    colour: str = "auto"


def status(folder: Path, wanted: Wanted) -> int:
    """Show it, once or until root ends."""
    with Looker(layout_of(folder), is_once=not wanted.is_watched) as looker:
        look = looker.look()
        shown = Shown(layout_of(folder), look.document, wanted.target)
        style = own_style(wanted.colour)
        if not wanted.is_watched:
            _print(shown, look, style, as_json=wanted.as_json)
        elif wanted.as_json or not has_commands():
            _append(looker, look, shown, style, as_json=wanted.as_json)
        else:
            _redraw(looker, look, shown, style)
    return 0


def _print(shown: Shown, look: Look, style: Style, *, as_json: bool) -> None:
    if note := note_of(look):
        print(f"note: {note}", file=sys.stderr)  # noqa: T201
    if as_json:
        print(msgspec.json.format(shown.json(look), indent=2).decode())  # noqa: T201
    else:
        print("\n".join(shown.lines(look, own_width(), style)))  # noqa: T201


# --- again and again ----------------------------------------------------------------------------


def _redraw(looker: Looker, look: Look, shown: Shown, style: Style) -> None:
    """Keep a terminal up to date, in place."""
    screen = Screen()
    while True:
        note = note_of(look)
        lines = shown.lines(look, own_width(), style)
        screen.show([*([f"note: {note}", ""] if note else []), *lines])
        if is_over(look):
            break
        looker.wait(LOOK_EVERY_S)
        look = looker.look()
    sys.stdout.write("\n")


def _append(looker: Looker, look: Look, shown: Shown, style: Style, *, as_json: bool) -> None:
    """Write it anew below what stands there, whenever more than a time has changed."""
    before: object = None
    while True:
        state = _essence(look)
        if state != before:
            before = state
            if as_json:
                print(shown.json(look).decode(), flush=True)  # noqa: T201
            else:
                _block(shown, look, style)
        if is_over(look):
            return
        looker.wait(LOOK_EVERY_S)
        time.sleep(BLOCKS_EVERY_S)  # what comes in between is told together
        look = looker.look()


def _block(shown: Shown, look: Look, style: Style) -> None:
    note = note_of(look)
    head = f"--- {datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"
    lines = shown.lines(look, own_width(), style)
    print("\n".join([head, *([f"note: {note}"] if note else []), *lines, ""]), flush=True)  # noqa: T201


def is_over(look: Look) -> bool:
    """Say whether no root runs, so that nothing more comes."""
    return not look.is_live and look.is_answered


def _essence(look: Look) -> object:
    """What makes it worth a block of its own: no time and no figure does."""
    document = look.document
    prds = tuple(
        (prd.id, prd.state, prd.held, prd.note, prd.reasons, prd.awaits, *_stories(prd.stories))
        for prd in document.prds
    )
    root = document.root
    return root.state, root.note, document.agents, look.is_live, prds


def _stories(stories: tuple[StoryStatus, ...]) -> tuple[object, ...]:
    return tuple((s.id, s.state, s.attempt, s.held, s.reason, s.awaits) for s in stories)
