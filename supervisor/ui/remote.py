"""Commands that talk to a running root, or read what it left: stop, status, start of more PRDs."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

from ..shell.client import Document, NoRootError, RootClient
from ..shell.locks import holder_of
from .errors import FatalError, InvalidInputError, UsageError
from .lines import printer
from .run import Place, Request, known_board, place_of, refuse_inside_agent, select, terms_of
from .select import row_named
from .table import prd_lines, root_line, status_text

SOCKET_S = 10.0


def root_of(place: Place) -> RootClient | None:
    """Connect to the running root; None if none runs.

    Between taking the lock and opening its socket root sweeps: wait for that.
    """
    deadline_s = time.monotonic() + SOCKET_S
    while holder_of(place.layout.root_lock) is not None:
        try:
            return RootClient(place.layout.control_socket)
        except NoRootError as error:
            if time.monotonic() > deadline_s:
                raise FatalError(f"root runs, but does not answer: {error}") from None
            time.sleep(0.02)
    return None


def hand_over(request: Request) -> int | None:
    """Hand PRDs to a running root and follow; None if none runs, or if no PRD is named."""
    refuse_inside_agent()
    place = place_of(request.folder, request.overrides)
    if not request.names or (root := root_of(place)) is None:
        return None
    board = known_board(place)
    terms = terms_of(request, place, board)
    answer = root.ask(
        "start",
        paths=[str(path) for path in select(request, place, board).paths],
        base=terms.base,
        base_branch=terms.base_branch,
        retry=request.retry,
        adopt_branch=request.adopt_branch,
    )
    if not answer["ok"]:
        defects = answer.get("defects")
        if isinstance(defects, list):
            print("\n".join(map(str, defects)), file=sys.stderr)  # noqa: T201
            return InvalidInputError.exit_code
        raise FatalError(str(answer["error"]))
    prds = answer["prds"]
    return _follow(root, set(map(str, prds)) if isinstance(prds, list) else set())


def _follow(root: RootClient, prd_ids: set[str]) -> int:
    """Print the events of these PRDs until all of them have ended."""
    root.ask("follow")
    show = printer()
    codes = {"prd_completed": 0, "prd_failed": 1, "prd_stopped": 75}
    ended: dict[str, int] = {}
    for event in root.events():
        if event["prd"] in prd_ids:
            show(event)
            if event["event"] in codes:
                ended[str(event["prd"])] = codes[str(event["event"])]
        if ended.keys() == prd_ids:
            return max(ended.values())
    return 75


def stop(folder: Path, prds: tuple[str, ...], *, now: bool) -> int:
    """Stop PRDs, or root; then wait until they have ended."""
    place = place_of(folder, {})
    root = root_of(place)
    if root is None:
        print("root does not run here: nothing to stop")  # noqa: T201
        return 0
    follower = RootClient(place.layout.control_socket)
    follower.ask("follow")
    answer = root.ask("stop", prds=list(prds), now=now)
    if not answer["ok"]:
        raise UsageError(str(answer["error"]))
    if not prds:
        follower.wait_for_end()
        print("stopped; `prd-supervise resume` goes on")  # noqa: T201
        return 0
    _wait_for_prds(root, follower, set(prds))
    print(f"stopped: {', '.join(prds)}; `prd-supervise resume PRD` goes on")  # noqa: T201
    return 0


def _wait_for_prds(root: RootClient, follower: RootClient, prds: set[str]) -> None:
    status = root.ask("status")["status"]
    states = {prd["id"]: prd["state"] for prd in _prds(status)}
    left = {prd_id for prd_id in prds if states.get(prd_id) == "active"}
    events = follower.events()
    while left:
        event = next(events, None)
        if event is None:
            return
        if str(event["event"]).removeprefix("prd_") in {"stopped", "completed", "failed"}:
            left.discard(str(event["prd"]))


def status_document(place: Place) -> Document:
    """The status document, from the running root or from the journals."""
    root = root_of(place)
    if root is not None:
        document = root.ask("status")["status"]
        return document if isinstance(document, dict) else {}
    nobody: dict[str, object] = {"pid": None, "state": "not running", "started_at": None}
    return known_board(place).status(nobody, time.time())


def status(folder: Path, prd_id: str | None, *, as_json: bool) -> int:
    """Print the state of all PRDs, or of one."""
    place = place_of(folder, {})
    document = status_document(place)
    prds = _prds(document)
    if prd_id is not None:
        row_named(known_board(place), prd_id)
        prds = [prd for prd in prds if prd["id"] == prd_id]
        document = document | {"prds": prds}
    if as_json:
        print(json.dumps(document, indent=2, ensure_ascii=False))  # noqa: T201
    elif prd_id is not None:
        print("\n".join([root_line(_root(document)), *prd_lines(prds[0])]))  # noqa: T201
    else:
        width = shutil.get_terminal_size((160, 24)).columns if sys.stdout.isatty() else 1000
        print(status_text(document, width=width))  # noqa: T201
    return 0


def _prds(document: object) -> list[dict[str, object]]:
    prds = document.get("prds") if isinstance(document, dict) else None
    return prds if isinstance(prds, list) else []


def _root(document: Document) -> dict[str, object]:
    root = document["root"]
    return root if isinstance(root, dict) else {}
