"""File systems of a test's own, in a mount namespace that nobody else sees."""

from __future__ import annotations

import shutil
import subprocess

import pytest

SPACES = ["unshare", "--mount", "--"]


def _why_not() -> str:
    """Why no mount namespace can be had here; empty if one can."""
    if shutil.which("unshare") is None:
        return "there is no unshare(1)"
    probe = [*SPACES, "mount", "-t", "tmpfs", "none", "/mnt"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=60)
    return done.stderr.strip() if done.returncode else ""


_WHY_NOT = _why_not()
needs_mounts = pytest.mark.skipif(
    bool(_WHY_NOT), reason=f"needs a private mount namespace: {_WHY_NOT}"
)
