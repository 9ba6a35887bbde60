"""`start PRD` and `resume PRD` while a root runs: it takes the PRDs, we follow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum

from msgspec.structs import asdict

from ...shell.control.client import Document, RootClient
from ...shell.storage.layout import Layout
from ..errors import FatalError, UsageError
from ..invalid_input import InvalidInputError
from ..known import known_board
from ..looking import Looker
from ..looks.journal import Priority, complain
from ..place import place_of
from ..printer import printer, say
from ..remote import ask, follow, root_of
from ..report.command import last_table
from .prepare import Request, select, terms_of


class Following(Enum):
    """How who has started something looks at it."""

    NOT = "not"
    IN_LINES = "in lines"
    ON_SCREEN = "on screen"


def hand_over(request: Request, following: Following) -> int | None:
    """Hand PRDs to a running root and follow; None if none runs, or if no PRD is named."""
    if not request.names:
        return None
    place = place_of(request.folder, request.overrides)
    root = root_of(place.layout)
    if root is None:
        return None
    if request.from_log is not None:
        text = "--from-log is read when a root begins, and one runs already; `stop` ends it first"
        raise UsageError(text)
    ignored = [name for name, value in request.overrides.items() if value is not None]
    if request.watch:
        ignored.append("watch")
    if request.is_interactive:
        ignored.append("interactive")
    if ignored:
        text = f"note: a root runs already, with its own {', '.join(ignored)}"
        complain(text, Priority.NOTICE)
    board = known_board(place.layout)
    terms = terms_of(request, place, board)
    follower = follow(place.layout)  # before: no event may be missed
    selection = select(request, place, board)
    answer = ask(
        root,
        "start",
        paths=[str(path) for path in selection.paths],
        only=[asdict(each) for each in selection.only],
        base=terms.base,
        base_branch=terms.base_branch,
        retry=request.retry,
        adopt_branch=request.adopt_branch,
        repair=request.repairs,
    )
    if not answer["ok"]:
        defects = answer.get("defects")
        if isinstance(defects, list):
            print("\n".join(map(str, defects)), file=sys.stderr)  # noqa: T201
            return InvalidInputError.exit_code
        raise FatalError(str(answer["error"]))
    prds = answer["prds"]
    ids = list(map(str, prds)) if isinstance(prds, list) else []
    return _look_on(place.layout, follower, ids, following)


def _look_on(layout: Layout, follower: RootClient, prd_ids: list[str], following: Following) -> int:
    """Look at what was handed over until it has ended, or for as long as anybody wants to."""
    match following:
        case Following.NOT:
            print("handed to the root that runs; `prd-supervise status` shows it")  # noqa: T201
            return 0
        case Following.IN_LINES:
            exit_code = _follow(follower, set(prd_ids))
        case Following.ON_SCREEN:
            from .shown import follow_on_screen  # noqa: PLC0415  blessed is needed only here

            follower.close()
            ended = follow_on_screen(layout, prd_ids)
            if ended is None:
                return 0
            exit_code = ended
    with Looker(layout, is_once=True) as looker:
        found = looker.look().document
    say(f"\n{last_table(layout, found, prd_ids)}")
    return exit_code


def _follow(root: RootClient, prd_ids: set[str]) -> int:
    """Print the events of these PRDs until all of them have ended."""
    show = printer()
    codes = {"prd_completed": 0, "prd_failed": 1, "prd_stopped": 75}
    ended: dict[str, int] = {}
    for event in _events(root):
        if event["prd"] in prd_ids:
            show(event)
            if event["event"] in codes:
                ended[str(event["prd"])] = codes[str(event["event"])]
        if ended.keys() == prd_ids:
            return max(ended.values())
    return 75


def _events(root: RootClient) -> Iterator[Document]:
    try:
        yield from root.events()
    except KeyboardInterrupt:
        print("\nthe PRD goes on; `prd-supervise stop PRD` ends it", file=sys.stderr)  # noqa: T201
        raise
