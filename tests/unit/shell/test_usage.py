from __future__ import annotations

import subprocess
import sys


def test_who_only_looks_does_not_pay_for_the_monitor() -> None:
    code = "import sys, prd_supervise.supervisor.ui.cli.main, prd_supervise.supervisor.ui.remote\n"
    code += "sys.exit('psutil' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
