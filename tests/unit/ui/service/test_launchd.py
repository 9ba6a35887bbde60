from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.service import launchd
from prd_supervise.supervisor.ui.service.installation import Installation
from prd_supervise.supervisor.ui.service.signing import Whose

HERE = Installation(
    repository=Path("/Users/you/my shop & <co>"),
    program=Path("/Users/you/.local/bin/prd-supervise"),
    path="/opt/homebrew/bin:/usr/bin:/bin",
    home=Path("/Users/you"),
)
# As `launchctl print` has it: the job's own lines have one tab, those nested in it have more.
PRINTED = """gui/501/org.prd-supervise.shop-1 = {
\tactive count = 1
\tpath = /Users/you/Library/LaunchAgents/org.prd-supervise.shop-1.plist
\tstate = running

\truns = 3
\tpid = 4711
\tlast exit code = 75

\tendpoints = {
\t\tstate = active
\t\tpid = 1
\t}
}
"""


def test_a_job_is_what_launchd_needs_to_know() -> None:
    job = plistlib.loads(launchd.plist_of(HERE))
    assert job["Label"] == launchd.label_of(HERE.repository)
    assert job["ProgramArguments"] == [str(HERE.program), "resume", "--watch"]
    assert job["WorkingDirectory"] == "/Users/you/my shop & <co>"
    assert job["EnvironmentVariables"] == {"PATH": HERE.path}
    assert job["RunAtLoad"] is True
    assert job["KeepAlive"] == {"SuccessfulExit": False}
    assert job["ExitTimeOut"] >= 70  # grace_s and what comes after it
    assert job["SoftResourceLimits"]["NumberOfFiles"] >= 1024
    assert job["StandardOutPath"] == job["StandardErrorPath"]
    assert Path(job["StandardOutPath"]).parent == Path("/Users/you/Library/Logs/prd-supervise")


@pytest.mark.parametrize(
    ("repository", "begins"),
    [
        ("/Users/you/shop", "org.prd-supervise.shop-"),
        ("/Users/you/my shop.git", "org.prd-supervise.my-shop-git-"),
        ("/Users/you/läden/店", "org.prd-supervise.repository-"),
        ("/", "org.prd-supervise.repository-"),
        (f"/{'x' * 255}", f"org.prd-supervise.{'x' * 48}-"),
    ],
)
def test_a_label_is_readable_and_names_a_file(repository: str, begins: str) -> None:
    label = launchd.label_of(Path(repository))
    assert label.startswith(begins)
    assert len(f"{label}.plist") <= 255
    assert label.isascii()
    assert not set(label) & set("/ '\"\\")


def test_two_repositories_of_one_name_are_two_jobs() -> None:
    assert launchd.label_of(Path("/a/shop")) != launchd.label_of(Path("/b/shop"))


def test_a_file_is_known_again_unless_somebody_has_changed_it() -> None:
    ours = launchd.plist_of(HERE)
    assert launchd.whose_plist(None) is Whose.NOBODY
    assert launchd.whose_plist(ours) is Whose.OURS
    assert launchd.whose_plist(ours.replace(b"resume", b"start")) is Whose.CHANGED
    assert launchd.whose_plist(ours + b"\n") is Whose.CHANGED
    assert launchd.whose_plist(plistlib.dumps({"Label": "x"})) is Whose.FOREIGN
    assert launchd.whose_plist(b"") is Whose.FOREIGN


def test_what_a_job_serves_is_read_from_its_file() -> None:
    ours = launchd.plist_of(HERE)
    assert launchd.program_in(ours) == str(HERE.program)
    for strange in (b"", b"no plist", b"\xff\xfe", plistlib.dumps([1]), plistlib.dumps({})):
        assert launchd.program_in(strange) == ""


def test_what_launchctl_prints_of_the_job_itself_is_taken() -> None:
    assert launchd.parsed(PRINTED) == {
        "state": "running",
        "runs": "3",
        "pid": "4711",
        "last exit code": "75",
    }
    assert launchd.parsed("") == {}
