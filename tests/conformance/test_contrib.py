"""The units that people copy are those that `service install` writes, and systemd takes them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.service.contrib import contrib_texts
from tests.conformance.conftest import CHECKOUT

CONTRIB = CHECKOUT / "contrib"
RUN_S_MAX = 60.0
systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@pytest.mark.parametrize("name", contrib_texts())
def test_a_file_is_what_would_be_installed(name: str) -> None:
    text = (CONTRIB / name).read_text(encoding="utf-8")
    assert text == contrib_texts()[name], "`make contrib` writes it anew"


def test_nothing_else_lies_there_but_what_people_read() -> None:
    files = {path.relative_to(CONTRIB).as_posix() for path in CONTRIB.rglob("*") if path.is_file()}
    assert {name for name in files - {*contrib_texts()} if not name.endswith("README.md")} == set()


@pytest.mark.parametrize("manager", ["systemd", "launchd"])
def test_the_readme_names_every_file(manager: str) -> None:
    page = (CONTRIB / manager / "README.md").read_text(encoding="utf-8")
    names = [name for name in contrib_texts() if name.startswith(f"{manager}/")]
    assert names
    assert [name for name in names if f"`{name.removeprefix(f'{manager}/')}`" not in page] == []


def verify(home: Path, *units: str) -> subprocess.CompletedProcess[str]:
    """Have units read in the folder for units of a home that has the program."""
    program = home / ".local/bin/prd-supervise"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    words = ("--user", "verify", "--man=no", "--recursive-errors=no")
    folder = home / ".config/systemd/user"
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    return subprocess.run(
        ["systemd-analyze", *words, *(str(folder / unit) for unit in units)],
        env=env | {"LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=RUN_S_MAX,
        check=False,
    )


def installed(home: Path, *drop_ins: tuple[str, str]) -> None:
    """Copy them as the README says, with these drop-ins for these units."""
    folder = home / ".config/systemd/user"
    folder.mkdir(parents=True)
    for name in ("prd-supervise@.service", "prd-supervise.service", "prd.slice"):
        shutil.copy(CONTRIB / "systemd" / name, folder)
    for name, unit in drop_ins:
        (folder / f"{unit}.d").mkdir(exist_ok=True)
        shutil.copy(CONTRIB / "systemd" / name, folder / f"{unit}.d")


UNITS = ("prd-supervise@home-you-shop.service", "prd-supervise.service", "prd.slice")


@pytest.mark.systemd_verify
@systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_each_unit_without_a_warning(tmp_path: Path, unit: str) -> None:
    installed(tmp_path)
    done = verify(tmp_path, unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.systemd_verify
@systemd
def test_systemd_takes_the_drop_ins_as_well(tmp_path: Path) -> None:
    ceilings = ("drop-ins/20-ceilings.conf", "prd.slice")
    installed(tmp_path, ("drop-ins/20-sandbox.conf", "prd-supervise@.service"), ceilings)
    done = verify(tmp_path, UNITS[0], UNITS[2])
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.systemd_verify
@systemd
def test_an_older_systemd_goes_on_without_the_backoff_of_newer_ones(tmp_path: Path) -> None:
    backoff = "prd-supervise@.service.d/10-backoff.conf"
    installed(tmp_path, (backoff, "prd-supervise@.service"))
    version = subprocess.run(
        ["systemctl", "--version"], capture_output=True, text=True, timeout=RUN_S_MAX, check=True
    )
    done = verify(tmp_path, UNITS[0])
    if int(version.stdout.split()[1]) >= 254:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert "RestartSteps" in done.stderr


@pytest.mark.systemd_verify
@systemd
def test_a_mistake_in_a_unit_is_found_out(tmp_path: Path) -> None:
    """The oracle of these tests can say no."""
    installed(tmp_path)
    unit = tmp_path / ".config/systemd/user" / "prd-supervise.service"
    unit.write_text(unit.read_text().replace("OOMPolicy=continue", "OOMPolicy=go-on"))
    done = verify(tmp_path, unit.name)
    assert done.returncode == 1
    assert "go-on" in done.stderr
