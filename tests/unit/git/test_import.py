from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOOK = """
import os
from prd_supervise.workers.git.commands import Git
print(Git.GIT_PYTHON_GIT_EXECUTABLE, os.environ.get("GIT_PYTHON_GIT_EXECUTABLE"))
"""


def test_no_git_is_run_before_it_is_asked_for_anything(tmp_path: Path) -> None:
    """GitPython dies of a git that fails, and waits for one that hangs, when it is imported."""
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/was-run'\nexit 1\n")
    program.chmod(0o755)
    env = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    argv = [sys.executable, "-c", LOOK]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("git None\n", "")
    assert not (tmp_path / "was-run").exists()
