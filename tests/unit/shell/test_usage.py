from __future__ import annotations

import subprocess
import sys

from prd_supervise.supervisor.shell.ceilings.usage import Usage, usage_document


def test_a_story_that_is_not_at_work_uses_nothing() -> None:
    assert usage_document(None) is None


def test_the_document_has_plain_numbers() -> None:
    usage = Usage(memory_bytes=7, cpu_percent=1.5, processes=2, share=0.5)
    assert usage_document(usage) == {
        "memory_bytes": 7,
        "cpu_percent": 1.5,
        "processes": 2,
        "cpu_share": 0.5,
    }


def test_who_only_looks_does_not_pay_for_the_monitor() -> None:
    code = "import sys, prd_supervise.supervisor.ui.cli, prd_supervise.supervisor.ui.remote\n"
    code += "sys.exit('psutil' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
