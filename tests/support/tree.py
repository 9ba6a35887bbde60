"""A driver for the installed command: it starts trees, waits for what they do, and kills in them.

Every wait has a deadline that a slow and loaded machine keeps, and fails with all that is known.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from jsonschema import Draft202012Validator

from tests.support.e2e_processes import (
    DEADLINE_S,
    GONE_S_MAX,
    MARK,
    TITLE,
    bearers,
    kill,
    title_of,
    wait_until,
)
from tests.support.e2e_repo import Repo
from tests.support.tree_run import Done, Run

COMMAND = Path(sys.executable).with_name("prd-supervise")
_TAIL = 4000
_SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "status.schema.json"
_STATUS = Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


class Tree:
    """The command on one repository, in an environment of its own."""

    def __init__(
        self, repo: Repo, env: Mapping[str, str], folder: Path, *, prefix: Sequence[str] = ()
    ) -> None:
        self.repo = repo
        self._prefix = tuple(prefix)  # of every command
        self.env = dict(env)
        self._folder = folder
        self._runs: list[Run] = []

    # --- commands -------------------------------------------------------------------------------

    def run(
        self,
        *words: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        code: int | None = None,
    ) -> Done:
        """Run a command to its end."""
        self.repo.seal_once()
        found = subprocess.run(
            [*self._prefix, str(COMMAND), *words],
            cwd=cwd or self.repo.path,
            env=self.env | dict(env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        done = Done(code=found.returncode, out=found.stdout, err=found.stderr)
        assert "Traceback" not in done.out + done.err, done
        told = f"{words}: {found.returncode}\n{done.out}{done.err}{self.told()}"
        assert code is None or found.returncode == code, told
        return done

    def begin(self, *words: str, cwd: Path | None = None, prefix: Sequence[str] = ()) -> Run:
        """Run a command (`start` if none is named) in the background."""
        self.repo.seal_once()
        output = self._folder / f"output.{len(self._runs)}"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*self._prefix, *prefix, str(COMMAND), *(words or ("start",))],
                cwd=cwd or self.repo.path,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a signal for the test runner is not one for the tree
            )
        run = Run(process, output, wait=self.wait, told=self.told)
        self._runs.append(run)
        return run

    def status(self, *words: str) -> dict[str, Any]:
        """The status document; whatever state the tree is in, it keeps to its schema."""
        document = json.loads(self.run("status", "--json", *words, code=0).out)
        assert isinstance(document, dict)
        _STATUS.validate(document)
        return document

    def prd(self, prd_id: str = "ALPHA") -> dict[str, Any]:
        """One PRD of the status document, its stories by their ids."""
        prd = next(prd for prd in self.status()["prds"] if prd["id"] == prd_id)
        return dict(prd) | {"stories": {story["id"]: story for story in prd["stories"]}}

    def go(self) -> None:
        """Let the agents that are held go on, and hold no later one."""
        Path(self.env["TMPDIR"], "go").touch()

    def end(self) -> None:
        """End what a failed test has left."""
        for run in self._runs:
            if not run.is_over:
                kill(run.pid)
                run.wait_exit(None)

    # --- what it has done -----------------------------------------------------------------------

    def events(self, kind: str = "", *, prd: str = "", story: str = "") -> list[dict[str, Any]]:
        """The events so far, of this kind, PRD and story."""
        path = self.repo.state / "events.jsonl"
        lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
        return [
            event
            for event in map(json.loads, lines)
            if kind in {"", event["event"]}
            and prd in {"", event["prd"]}
            and story in {"", event["story"]}
        ]

    def attempt(self, story: str, attempt: int = 1, *, prd: str = "ALPHA") -> Path:
        """The folder of an attempt."""
        return self.repo.state / "prds" / prd / "stories" / story / str(attempt)

    def said(self, story: str, attempt: int = 1, *, prd: str = "ALPHA") -> str:
        """What the agent of an attempt has printed."""
        log = self.attempt(story, attempt, prd=prd) / "agent.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""

    def result(self, story: str, attempt: int = 1, *, prd: str = "ALPHA") -> dict[str, Any]:
        """The result of an attempt."""
        path = self.attempt(story, attempt, prd=prd) / "result.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        assert isinstance(document, dict)
        return document

    def processes(self) -> dict[str, int]:
        """The living processes of the tree, by their titles; agents are not among them."""
        # A child that was forked this moment bears its parent's title still: the elder one counts.
        elders_last = reversed(bearers(self.env[MARK]))
        found = {title_of(process): process.pid for process in elders_last}
        return {
            title.removeprefix(TITLE): pid
            for title, pid in found.items()
            if title.startswith(TITLE)
        }

    def pid_of(self, title: str) -> int:
        """The pid of the process with this title, once it is there."""
        self.wait(lambda: title in self.processes(), f"the process {title!r}")
        return self.processes()[title]

    def everybody(self) -> list[psutil.Process]:
        """All living processes of this test: the tree, its agents, what they have started."""
        return bearers(self.env[MARK])

    # --- waiting --------------------------------------------------------------------------------

    def wait(
        self,
        is_so: Callable[[], object],
        what: str,
        run: Run | None = None,
        within_s: float = DEADLINE_S,
    ) -> float:
        """Wait until it is so, or fail with everything that is known; return the seconds."""
        return wait_until(is_so, lambda: f"{what}\n{self.told(run)}", within_s)

    def wait_event(self, kind: str, *, prd: str = "", story: str = "", count: int = 1) -> None:
        """Wait until there are so many events of this kind."""
        self.wait(
            lambda: len(self.events(kind, prd=prd, story=story)) >= count,
            f"{count} event(s) {kind} {prd}/{story}",
        )

    def wait_said(self, story: str, text: str, attempt: int = 1, *, prd: str = "ALPHA") -> None:
        """Wait until the agent of an attempt has printed this."""
        self.wait(
            lambda: text in self.said(story, attempt, prd=prd), f"{prd}/{story} says {text!r}"
        )

    def wait_gone(self, within_s: float = GONE_S_MAX) -> float:
        """Wait until no process of this test is left; return the seconds that it took."""
        return self.wait(
            lambda: not self.everybody(),
            f"nobody left; there are {[title_of(each) for each in self.everybody()]}",
            within_s=within_s,
        )

    def told(self, run: Run | None = None) -> str:
        """The output so far, the tree's own log, and who lives."""
        log = self.repo.state / "supervise.log"
        parts = [f"--- supervise.log\n{_tail(log)}"]
        runs = [run] if run is not None else self._runs
        parts += [f"--- output of {each.pid}\n{each.output[-_TAIL:]}" for each in runs]
        alive = [f"{each.pid} {title_of(each)}" for each in self.everybody()]
        parts.append(f"--- alive at {time.monotonic():.2f} s, load {os.getloadavg()}: {alive}")
        return "\n".join(parts)


def _tail(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-_TAIL:] if path.exists() else ""
