"""`service` where launchctl is there and systemctl is not."""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from prd_supervise.supervisor.ui.service.launchd import label_of
from tests.support.e2e_repo import Repo, story
from tests.support.launchd import Launchd
from tests.support.tree import COMMAND, Tree

SCHEMA = Path(__file__).resolve().parents[2] / "docs/schema/service.schema.json"


@pytest.fixture
def launchd(tmp_path: Path, repo: Repo, tree: Tree) -> Launchd:
    """A Mac, as far as `service` looks; the home may be written to."""
    made = Launchd(tmp_path / "bin", tmp_path / "jobs")
    git = shutil.which("git")
    assert git is not None
    for program in ("git", "sh"):
        found = shutil.which(program)
        assert found is not None
        (tmp_path / "bin" / program).symlink_to(found)
    home = tmp_path / "a home"
    home.mkdir()
    tree.env |= {"PATH": str(tmp_path / "bin"), "HOME": str(home)}
    repo.prd(story("US-1"))
    repo.commit()
    return made


def plist_path(repo: Repo, tree: Tree) -> Path:
    return Path(tree.env["HOME"], "Library/LaunchAgents", f"{label_of(repo.path)}.plist")


def test_an_agent_is_written_loaded_shown_and_taken_back(
    repo: Repo, tree: Tree, launchd: Launchd
) -> None:
    label, path = label_of(repo.path), plist_path(repo, tree)
    assert "none is installed" in tree.run("service", "status", code=1).out

    said = tree.run("service", "install", code=0).out

    assert f"wrote       {path}" in said
    assert "verified    by plutil" in said
    assert launchd.loaded() == [label]
    assert path.stat().st_mode & 0o777 == 0o600
    domain = f"gui/{os.getuid()}"
    assert launchd.asked() == [f"enable {domain}/{label}", f"bootstrap {domain} {path}"]
    job: dict[str, Any] = plistlib.loads(path.read_bytes())
    assert job["Label"] == label
    assert job["ProgramArguments"] == [str(COMMAND), "resume", "--watch"]
    assert job["WorkingDirectory"] == str(repo.path)
    assert job["EnvironmentVariables"] == {"PATH": tree.env["PATH"]}
    assert Path(job["StandardErrorPath"]).parent.is_dir()

    assert "runs, pid 4711" in tree.run("service", "status", code=0).out
    Path(job["StandardErrorPath"]).parent.rmdir()  # somebody tidies up
    again = tree.run("service", "install", code=0).out
    assert Path(job["StandardErrorPath"]).parent.is_dir()
    assert f"is there    {path}" in again
    assert "runs        pid 4711" in again
    assert len(launchd.asked()) == 2

    gone = tree.run("service", "uninstall", code=0).out
    assert f"removed     {path}" in gone
    assert launchd.loaded() == []
    assert not path.exists()
    assert "nothing" in tree.run("service", "uninstall", code=0).out


def test_nothing_of_somebody_else_s_is_touched(repo: Repo, tree: Tree, launchd: Launchd) -> None:
    path = plist_path(repo, tree)
    path.parent.mkdir(parents=True)
    path.write_bytes(plistlib.dumps({"Label": "another"}))

    refused = tree.run("service", "install", code=1)

    assert "this file is not ours, and stays" in refused.err
    assert plistlib.loads(path.read_bytes()) == {"Label": "another"}
    assert "nothing" in tree.run("service", "uninstall", code=0).out
    assert path.exists()
    assert launchd.asked() == []


def test_what_a_person_has_changed_stays_unless_it_is_forced(
    repo: Repo, tree: Tree, launchd: Launchd
) -> None:
    path = plist_path(repo, tree)
    tree.run("service", "install", "--no-start", code=0)
    path.write_bytes(path.read_bytes().replace(b"<integer>30</integer>", b"<integer>60</integer>"))

    assert "you have changed it; --force" in tree.run("service", "install", "--no-start").out
    kept = tree.run("service", "uninstall", code=0).out
    assert f"kept        {path}: you have changed it" in kept
    assert plistlib.loads(path.read_bytes())["ThrottleInterval"] == 60

    assert "updated" in tree.run("service", "install", "--no-start", "--force", code=0).out
    assert plistlib.loads(path.read_bytes())["ThrottleInterval"] == 30
    assert launchd.loaded() == []


def test_a_dry_run_writes_nothing(repo: Repo, tree: Tree, launchd: Launchd) -> None:
    said = tree.run("service", "install", "--dry-run", code=0).out
    assert "<key>KeepAlive</key>" in said
    assert f"launchctl bootstrap gui/{os.getuid()} '{plist_path(repo, tree)}'" in said
    assert list(Path(tree.env["HOME"]).iterdir()) == []
    assert launchd.asked() == []


def test_a_home_with_no_room_for_it_is_told(tree: Tree, launchd: Launchd) -> None:
    Path(tree.env["HOME"], "Library").write_text("no folder\n")
    refused = tree.run("service", "install", code=1)
    assert "Library/Logs/prd-supervise: cannot be made: " in refused.err
    assert launchd.loaded() == []


def test_without_anybody_at_the_screen_it_waits_for_the_next_login(
    repo: Repo, tree: Tree, launchd: Launchd
) -> None:
    launchd.log_out()
    said = tree.run("service", "install", code=0).out
    assert "it starts at your next login" in said
    status = tree.run("service", "status", code=1).out
    assert "launchd has not loaded it" in status
    assert f"launchctl bootstrap gui/{os.getuid()} '{plist_path(repo, tree)}'" in status


def test_lingering_is_refused_with_its_reason(tree: Tree, launchd: Launchd) -> None:
    said = tree.run("service", "install", "--linger", code=1).out
    assert "while you are logged in, and no longer" in said
    assert len(launchd.loaded()) == 1


def test_how_it_stands_is_told_to_programs_as_well(
    repo: Repo, tree: Tree, launchd: Launchd
) -> None:
    tree.run("service", "install", code=0)
    launchd.say(label_of(repo.path), "state = not running", "runs = 3", "last exit code = 70")
    found = json.loads(tree.run("service", "status", "--json", code=0).out)
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(found)
    assert found["manager"] == "launchd"
    assert found["state"] == "inactive"
    assert found["restarts"] == 2
    assert found["last_end"].startswith("exit code 70: an internal failure")
    assert found["files"] == [{"path": str(plist_path(repo, tree)), "state": "current"}]


# --- root, as launchd starts it -------------------------------------------------------------------


def test_what_a_person_has_to_mend_is_no_reason_to_start_again(
    repo: Repo, tree: Tree, launchd: Launchd
) -> None:
    """Launchd starts again after anything but 0, and counts no starts."""
    label = label_of(repo.path)
    repo.put("prd-supervise.toml", "max_prds = 'three'\n")
    assert tree.run("resume", "--watch", code=78).err.startswith("prd-supervise.toml:1:")

    done = tree.run("resume", "--watch", env={"XPC_SERVICE_NAME": label}, code=0)

    assert done.err.startswith("prd-supervise.toml:1:")
    assert "ends with 0 in place of 78" in done.err
    assert tree.run("resume", "--what", env={"XPC_SERVICE_NAME": label}).code == 0
    assert launchd.loaded() == []


def test_root_under_launchd_takes_the_user_s_variables_and_is_a_service(
    repo: Repo, tree: Tree, launchd: Launchd
) -> None:
    said = {"run": ["sh", "-c", 'echo "key <$MY_KEY> <$OTHER>" > US-1.txt']}
    repo.prd(story("US-1", said))
    repo.configure(agent={"env": ["MY_KEY", "OTHER"]})
    repo.commit()
    home = Path(tree.env["HOME"])
    file = home / ".config/prd-supervise/env"
    file.parent.mkdir(parents=True)
    file.write_text('# keys\nMY_KEY=\'a b\'\nnothing\nOTHER = "c\\"d"\n')
    log = home / "Library/Logs/prd-supervise/shop.log"
    log.parent.mkdir(parents=True)
    tree.env |= {"XPC_SERVICE_NAME": "org.prd-supervise.shop"}

    run = tree.begin("resume", "--watch")
    tree.wait_event("merged", story="US-1")
    run.signal(signal.SIGTERM)
    run.wait_exit(75)  # launchd starts it again, unless it has sent the signal itself

    assert repo.show("feature/ALPHA", "US-1.txt") == 'key <a b> <c"d>\n'
    assert f"{file}:3: no NAME=value" in run.output
    assert launchd.asked() == []
