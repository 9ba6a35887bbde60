"""A PRD's file between git and its readers: as files of ours, whatever their size and encoding."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from ....policies.values import replace
from ....workers.messages.git import (
    MARKED_BYTES_MAX,
    Commit,
    Committed,
    GitRequest,
    OpenBranch,
    TakePrdFile,
)
from ....workers.messages.train import AssembleTrain, PrdCopy, PublishTrain
from ...core.prd.state import GIT, worker_of
from ...prd.mark import mark_all, mark_done, open_of
from ...prd.model import Plan
from ...prd.tamper import tampering
from ..storage.atomic import write_atomically
from ..storage.layout import Layout

# Reading a large file takes our loop: 6.5 MB were marked within 2.4 s, one of 26 MB took 15 s,
# on a machine with more to do than it could.
STANDSTILL_S = 60.0
QUICK_BYTES = 200_000  # nobody notices the reading of so many


class FullRequest(Struct, frozen=True, kw_only=True):
    """A request with all that the integrator needs; `problem` is why something is not marked."""

    request: GitRequest
    problem: str = ""
    child_id: str = GIT


class PrdFile:
    """Names the places of the copies, marks them, and compares what agents leave."""

    def __init__(
        self, layout: Layout, prd_id: str, part: str, extend: Callable[[float], None]
    ) -> None:
        """`part` is the PRD's name in a file of several; `extend` excuses our loop to root."""
        self._part = part
        self._extend = extend
        self._folder = layout.prd_file(prd_id)
        self._document = layout.document(prd_id)

    def take(self, plan: Plan) -> None:
        """Go by a plan that was read anew: a tag of a file may be called otherwise now."""
        self._part = plan.part

    def clear(self) -> None:
        """Remove all copies: no request is under way that could want one."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def in_full(self, request: GitRequest) -> FullRequest:
        """Fill in the places and the marked bytes."""
        match request:
            case OpenBranch():
                document = str(self._document) if self._document.is_file() else ""
                return FullRequest(request=replace(request, document=document))
            case TakePrdFile():
                return self._taking(request)
            case Commit():
                name = f"{request.story_id}.{request.attempt}"
                return FullRequest(request=replace(request, copies=str(self._folder / name)))
            case AssembleTrain():
                return FullRequest(request=replace(request, copy=str(self._folder / "merged")))
            case PublishTrain():
                return self._publishing(request)
            case _:
                return FullRequest(request=request)

    def tampering(self, answer: Committed) -> tuple[str, ...]:
        """What the agent did to the PRD that it may not do."""
        edit = answer.prd_edit
        if edit is None:
            return ()
        if edit.gone:
            found: tuple[str, ...] = (f"the PRD file {edit.gone}",)
        else:
            found = self._compared(Path(edit.given), Path(edit.left))
        for path in filter(None, (edit.given, edit.left)):
            Path(path).unlink(missing_ok=True)
        return found

    def _compared(self, given: Path, left: Path) -> tuple[str, ...]:
        try:
            return tampering(self._read(given), self._read(left), self._part)
        except OSError as error:
            return (f"the PRD file was changed, and cannot be compared: {error.strerror}",)

    def _taking(self, request: TakePrdFile) -> FullRequest:
        """The accepted document with the flags of what is done."""
        try:
            path = self._with_flags(request.done)
        except FileNotFoundError:
            return FullRequest(request=request)
        except OSError as error:
            problem = f"the branch's copy of the PRD file stays as it is: {error.strerror}"
            return FullRequest(request=request, problem=problem)
        return FullRequest(request=replace(request, document=str(path)))

    def _with_flags(self, done: tuple[str, ...]) -> Path:
        size = self._document.stat().st_size
        if not done or size > MARKED_BYTES_MAX:
            return self._document
        return self._written("accepted", mark_all(self._read(self._document), done, self._part))

    def _publishing(self, request: PublishTrain) -> FullRequest:
        """Mark the stories in the copy of the merge, beside it: it may be wanted once more."""
        if request.prd_file is None:  # the branch has none
            return FullRequest(request=request)
        copy, problem, left = None, request.prd_file.problem, request.stories
        if not problem:
            try:
                data = self._read(Path(request.prd_file.path))
                marked, left = self._marked(data, request.stories)
                copy = self._written("marked", marked) if marked != data else None
                problem = "it has no such story that is open" if left else ""
            except OSError as error:
                problem = f"it cannot be marked: {error.strerror}"
        word = "is" if len(left) == 1 else "are"
        text = f"{', '.join(left)} {word} not marked as done in the branch's PRD file: {problem}"
        return FullRequest(
            request=replace(request, prd_file=None if copy is None else PrdCopy(path=str(copy))),
            problem=text if problem else "",
            child_id=worker_of(left[0]) if len(left) == 1 else GIT,
        )

    def _marked(self, data: bytes, stories: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
        """The bytes with these stories marked, and those of them that could not be."""
        if len(stories) == 1:
            marked = mark_done(data, stories[0], self._part)
            return (data, stories) if marked is None else (marked, ())
        were = open_of(data, stories, self._part)
        marked = mark_all(data, stories, self._part)
        are = open_of(marked, stories, self._part)
        return marked, tuple(each for each in stories if each not in were or each in are)

    def _read(self, path: Path) -> bytes:
        data = path.read_bytes()
        if len(data) > QUICK_BYTES:
            self._extend(STANDSTILL_S)
        return data

    def _written(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, data, durable=False)  # the integrator may read the one before
        return path
