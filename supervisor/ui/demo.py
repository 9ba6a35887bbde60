"""`demo`: a night in half a minute, with a word on what supervision is for as it happens."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..shell.storage.eventlog import Event
from .demo_repository import CRASHES, HANGS, LIES, SAME_FILE, make
from .printer import Say, printer
from .start.prepare import Request
from .start.run import run

_INTRODUCTION = """\
A scratch repository with three PRDs of 4 to 5 stories, each PRD on its own branch, each story
in its own worktree, all under one supervision tree:

  prd-supervise: root                    the queue of PRDs, the limits, the control socket
  ├── prd-supervise: prd shop            prd.json              (userStories)
  ├── prd-supervise: prd search          tasks/search.json     (stories, dependencies)
  └── prd-supervise: prd PRD-003         prds/active/PRD-003/  (one folder a PRD)
      ├── prd-supervise: git PRD-003     the integrator: every git command
      └── prd-supervise: story …         a worker: the agent, then the verify commands

The agents are scripts. Three of them misbehave, as real ones do: watch what becomes of their
stories.
"""

_REMARKS = {
    (CRASHES, "attempt_failed"): (
        "Its agent crashed half-way. The story goes again, after a pause, from the work it left."
    ),
    (HANGS, "agent_ended"): (
        "Its agent hung, ignored SIGTERM, and had left a process in a session of its own.\n"
        "All of them are gone, and what they wrote is kept."
    ),
    (LIES, "attempt_failed"): (
        "Its agent claimed success and had done nothing. A claim is a hint, not evidence: refused."
    ),
}
_MERGED_BOTH = (
    "Two stories changed the same file on different lines, at the same time, in two worktrees:\n"
    "both are merged, and the tests passed on the merged tree before the branch moved."
)
_TAKEN_ON = {CRASHES, HANGS, LIES}


def demo() -> int:
    """Play it; return the exit code of the run."""
    folder = Path(tempfile.mkdtemp(prefix="prd-supervise-demo-"))
    print(_INTRODUCTION)  # noqa: T201
    make(folder)
    request = Request(folder=folder, names=(), overrides={})
    code = run(request, _narrator)
    print(_where_to_look(folder))  # noqa: T201
    return code


def _narrator(say: Say) -> Callable[[Event], None]:
    """Print each event, and what it means the first time that it matters."""
    show = printer(say)
    said: set[tuple[str, str]] = set()
    merged: set[str] = set()

    def tell(event: Event) -> None:
        show(event)
        story, kind = str(event["story"]), str(event["event"])
        remark = _REMARKS.get((story, kind))
        if remark is not None and (story, kind) not in said:
            said.add((story, kind))
            say(_remark(remark))
        if kind == "merged":
            merged.add(story)
            if story in SAME_FILE and merged >= set(SAME_FILE):
                say(_remark(_MERGED_BOTH))
            if story in _TAKEN_ON:
                say(_remark("The second attempt did it: merged, with evidence."))

    return tell


def _remark(text: str) -> str:
    return "\n".join(f"          | {line}" for line in text.splitlines())


def _where_to_look(folder: Path) -> str:
    evidence = folder / ".prd-supervise/prds/PRD-003/stories" / LIES
    name = "prd-supervise"  # after `make demo` alone it is nowhere on PATH
    command = name if shutil.which(name) else str(Path(sys.argv[0]).absolute())
    return f"""
Where to look:
  git -C {folder} log --graph --oneline --all
  {command} status -C {folder}
  {command} logs -C {folder} search/{HANGS}
  {evidence}/1/result.json   why it was refused
  {evidence}/2/result.json   why it counts as done
Your own repository: `{command} init` there writes what to begin with.
The scratch repository can go when you are done: rm -rf {folder}"""
