"""Reading configuration and PRDs again for a root that runs: on SIGHUP, or when a file changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ....policies.values import replace
from ...core.root.records import PrdState
from ...core.root.words import RunBudgetChanged
from ...prd.defect import Defect
from ...prd.discover import FILES_IN_FOLDER, candidates, folders
from ...prd.model import Plan
from ...prd.read import absolute
from ...shell.folder_watch import FolderWatch
from ...shell.intake import Intake
from ...shell.plans.identity import Only, wanted
from ...shell.root.process import RootProcess
from ..errors import ReportedError
from ..invalid_input import InvalidInputError, raise_if
from ..place import Place, place_of
from ..settings.agent import agent_defects
from ..settings.layers import FILE, user_file
from .prepare import Request, read_new_plans, select, settings_of, terms_of
from .selection import Selection, sources_left_out

ROOM_S = 3.0  # what could not be written, on a full disk, is tried again after that
REFUSED_S = 10.0  # what hinders all of it may lie where nobody listens: it is looked again then
TOLD_MAX = 20  # defects of one file: a file can have 100,000, the event log has bounds
SETTLED_S = 1.0  # a file that is broken is looked at again after that: it may be half-written
_LIVE = (PrdState.QUEUED, PrdState.ACTIVE)

Stamp = tuple[int, int, int] | None  # when a file was written, its size, which file it is


class Rereading:
    """Compares what stands in the files with what was taken; bad input changes nothing."""

    def __init__(self, request: Request, place: Place, root: RootProcess) -> None:
        self._request = request
        self._place = place
        self._root = root
        self._intake = Intake(root, place.layout, goes_on=request.is_resume and request.watch)
        self._top = place.checkout.top
        self._patterns = place.settings.prds
        self._seen: dict[Path, Stamp] = {}
        self._suspects: dict[str, Stamp] = {}  # broken, perhaps only half-written
        self._reported: dict[str, Stamp] = {}
        self._refused: tuple[str, ...] = ()  # why nothing at all could be read the last time
        self._is_short = False  # of room on the disk, or of whatever the system has to give
        self._tries_again = False

    @property
    def has_defects(self) -> bool:
        """Say whether a PRD's file is broken still, so that what is in it was not run."""
        ours = (path for _, path in self._ours())
        run_all_the_same = {str(path) for path in (*ours, *_settings_files(self._top))}
        return not self._reported.keys() <= run_all_the_same

    def begin(self, set_aside: Sequence[Defect]) -> None:
        """Look after the files from now on; these defects are reported already."""
        self._seen = self._stamps()
        self._reported = {each.path: stamp_of(Path(each.path)) for each in set_aside}

    def watch(self) -> None:
        """Hear of changes until root ends."""
        watch = FolderWatch(self._root.loop, self._folders, self.on_change)
        how = "inotify" if watch.is_told else "a look every few seconds"
        self._root.log.tell("watching", f"PRDs are taken as they appear and change, by {how}")
        self._root.on_close.append(watch.close)
        # What came or changed while nobody watched, or while we began, is taken as it would be now.
        self._root.loop.call_at(self._root.loop.now_s(), self._look_first)

    def on_signal(self) -> None:
        """Read everything again, and say what came of it."""
        if self._look(is_asked=True):
            self._root.log.tell("reloaded", "the configuration and the PRDs were read again")

    def on_change(self) -> None:
        """Something may have changed: read again if it has."""
        if not self._root.is_stopping and self._stamps() != self._seen:
            self._look(is_asked=False)

    def on_restart(self, prd_id: str) -> None:
        """A PRD is to be started again: its next supervisor goes by what its file says now."""
        row = self._root.board.rows[prd_id]
        path = Path(row.accepted.path)
        try:
            plans, defects = self._read([path], self._place)
            self._report(defects, is_asked=True)
            for plan in plans:
                if plan.prd_id == prd_id:
                    self._intake.change(plan)
        except ReportedError as error:
            self._tell(error.lines(self._top))
        except OSError as error:
            self._try_when_there_is_room(error)

    # --- reading ----------------------------------------------------------------------------------

    def _look(self, *, is_asked: bool) -> bool:
        """Read everything; False if that, or taking it, cannot be done now."""
        refused: tuple[str, ...] = ()
        try:
            is_read = self._look_and_take(is_asked=is_asked)
        except OSError as error:
            self._try_when_there_is_room(error)
            return False
        except ReportedError as error:
            is_read, refused = False, error.lines(self._top)
            if is_asked or refused != self._refused:
                self._tell(refused)
        self._is_short, self._refused = False, refused
        if not is_read:
            self._try_again_after(REFUSED_S)
        return is_read

    def _look_and_take(self, *, is_asked: bool) -> bool:
        """Read everything; False if the settings are broken, so that nothing was."""
        root, request = self._root, self._request
        self._seen = self._stamps()
        root.before_long()  # 10,000 stories take seconds to be read, and more on a busy machine
        try:
            now = place_of(request.folder, request.overrides)
            self._patterns = now.settings.prds
            settings = settings_of(request, now)
            if settings != root.settings:
                raise_if(agent_defects(now.settings, self._top, os.environ))
                root.change_settings(settings)
                root.post(RunBudgetChanged(budget=settings.run_budget))
            selection = self._selection(now)
            root.before_long()
            read, defects = self._read(selection.paths, now)
            terms = terms_of(request, now, root.board)
        except InvalidInputError as error:
            self._report(error.defects, is_asked=is_asked)
            return False
        root.before_long()
        self._report(self._unmoved(defects, read), is_asked=is_asked)
        plans = wanted(read, selection.only)
        copied = sources_left_out(plans, root.board) if selection.is_everything else {}
        self._intake.refresh([plan for at, plan in enumerate(plans) if at not in copied], terms)
        return True

    def _read(
        self, paths: Sequence[Path], place: Place
    ) -> tuple[tuple[Plan, ...], tuple[Defect, ...]]:
        terms = terms_of(self._request, place, self._root.board)
        settings = settings_of(self._request, place)
        return read_new_plans(paths, place, self._root.board, terms, settings)

    def _unmoved(self, defects: Sequence[Defect], plans: Sequence[Plan]) -> list[Defect]:
        """The defects without those of files whose PRDs were read elsewhere: they were moved."""
        here = {plan.prd_id for plan in plans}
        gone = [(prd_id, str(path)) for prd_id, path in self._ours() if not path.exists()]
        moved = {path for prd_id, path in gone if prd_id in here}
        moved -= {path for prd_id, path in gone if prd_id not in here}
        return [each for each in defects if each.path not in moved]

    def _selection(self, place: Place) -> Selection:
        """What this root runs; and all that there is, if nothing was named."""
        rows = self._root.board.rows
        ours = [
            Only(path=str(path), prd_id=prd_id)
            for prd_id, path in self._ours()
            if rows[prd_id].state in _LIVE or path.exists()
        ]
        paths = [Path(each.path) for each in ours]
        request = self._request
        if request.names or (request.is_resume and not request.watch):
            return Selection(paths=tuple(dict.fromkeys(paths)), only=tuple(ours))
        found = select(
            Request(folder=request.folder, names=(), overrides={}), place, self._root.board
        )
        return Selection(paths=tuple(dict.fromkeys((*paths, *found.paths))), is_everything=True)

    # --- what is broken ---------------------------------------------------------------------------

    def _report(self, defects: Sequence[Defect], *, is_asked: bool) -> None:
        """Tell of each broken file once, and of one that was heard of only when it stays so."""
        stamps = {each.path: stamp_of(Path(each.path)) for each in defects}
        for path in (*self._suspects, *self._reported):
            if path not in stamps:
                self._suspects.pop(path, None)
                self._reported.pop(path, None)
        for path, stamp in stamps.items():
            if not is_asked and self._reported.get(path, ()) == stamp:
                continue
            if not is_asked and self._suspects.get(path, ()) != stamp:
                self._suspects[path] = stamp
                self._look_later()
                continue
            self._suspects.pop(path, None)
            self._reported[path] = stamp
            # An event is one line: a caret would point at nothing there.
            found = [replace(each, excerpt="") for each in defects if each.path == path]
            self._tell(str(each.relative_to(self._top)) for each in found[:TOLD_MAX])
            if len(found) > TOLD_MAX:
                self._tell([f"{len(found) - TOLD_MAX} more; `prd-supervise check` says them all"])

    def _look_first(self) -> None:
        if not self._root.is_stopping:
            self._look(is_asked=False)

    def _look_later(self) -> None:
        loop = self._root.loop
        loop.call_at(loop.now_s() + SETTLED_S, self._look_at_suspects)

    def _look_at_suspects(self) -> None:
        if self._suspects and not self._root.is_stopping:
            self._look(is_asked=False)

    def _try_when_there_is_room(self, error: OSError) -> None:
        """A full disk ends nothing: what runs goes on by the plans that it has."""
        if not self._is_short:
            self._tell([f"what the files say now cannot be taken: {error.strerror or error}"])
        self._is_short = True
        self._try_again_after(ROOM_S)

    def _try_again_after(self, wait_s: float) -> None:
        if not self._tries_again:
            self._tries_again = True
            loop = self._root.loop
            loop.call_at(loop.now_s() + wait_s, self._try_again)

    def _try_again(self) -> None:
        self._tries_again = False
        self._seen = {}
        self.on_change()

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._root.log.tell("reload_failed", f"{line}; nothing of it is changed")

    # --- where it stands --------------------------------------------------------------------------

    def _files(self) -> Iterable[Path]:
        for found in candidates(self._top, self._patterns, set()):
            yield found
            yield from (found / name for name in FILES_IN_FOLDER)
        yield from (path for _, path in self._ours())
        yield from _settings_files(self._top)

    def _ours(self) -> list[tuple[str, Path]]:
        """What this root runs or ran, and where it stands."""
        rows = self._root.board.rows
        known = [prd_id for prd_id in rows if self._root.knows(prd_id)]
        return [(prd_id, Path(rows[prd_id].accepted.path)) for prd_id in known]

    def _stamps(self) -> dict[Path, Stamp]:
        stamps = {path: stamp_of(path) for path in self._files()}
        return {path: stamp for path, stamp in stamps.items() if stamp is not None}

    def _folders(self) -> Iterable[Path]:
        found = dict.fromkeys(folders(self._top, self._patterns))
        # A link's PRD stands elsewhere.
        targets = [absolute(path).parent for path in self._files() if path.is_symlink()]
        known = [Path(row.accepted.path).parent for row in self._root.board.rows.values()]
        configured = [path.parent for path in _settings_files(self._top)]
        return dict.fromkeys((*found, *targets, *known, *configured))


def _settings_files(top: Path) -> tuple[Path, ...]:
    own = user_file(os.environ)
    return (top / FILE, top / "pyproject.toml", *((own,) if own is not None else ()))


def stamp_of(path: Path) -> Stamp:
    """What changes whenever the file does; None if there is none."""
    try:
        found = path.stat()
    except (OSError, RuntimeError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
