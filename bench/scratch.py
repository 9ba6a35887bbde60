"""A repository in a temporary folder with PRDs in it, and the product running on it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from bench.documents import agent_text, prd_text

COMMAND = str(Path(sys.executable).with_name("prd-supervise"))
RUN_S_MAX = 300.0
START_S_MAX = 60.0
STOP_S_MAX = 20.0


class Scratch:
    """A folder with a repository; leaving it ends what still runs, and removes everything."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="prd-bench-")
        self.top = Path(self._folder.name).resolve()
        self.repository = self.top / "repository"
        self.times = self.top / "times"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.top / "home"),
            "TMPDIR": str(self.top / "tmp"),  # who is killed leaves what is there
            "XDG_RUNTIME_DIR": str(self.top / "run"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C",
        }
        self._root: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        for name in ("home", "tmp", "run", "times", "repository"):
            (self.top / name).mkdir(mode=0o700)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "bench")
        self.git("config", "user.email", "bench@localhost")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        left = self._processes_left()
        for process in left:
            process.kill()
        self._folder.cleanup()
        if left and kind is None:
            raise RuntimeError(f"{len(left)} process(es) were left behind: {left}")

    def fill(
        self,
        *,
        agent_s: float,
        prds: int,
        stories: int,
        chain: int = 0,
        also: str = "",
        settings: str = "",
    ) -> None:
        """Commit PRDs whose stories need the one `chain` places before them (0: none).

        `also` are further lines of the agent, `settings` what goes before ours.
        """
        agent = self.repository / "agent.sh"
        agent.write_text(agent_text(agent_s, self.times, also=also))
        agent.chmod(0o755)
        settings += '[agent]\nuse = "command"\ncommand = ["./agent.sh"]\n'
        settings += '[verify]\ncommands = ["true"]\n'
        (self.repository / "prd-supervise.toml").write_text(settings)
        for number in range(1, prds + 1):
            folder = self.repository / "prds" / "active" / f"PRD-{number}"
            folder.mkdir(parents=True)
            document = prd_text(number, stories, chain)
            (folder / "prd.json").write_text(document)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "bench")

    def start(
        self, *options: str, trace: Path | None = None, program: Sequence[str] = (COMMAND,)
    ) -> None:
        """Start root; with `trace`, git writes a file about each of its commands there."""
        traced = {} if trace is None else {"GIT_TRACE2_EVENT": str(trace)}
        with (self.top / "start.log").open("wb") as log:
            self._root = subprocess.Popen(
                (*program, "start", *options),
                cwd=self.repository,
                env=self.environment | traced,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Wait until root has ended with everything done."""
        root = self.root
        try:
            code = root.wait(RUN_S_MAX)
        finally:
            self.stop()
        if code != 0:
            log = (self.top / "start.log").read_text(errors="replace")
            raise RuntimeError(f"prd-supervise start ended with {code}:\n{log[-3000:]}")

    def run(self, *options: str, trace: Path | None = None) -> tuple[float, float]:
        """Run everything; return the wall time and the processor time of all that was run."""
        cpu_s, began_s = cpu_of_children_s(), time.monotonic()
        self.start(*options, trace=trace)
        self.wait()
        return time.monotonic() - began_s, cpu_of_children_s() - cpu_s

    @property
    def root(self) -> subprocess.Popen[bytes]:
        """Root's process."""
        if self._root is None:
            raise AssertionError("root has not been started")
        return self._root

    def stop(self) -> None:
        """End root: three requests leave no time to anybody."""
        if self._root is None:
            return
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if self._root.poll() is None:
                self._root.send_signal(number)
                time.sleep(0.1)
        self._root.wait(STOP_S_MAX)
        self._root = None

    def journal(self, prd_id: str) -> list[tuple[str, dict[str, object], float]]:
        """A PRD's journal: kind, body and wall time of each record."""
        path = self.repository / ".prd-supervise" / "prds" / prd_id / "journal.log"
        records = []
        for line in path.read_text().splitlines():
            record = json.loads(line.split(" ", 2)[2])
            records.append((str(record["kind"]), dict(record["body"]), float(record["at"])))
        return records

    def wait_for_agents(self, count: int) -> None:
        """Wait until this many agents work."""
        deadline_s = time.monotonic() + START_S_MAX
        logs = self.repository / ".prd-supervise" / "prds"
        while sum(b"AgentBegan" in line for line in _lines(logs)) < count:
            if time.monotonic() > deadline_s or self.root.poll() is not None:
                raise RuntimeError(f"not {count} agents within {START_S_MAX:g} s")
            time.sleep(0.05)

    def timed(self, times: int, *argv: str) -> list[float]:
        """Run a command that many times, and once before to warm the caches; seconds of each."""
        taken = []
        for _ in range(times + 1):
            began_s = time.perf_counter()
            subprocess.run(
                argv,
                cwd=self.repository,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            taken.append(time.perf_counter() - began_s)
        return taken[1:]

    def git(self, *arguments: str) -> None:
        """Run git in the repository."""
        subprocess.run(("git", *arguments), cwd=self.repository, env=self.environment, check=True)

    def _processes_left(self) -> list[psutil.Process]:
        """Processes that work in the folder, or were told of it; the dying get a second."""
        for _ in range(20):
            left = [each for each in psutil.process_iter() if _is_about(each, str(self.top))]
            if not left:
                break
            time.sleep(0.05)
        return left


def cpu_of_children_s() -> float:
    """The processor time of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _is_about(process: psutil.Process, folder: str) -> bool:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.cwd().startswith(folder) or folder in str(process.environ())
    except (psutil.Error, OSError):
        return False


def _lines(folder: Path) -> Iterator[bytes]:
    for path in folder.glob("*/journal.log"):
        yield from path.read_bytes().splitlines()
