"""What a signal does that comes when the run is over."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# The interpreter gives up its handlers before it gives up the modules.
_ENDS = """
import os, signal, sys
from prd_supervise.supervisor.shell.root.stop_signals import hear_no_more
from prd_supervise.workers.process.eventloop import EventLoop

number = signal.Signals[sys.argv[1]]

class Late:
    def __del__(self):
        os.kill(os.getpid(), number)

EventLoop().on_signals({number: lambda: None})
late = Late()
hear_no_more()
sys.exit(3)
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_interpreter_ends_does_not_cost_the_exit_code(
    number: signal.Signals,
) -> None:
    done = subprocess.run([sys.executable, "-c", _ENDS, number.name], check=False, timeout=60)

    assert done.returncode == 3
