from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
_NOT_COPIED = (
    ".venv*",
    ".git",
    ".agents",
    ".*_cache",
    ".hypothesis",
    "__pycache__",
    "build",
    "dist",
    "*.egg-info",
)
INSTALL_S_MAX = 240.0


def pip(*words: str) -> None:
    argv = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=INSTALL_S_MAX)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once from a copy of the checkout, as `pip install .` would."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "a checkout of any name"
    ignore = shutil.ignore_patterns(*_NOT_COPIED)
    shutil.copytree(CHECKOUT, source, symlinks=True, ignore=ignore)
    pip("wheel", str(source), "--no-deps", "--wheel-dir", str(folder / "dist"))
    (built,) = (folder / "dist").iterdir()
    return built


@pytest.fixture(scope="session")
def supervisord(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the best-known process supervisor, whose package is called `supervisor`."""
    folder = tmp_path_factory.mktemp("supervisord")
    pip("download", "supervisor>=4.3", "--no-deps", "--only-binary", ":all:", "-d", str(folder))
    (found,) = folder.iterdir()
    return found


@pytest.fixture
def venv(tmp_path: Path) -> Callable[..., Path]:
    """Make a fresh environment with these wheels in it, one after the other; give its `bin`.

    Their dependencies are borrowed from the environment of the tests. A path in a .pth file is not
    searched for .pth files itself, so the editable install of the checkout does not come along.
    """

    def make(*wheels: Path) -> Path:
        folder = tmp_path / "venv"
        argv = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
        subprocess.run(argv, check=True, timeout=INSTALL_S_MAX)
        python = folder / "bin" / "python"
        (site,) = folder.glob("lib/python*/site-packages")
        borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        (site / "borrowed.pth").write_text("\n".join(sorted(borrowed)) + "\n")
        for each in wheels:
            pip("--python", str(python), "install", "--no-deps", "--no-index", str(each))
        return folder / "bin"

    return make


@pytest.fixture
def env(tmp_path: Path, mark: str) -> dict[str, str]:
    """An environment in which nothing of this machine's user is seen or touched."""
    (tmp_path / "home").mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "T",
        "GIT_AUTHOR_EMAIL": "t@example.org",
        "GIT_COMMITTER_NAME": "T",
        "GIT_COMMITTER_EMAIL": "t@example.org",
        "XDG_PRD_SUPERVISE_TEST": mark,
    }
