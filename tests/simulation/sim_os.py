"""`os` as the product's modules see it in a simulation.

What is not simulated fails loudly, so that no call reaches the machine by mistake.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.simulation.disk import Disk, File
from tests.simulation.kernel import Kernel
from tests.simulation.things import End, ExitedError, ExitFd, Open, Proc

_PURE = frozenset({"fsencode", "fsdecode", "fspath", "strerror", "waitstatus_to_exitcode", "path"})


class FileFd(Open):
    """An open file of the simulated disk."""

    def __init__(self, file: File, path: str, *, is_folder: bool) -> None:
        super().__init__()
        self.file = file
        self.path = path
        self.is_folder = is_folder


class SimOs:
    """`os`, for the process that runs now."""

    def __init__(self, kernel: Kernel, disk: Disk, environ: dict[str, str]) -> None:
        self._kernel = kernel
        self._disk = disk
        self.environ = environ
        self.on_sync: Callable[[str, bytes], None] = lambda *_: None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  constants and pure functions
        found = getattr(os, name)
        assert not callable(found) or name in _PURE, f"os.{name} is not simulated"
        return found

    # --- processes ------------------------------------------------------------------------------

    def getpid(self) -> int:
        """Our number."""
        return self._kernel.running().pid

    def getppid(self) -> int:
        """Our parent's number."""
        return self._kernel.running().parent

    def setsid(self) -> int:
        """Lead a session of our own."""
        proc = self._kernel.call()
        proc.session = proc.pid
        return proc.pid

    def _exit(self, code: int) -> None:
        raise ExitedError(code)

    def kill(self, pid: int, number: int) -> None:
        """Send a signal."""
        self._kernel.call()
        self._kernel.kill(self._proc(pid), number)
        self._kernel.running()

    def pidfd_open(self, pid: int) -> int:
        """Open a descriptor of a process."""
        proc = self._kernel.call()
        if self._kernel.pidfds_fail:
            raise OSError(24, "too many open files")
        return self._kernel.open(proc, ExitFd(process=self._proc(pid)))

    def waitpid(self, pid: int, _flags: int) -> tuple[int, int]:
        """Reap a child, if it is dead."""
        proc = self._kernel.call()
        child = self._kernel.procs.get(pid)
        if child is None or child.parent != proc.pid:
            raise ChildProcessError(10, "no such child")
        if child.status is None:
            return 0, 0
        self._kernel.reap(child)
        return pid, child.status

    def waitid(self, what: int, pid: int, options: int) -> object:
        """Say whether there are children; or take a note that one was stopped or continued."""
        proc = self._kernel.call()
        children = [child for child in self._kernel.procs.values() if child.parent == proc.pid]
        if what == os.P_PID:
            children = [child for child in children if child.pid == pid]
        if not children:
            raise ChildProcessError(10, "no child")
        wanted = {os.WSTOPPED: signal.SIGSTOP, os.WCONTINUED: signal.SIGCONT}
        note = wanted.get(options & (os.WSTOPPED | os.WCONTINUED))
        if what == os.P_PID and note is not None and note in children[0].notes:
            children[0].notes.discard(note)
            return note
        return None

    def _proc(self, pid: int) -> Proc:
        try:
            return self._kernel.procs[pid]
        except KeyError:
            raise ProcessLookupError(3, "no such process") from None

    # --- descriptors ----------------------------------------------------------------------------

    def open(self, path: Any, flags: int, _mode: int = 0o777) -> int:  # noqa: ANN401  a path
        """Open a file; a folder is opened to be synced."""
        proc = self._kernel.call()
        name = os.fspath(path)
        is_folder = bool(flags & os.O_DIRECTORY)
        file = File() if is_folder else self._disk.open(name, flags)
        return self._kernel.open(proc, FileFd(file, name, is_folder=is_folder))

    def close(self, number: int) -> None:
        """Close a descriptor."""
        self._kernel.close(self._kernel.running(), number)

    def dup2(self, _old: int, new: int) -> int:
        """Keep our own output: nobody reads it here."""
        return new

    def set_blocking(self, _number: int, _blocking: bool) -> None:  # noqa: FBT001  os's own
        """Nothing blocks here."""

    def pipe2(self, _flags: int) -> tuple[int, int]:
        """Make a pipe."""
        proc = self._kernel.call()
        left, right = self._kernel.pair()
        return self._kernel.open(proc, left), self._kernel.open(proc, right)

    def read(self, number: int, size: int) -> bytes:
        """Read from a pipe."""
        end = self._held(number)
        assert isinstance(end, End)
        return self._kernel.receive(end, size)

    def write(self, number: int, data: bytes | bytearray | memoryview) -> int:
        """Write to a pipe, or append to a file."""
        held = self._held(number)
        if isinstance(held, FileFd):
            return self._disk.write(held.file, bytes(data))
        assert isinstance(held, End)
        return self._kernel.send(held, bytes(data))

    def fdatasync(self, number: int) -> None:
        """Make a file durable; the process may die before it hears of that."""
        held = self._held(number)
        assert isinstance(held, FileFd)
        self._disk.sync(held.file)
        self._kernel.running()
        self.on_sync(held.path, bytes(held.file.data))

    def fsync(self, number: int) -> None:
        """Make a file or a folder durable."""
        held = self._held(number)
        assert isinstance(held, FileFd)
        if held.is_folder:
            self._disk.sync_folder(held.path)
        else:
            self._disk.sync(held.file)

    def ftruncate(self, number: int, size: int) -> None:
        """Cut a file."""
        held = self._held(number)
        assert isinstance(held, FileFd)
        self._disk.check()
        del held.file.data[size:]

    def fstat(self, number: int) -> SimpleNamespace:
        """Say how large a file is."""
        held = self._held(number)
        assert isinstance(held, FileFd)
        return SimpleNamespace(st_size=len(held.file.data))

    def _held(self, number: int) -> Open:
        return self._kernel.call().fds[number]
