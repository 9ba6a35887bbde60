"""Who ends a job's group when this process dies, where no kernel does that.

A shell that waits for the end of a pipe which only we can write to: it comes by our death alone.
What has left the group by then is found by its lineage.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

_SCRIPT = 'read -r group || exit 0; read -r _ || kill -s KILL -- "-$group"'


class Guard:
    """The shell and the pipe. It is made before the job, so that no job is without one for long."""

    def __init__(self) -> None:
        read_end, self._pipe = os.pipe()
        try:
            self._shell = subprocess.Popen(
                ("/bin/sh", "-c", _SCRIPT, "prd-guard"),
                stdin=read_end,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._pipe)
            raise
        finally:
            os.close(read_end)
        self.pid = self._shell.pid

    def watch(self, group: int) -> None:
        """Name the group that is to die with us."""
        with suppress(BrokenPipeError):  # somebody has killed it
            os.write(self._pipe, b"%d\n" % group)

    def end(self) -> None:
        """Let the group be; call it while the group's number is still its own."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._shell.wait()
        os.close(self._pipe)
