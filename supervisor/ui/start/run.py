"""`start` and `resume`: the tree, in the foreground."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from ....policies.counting import counted
from ...core.root.records import PrdState
from ...core.root.words import PrdsSubmitted, RunOpened
from ...prd.defect import Severity
from ...shell.control.operator import Operator, serve_control
from ...shell.host import StorageFailedError
from ...shell.keeping.root import keep
from ...shell.metrics.root import measure
from ...shell.notify.root import notify
from ...shell.plans.due_retries import with_due_retry
from ...shell.plans.submission import accept
from ...shell.repository.checkout import keep_out_of_git
from ...shell.root.first_state import is_by_person
from ...shell.root.process import RootProcess
from ...shell.root.stop_signals import hear_no_more
from ...shell.service.exits import service_exit_code
from ...shell.service.launchd import keep_log_short
from ...shell.service.manager import is_service, manager
from ...shell.service.root import tell_manager
from ...shell.service.teller import Teller
from ...shell.status.document import StatusDocument
from ...shell.storage.chronicle import last_lines, story_in_errors
from ...shell.storage.eventlog import Event
from ...shell.storage.found import AnotherVersionError, StoreError
from ...shell.storage.layout import Layout
from ...shell.storage.locks import LockBusyError, holder_of
from ..errors import FatalError, InternalFailureError, StateError
from ..looks.journal import Priority, complain
from ..printer import Say, printer
from ..report.command import last_table
from ..whereabouts import already_running
from .prepare import Prepared, Request, prepare, settings_of
from .ready import refuse_unready
from .rereading import Rereading
from .root_output import RootOutput
from .selection import UNFINISHED
from .status_lines import StatusLines
from .turn import await_turn, pass_over_reloads

DONE, FAILED, STOPPED = 0, 1, 75

_PRIORITIES = {
    Severity.ERROR: Priority.ERROR,
    Severity.WARNING: Priority.WARNING,
    Severity.HINT: Priority.NOTICE,
}

Narrator = Callable[[Say], Callable[[Event], None]]  # it prints what it tells of the events


def run(request: Request, narrator: Narrator | None = None) -> int:
    """Run the tree and print its events; return the exit code."""
    pass_over_reloads()
    teller = Teller(manager())
    await_turn(request, teller.waiting)
    teller.starting("looks at the PRDs")
    prepared = prepare(request)
    if (exit_code := begin_with(prepared, request)) is not None:
        return exit_code
    return _run_tree(request, prepared, teller, narrator)


def begin_with(prepared: Prepared, request: Request) -> int | None:
    """Say what has to be known before the night; the exit code, where there is nothing to do."""
    for note in prepared.notes:
        complain(f"note: {note}", Priority.NOTICE)
    for defect in (*prepared.told, *prepared.set_aside, *prepared.damaged):
        complain(str(defect.relative_to(prepared.place.checkout.top)), _PRIORITIES[defect.severity])
    if prepared.warnings:
        text = f"{counted(prepared.warnings, 'warning')}; `prd-supervise check` shows what"
        complain(text, Priority.WARNING)
    if not prepared.plans and not request.watch:
        text, exit_code = nothing_to_do(request, prepared.states)
        complain(text, Priority.NOTICE)
        return exit_code
    if request.is_looked_at:
        place = prepared.place
        refuse_unready(place.checkout, place.settings, is_resume=request.is_resume)
    return None


def nothing_to_do(request: Request, states: frozenset[PrdState]) -> tuple[str, int]:
    """Say why nothing is run and what would run something, and the exit code of that."""
    if PrdState.FAILED in states:
        return "nothing to do: what failed waits for `prd-supervise resume --retry`", FAILED
    if states - {PrdState.COMPLETED}:
        return "nothing to do: what is unfinished waits to be resumed by its name", STOPPED
    if request.is_resume and not states:
        return "nothing to do: nothing was run here yet; `prd-supervise start` begins", DONE
    return "nothing to do: no PRD here is unfinished", DONE


def _is_new_run(request: Request, root: RootProcess) -> bool:
    """Say whether the budget of a run begins anew: with a `start`, or once nothing was left."""
    if not request.is_resume and is_by_person():
        return True
    return all(row.state not in UNFINISHED for row in root.board.rows.values())


def _run_tree(
    request: Request, prepared: Prepared, teller: Teller, narrator: Narrator | None
) -> int:
    place = prepared.place
    os.chdir(place.checkout.top)
    settings = settings_of(request, place)
    output = RootOutput(sys.stdout)
    teller.starting("reads the journals")
    try:
        root = RootProcess(place.layout, settings, (narrator or printer)(output.say))
        output.serve(root.loop)
        operator = Operator(root, place.layout)
        serve_control(root, place.layout, operator)
        meter = measure(root, place.layout)
        notify(root, place.layout, meter.count_notice)
        keep(root, place.layout)
        keep_out_of_git(place.checkout, place.layout.state_dir, place.layout.worktrees)
        prds = accept(place.layout, prepared.plans, prepared.terms, root.hide)
    except LockBusyError:
        raise FatalError(already_running(holder_of(place.layout.root_lock) or {})) from None
    except AnotherVersionError as error:
        raise StateError(str(error)) from None
    except (OSError, StoreError) as error:
        raise FatalError(f"cannot write the state: {error}") from None
    rows = root.board.rows
    prds = tuple(with_due_retry(each, rows.get(each.prd_id)) for each in prds)
    for text in root.mended:
        root.log.tell("mended", text)
    rereading = Rereading(request, place, root)
    rereading.begin(prepared.set_aside)
    opens = RunOpened(is_new=_is_new_run(request, root), is_interactive=request.is_interactive)
    root.ends_with = lambda code: _exit_code(
        FAILED if code == DONE and (rereading.has_defects or prepared.damaged) else code,
        root,
        operator,
    )
    _tell_crash(root, place.layout)
    told = tell_manager(root, manager(), teller)
    keep_log_short(root.loop, manager())
    root.on_reload, root.on_restart = told.reloading(rereading.on_signal), rereading.on_restart
    if request.watch:
        rereading.watch()
    if narrator is None:
        StatusLines(root, place.settings.progress_every_s, output.say).begin()
    teller.starting("ends what an earlier run has left")
    try:
        with story_in_errors(lambda: last_lines(place.layout)):
            exit_code = root.run(PrdsSubmitted(prds=prds, opens=opens))
    except StorageFailedError as error:
        raise InternalFailureError(f"{error}; mend the disk, then `resume` goes on") from None
    hear_no_more()
    status = root.status()
    ids = [prd_id for prd_id in root.board.rows if root.knows(prd_id)]
    output.close(last_words(place.layout, status, ids))
    return exit_code


def _exit_code(code: int, root: RootProcess, operator: Operator) -> int:
    """The exit code, as whoever has started us goes by it."""
    if not is_service():
        return code
    return service_exit_code(
        code,
        by_operator=operator.has_stopped_root,
        was_stopped=root.state.deadline is not None and not root.state.failed_fast,
    )


def _tell_crash(root: RootProcess, layout: Layout) -> None:
    """Tell how the root before died; the journal has where it stood then, too."""
    if root.crash is None:
        return
    what = f"the root before this one: {root.crash.what}"
    root.log.tell("root_crashed", f"{what}; {layout.crash_log} says where")
    if is_service():
        complain("\n".join((what, *root.crash.stacks)), Priority.ERROR)


def last_words(layout: Layout, status: StatusDocument, prd_ids: Sequence[str]) -> str:
    """How a run has ended: the last thing that it prints."""
    return f"\n{last_table(layout, status, prd_ids, is_over=True)}"
