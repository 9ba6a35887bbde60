"""Keep the state that this version writes, or one of an earlier commit: `make_samples.py --help`.

What is made goes into tests/samples/state/<number>/<name>: states that were kept are never made
anew, for the program that wrote them is gone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from prd_supervise.supervisor.shell.storage.migrations.registered import STATE
from tests.support.e2e_processes import MARK, bearers, kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.state_kinds import kinds_now
from tests.support.state_samples import SAMPLES, essence, keep
from tests.support.tree import Tree
from tests.support.two_versions import Site

DAY_S = 86400.0
RED = {"verify": ["false"]}


def small(repo: Repo, tree: Tree) -> None:
    """Done, given up, skipped, and at work when it was stopped; every version had that much."""
    repo.configure(restart={"max_attempts": 1})
    repo.prd(
        story("A"),
        story("B", **RED),
        story("C", dependsOn=["B"]),
        story("D", HOLD, write("D.txt", "d\n"), dependsOn=["A"]),
    )
    repo.commit()
    run = tree.begin("start")
    tree.wait(lambda: _has_begun(tree, "D"), "D is at work", run)
    tree.wait(lambda: "failed" in _states(tree) and "skipped" in _states(tree), "B is lost", run)
    tree.run("stop", "--now", code=0)
    run.wait_exit(75)


def night(repo: Repo, tree: Tree) -> None:
    """Likewise, and a PRD that is complete, one that a limit keeps, one that waits for a person."""
    limited = story("L", replay=[[{"limit": {"in_s": DAY_S}}], [write("L.txt", "l\n")]])
    repo.prd(story("E"), name="delta.json", project="DELTA")
    repo.prd(limited, name="beta.json", project="BETA")
    asked = story("P", approve="merge")
    repo.prd(asked, name="gamma.json", project="GAMMA")
    repo.configure(restart={"max_attempts": 1}, max_prds=4)
    repo.prd(
        story("A"),
        story("B", **RED),
        story("C", dependsOn=["B"]),
        story("D", HOLD, write("D.txt", "d\n"), dependsOn=["A"]),
        story("H", dependsOn=["D"]),
    )
    repo.commit()
    tree.run("start", "delta.json", "gamma.json", "--detach", code=0)
    tree.wait_event("approval_wanted", story="P")
    tree.run("start", "prd.json", "--detach", code=0)
    tree.wait(lambda: _has_begun(tree, "D"), "D is at work")
    tree.wait(lambda: {"failed", "skipped"} <= _states(tree), "B is lost")
    tree.run("hold", "ALPHA/H", code=0)
    tree.run("start", "beta.json", "--detach", code=0)
    tree.wait_event("agent_parked")
    tree.run("stop", "--now", code=0)


def _states(tree: Tree) -> set[str]:
    document = json.loads(tree.run("status", "--json").out)
    return {each["state"] for prd in document["prds"] for each in prd["stories"]}


def _has_begun(tree: Tree, story_id: str) -> bool:
    return any(each["story"] == story_id for each in tree.events())


SCENARIOS: dict[str, Callable[[Repo, Tree], None]] = {"small": small, "night": night}


def make(name: str, commit: str, sample: Path) -> None:
    """Run the scenario with that commit's program, and keep what it leaves."""
    folder = Path(tempfile.mkdtemp(prefix="prd-samples-"))
    env = _environment(folder)
    if commit:
        env = Site(folder / "site", _checked_out(commit, folder / "checkout")).env(env)
    try:
        repo = Repo(folder / "project", env)
        tree = Tree(repo, env, folder)
        SCENARIOS[name](repo, tree)
        tree.wait_gone()
        told: dict[str, Any] = json.loads(tree.run("status", "--json", code=0).out)
        shutil.rmtree(sample, ignore_errors=True)
        keep(repo, sample, essence(told))
    finally:
        for process in bearers(env[MARK]):
            kill(process.pid)
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path) -> dict[str, str]:
    for name in ("home", "tmp", "run"):
        (folder / name).mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        MARK: uuid.uuid4().hex,
    }


def _checked_out(commit: str, folder: Path) -> Path:
    folder.mkdir()
    archive = subprocess.run(
        ("git", "archive", commit), cwd=CHECKOUT, capture_output=True, check=True
    )
    subprocess.run(("tar", "-x"), cwd=folder, input=archive.stdout, check=True)
    return folder


def main() -> None:
    """Make what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario", choices=(*SCENARIOS, "kinds"))
    parser.add_argument(
        "folder", nargs="?", default="", help="below tests/samples/state: 1/night, say"
    )
    parser.add_argument("--commit", default="", help="whose program runs; none: this checkout's")
    asked = parser.parse_args()
    place = SAMPLES / (asked.folder or f"{STATE}/kinds.json")
    if asked.scenario == "kinds":
        place.write_text(json.dumps(kinds_now(), indent=1, sort_keys=True) + "\n")
    else:
        make(asked.scenario, asked.commit, place)
    print(place.relative_to(CHECKOUT))


if __name__ == "__main__":
    main()
