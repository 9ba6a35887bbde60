"""Commands that talk to a running root: `stop`, and what others need to ask it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ..shell.control.client import (
    ANSWER_S,
    NOT_UNDERSTOOD,
    SLOW_S,
    Document,
    NoRootError,
    RootClient,
    RootGoneError,
)
from ..shell.storage.layout import Layout
from ..shell.storage.locks import holder_of
from ..shell.storage.versions import program_version
from .errors import FatalError, UsageError
from .whereabouts import unread_layout_of


def root_of(layout: Layout) -> RootClient | None:
    """Connect to the running root; None if none runs.

    Between taking the lock and opening its socket root sweeps: wait for that.
    """
    begun_s = time.monotonic()
    is_told = False
    while (holder := holder_of(layout.root_lock)) is not None:
        try:
            return RootClient(layout.open_socket, str(holder.get("version", "")))
        except NoRootError as error:
            name, waited_s = _named(holder.get("pid")), time.monotonic() - begun_s
            if waited_s > ANSWER_S:
                raise _silent(name, error) from None
            if waited_s > SLOW_S and not is_told:
                is_told = True
                _tell_slow(name)
            time.sleep(0.02)
    return None


class RootEndedError(FatalError):
    """It has ended while it was asked."""


def ask(root: RootClient, verb: str, **fields: object) -> Document:
    """Ask a root that runs; one that hangs, or ends just now, is no bug of ours."""
    name = _named(root.pid)
    try:
        answer = root.ask(verb, on_slow=lambda: _tell_slow(name), **fields)
    except RootGoneError:
        raise RootEndedError(
            f"{name} has ended before it answered; `prd-supervise status` shows what came of it"
        ) from None
    except NoRootError as error:
        raise _silent(name, error) from None
    if answer.get("full"):
        raise FatalError(f"{name}: {answer['error']}")
    if (
        str(answer.get("error", "")).startswith(NOT_UNDERSTOOD)
        and root.version != program_version()
    ):
        raise FatalError(
            f"{name} is prd-supervise {root.version or 'of an earlier version'}, this is "
            f"{program_version()}, and it does not know what is asked ({answer['error']}); "
            "`prd-supervise stop`, then `resume` goes on with this one"
        )
    return answer


def _named(pid: object) -> str:
    return f"root (pid {pid})" if pid else "root"


def _tell_slow(name: str) -> None:
    text = f"note: {name} has not answered for {SLOW_S:g} s; waiting until {ANSWER_S:g} s"
    print(text, file=sys.stderr)  # noqa: T201


def _silent(name: str, error: NoRootError) -> FatalError:
    return FatalError(
        f"{name} runs, but does not answer: {error}; "
        "`prd-supervise status` shows what is known of it"
    )


def follow(layout: Layout) -> RootClient:
    """Hear every event from now on, until root ends."""
    root = root_of(layout)
    if root is None:
        raise RootEndedError("root has just ended here; ask once more")
    ask(root, "follow")
    return root


def done_by(answer: Document) -> list[str]:
    """What root says that it has done, by name."""
    return lines_of(answer, "done")


def lines_of(answer: Document, member: str) -> list[str]:
    """A list of texts in an answer; one that is absent, of an older root, is empty."""
    found = answer.get(member)
    return [str(each) for each in found] if isinstance(found, list) else []


def stop(folder: Path, prds: tuple[str, ...], *, now: bool) -> int:
    """Stop PRDs, or root; then wait until they have ended."""
    layout = unread_layout_of(folder)
    root = root_of(layout)
    if root is None:
        print("root does not run here: nothing to stop")  # noqa: T201
        return 0
    try:
        follower = follow(layout)
        answer = ask(root, "stop", prds=list(prds), now=now)
    except RootEndedError:
        print("root has just ended here: nothing to stop")  # noqa: T201
        return 0
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
    status = ask(root, "status")["status"]
    states = {prd["id"]: prd["state"] for prd in _prds(status)}
    left = {prd_id for prd_id in prds if states.get(prd_id) == "active"}
    events = follower.events()
    while left:
        event = next(events, None)
        if event is None:
            return
        if str(event["event"]).removeprefix("prd_") in {"stopped", "completed", "failed"}:
            left.discard(str(event["prd"]))


def _prds(document: object) -> list[dict[str, object]]:
    prds = document.get("prds") if isinstance(document, dict) else None
    return list(prds) if isinstance(prds, list | tuple) else []
