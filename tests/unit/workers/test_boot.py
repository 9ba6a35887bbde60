from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.workers.process import boot

UNSHARE = ("unshare", "--fork", "--pid", "--mount-proc", "--kill-child")
PRINT = "from prd_supervise.workers.process.boot import read_boot; print(read_boot())"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    boot.read_boot.cache_clear()
    yield
    boot.read_boot.cache_clear()


def asked(*prefix: str) -> str:
    words = [*prefix, sys.executable, "-c", PRINT]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout


def test_every_process_of_a_boot_gives_it_the_same_name() -> None:
    names = {asked(), asked(), f"{boot.read_boot()}\n"}
    assert len(names) == 1
    assert re.fullmatch(r"[0-9a-f-]{36}\.\d+\n", names.pop())


@pytest.mark.skipif(
    subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode != 0,
    reason="no process namespaces here",
)
def test_a_container_that_is_started_anew_is_another_boot() -> None:
    assert asked(*UNSHARE) != asked(*UNSHARE)


def test_another_boot_is_told_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = boot.read_boot()
    assert not boot.is_rebooted(before)
    (tmp_path / "boot_id").write_text("b0c1d2e3-0000-4000-8000-000000000000\n")
    monkeypatch.setattr(boot, "BOOT_ID", tmp_path / "boot_id")
    boot.read_boot.cache_clear()
    assert boot.is_rebooted(before)


def test_where_nothing_is_recorded_nobody_speaks_of_a_reboot() -> None:
    assert not boot.is_rebooted("")


def test_without_the_kernel_s_word_the_first_process_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boot, "BOOT_ID", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))  # nor is there a sysctl
    assert boot.read_boot().isdecimal()


def test_a_boot_began_before_now() -> None:
    began = boot.booted_at()
    assert began is not None
    assert 0 < began <= time.time()
