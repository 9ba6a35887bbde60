"""`logs`: what setups, agents and verify commands of a PRD or a story have printed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...shell.board import Row
from ...shell.lines import safe
from ..errors import UsageError
from ..whereabouts import known_board, layout_of, row_named

NAMES = (
    "setup.log",
    "agent.log",
    "verify.base.log",
    "verify.story.log",
    "review.log",
    "verify.merged.log",
)
LOOK_EVERY_S = 0.2


def logs(folder: Path, target: str, *, follow: bool) -> int:
    """Print the logs of `PRD` (the last attempt of each story) or `PRD/STORY` (all of them)."""
    layout = layout_of(folder)
    board = known_board(layout)
    prd_id, _, story_id = target.partition("/")
    row = row_named(board, prd_id)
    if story_id and story_id not in row.stories:
        raise UsageError(f"{target}: no such story; there are: {', '.join(row.stories)}")
    stories = layout.prd(prd_id) / "stories"
    landing = () if story_id else (layout.landing(prd_id),)
    shown: dict[Path, int] = {}
    while True:
        for path in (*_files(stories, row, story_id), *_landings(landing)):
            shown[path] = _print_from(path, shown.get(path, 0))
        if not follow:
            if not shown:
                print(f"{target}: nothing was printed yet", file=sys.stderr)  # noqa: T201
            return 0
        time.sleep(LOOK_EVERY_S)


def _files(stories: Path, row: Row, story_id: str) -> Iterator[Path]:
    for name in [story_id] if story_id else row.stories:
        attempts = sorted(
            (path for path in (stories / name).glob("*") if path.name.isdigit()),
            key=lambda path: int(path.name),
        )
        for attempt in attempts if story_id else attempts[-1:]:
            yield from (attempt / log for log in NAMES if (attempt / log).is_file())


def _landings(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.log"))


def _print_from(path: Path, offset: int) -> int:
    """Print what has come since, whole lines only; return where to go on."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    whole = data[: data.rfind(b"\n") + 1] or (data if offset == 0 else b"")
    folder = path.parent
    who = f"{folder.parent.name}#{folder.name}" if folder.name.isdigit() else folder.name
    prefix = f"{who} {path.name.removesuffix('.log'):<13}"
    for line in whole.decode(errors="replace").splitlines():
        print(f"{prefix} | {safe(line)}", flush=True)  # noqa: T201
    return offset + len(whole)
