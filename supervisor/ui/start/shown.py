"""`start` and `resume` on a terminal: the tree runs apart from it, and the dashboard shows it."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Sequence

from ....policies.counting import counted
from ...shell.status.document import PrdStatus
from ...shell.storage.layout import Layout
from ..dashboard.loop import Dashboard, Left
from ..dashboard.terminal import FullScreen
from ..looking import Look, Looker
from ..printer import say
from .background import Background, begin, serves
from .prepare import Request, prepare
from .run import DONE, FAILED, STOPPED, begin_with, last_words

GONE = 129  # as of a process that a hang-up has ended
SIGNALLED = 128
_LIVE = frozenset({"active", "queued"})
_CODES = {"completed": DONE, "failed": FAILED}
_SLACK_S = 1.0  # of the moments in journals
_RESUMES = "nothing that it has told is lost: `prd-supervise resume` goes on"
_STAYS = """\
the run goes on (pid {pid}):
  `prd-supervise dashboard` shows it again
  `prd-supervise stop` ends it, and keeps all work"""
_HURRIES = "at most 5 s are left; ^C once more ends everything at once"


def run_shown(request: Request, *, is_ascii: bool = False) -> int:
    """Run the tree in a session of its own and show it; return its exit code, or 0 if left."""
    prepared = prepare(request)
    if (exit_code := begin_with(prepared, request)) is not None:
        return exit_code
    layout, began_at = prepared.place.layout, time.time()
    print(f"{counted(len(prepared.plans), 'PRD')}: root is being started ...")  # noqa: T201
    begun = begin(layout)
    if not _is_up(begun, layout):
        # What it was told to say is said already, unless it knew more than we do.
        sys.stderr.write(begun.said())
        return _exit_code(begun)
    stop = Stopping(begun, prepared.place.settings.grace_s)
    dashboard = Dashboard(
        layout,
        FullScreen(is_ascii=is_ascii),
        is_over=lambda _: begun.process.poll() is not None,
        stop=stop.once_more,
    )
    try:
        left = dashboard.run()
    except Exception:  # a bug of what only shows; it is reported, with what is still true
        print(f"the dashboard has failed; {_stays(begun)}", file=sys.stderr)  # noqa: T201
        raise
    match left:
        case Left.GONE:
            return GONE
        case Left.QUIT:
            print(_stays(begun))  # noqa: T201
            return DONE
        case Left.OVER:
            ids = frozenset(plan.prd_id for plan in prepared.plans)
            return _tell_end(begun, layout, ids, began_at)


def follow_on_screen(layout: Layout, prd_ids: Sequence[str]) -> int | None:
    """Show PRDs that another root runs until they end; their exit code, None if that was left."""
    ended = Ended(frozenset(prd_ids))
    if Dashboard(layout, FullScreen(), is_over=ended.look).run() is not Left.OVER:
        names = " ".join(prd_ids)
        print(f"the PRDs go on; `prd-supervise stop {names}` ends them")  # noqa: T201
        return None
    return ended.exit_code


def _stays(begun: Background) -> str:
    return _STAYS.format(pid=begun.process.pid)


class Ended:
    """Whether these PRDs have ended, and how."""

    def __init__(self, prd_ids: frozenset[str]) -> None:
        self._prd_ids = prd_ids
        self.exit_code = STOPPED

    def look(self, look: Look | None) -> bool:
        """Say whether all of them have; a root that is gone runs none of them."""
        if look is None or not look.is_answered:
            return False
        states = [prd.state for prd in look.document.prds if prd.id in self._prd_ids]
        if look.is_live and (not states or _LIVE.intersection(states)):
            return False
        self.exit_code = max((_CODES.get(state, STOPPED) for state in states), default=STOPPED)
        return True


class Stopping:
    """Signals to a run of ours: the first asks, the second hurries, the third ends it at once."""

    def __init__(self, begun: Background, grace_s: float) -> None:
        self._begun = begun
        self._grace_s = grace_s
        self._count = 0

    def once_more(self) -> str:
        """Send the next one; say what it does."""
        self._begun.process.send_signal(signal.SIGINT)
        self._count += 1
        if self._count == 1:
            return f"stopping: agents may finish within {self._grace_s:g} s; ^C again hurries"
        return _HURRIES if self._count == 2 else "ending everything at once"  # noqa: PLR2004


def _is_up(begun: Background, layout: Layout) -> bool:
    """Wait until its root answers; a ^C ends it as it would end root."""
    while True:
        try:
            return serves(begun, layout) or f"root is pid {begun.process.pid}" in begun.said()
        except KeyboardInterrupt:
            begun.process.send_signal(signal.SIGINT)


def _tell_end(begun: Background, layout: Layout, prd_ids: frozenset[str], began_at: float) -> int:
    exit_code = _exit_code(begun)
    if exit_code > SIGNALLED:
        by = signal.strsignal(exit_code - SIGNALLED) or f"signal {exit_code - SIGNALLED}"
        print(f"root (pid {begun.process.pid}) was ended from outside: {by}; {_RESUMES}")  # noqa: T201
        return exit_code
    if exit_code not in {DONE, FAILED, STOPPED}:
        sys.stderr.write(begun.last_said())
        print(f"all that it said is in {begun.output}", file=sys.stderr)  # noqa: T201
        return exit_code
    document = Looker(layout, is_once=True).look().document
    # Those that others have handed in meanwhile, too.
    ours = [prd.id for prd in document.prds if _is_ours(prd, prd_ids, began_at)]
    say(last_words(layout, document, ours))
    return exit_code


def _exit_code(begun: Background) -> int:
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # it is at its end
            code = begun.process.wait()
            return code if code >= 0 else SIGNALLED - code


def _is_ours(prd: PrdStatus, prd_ids: frozenset[str], began_at: float) -> bool:
    return prd.id in prd_ids or (prd.ended_at or 0.0) >= began_at - _SLACK_S
