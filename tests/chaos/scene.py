"""The nights that are broken: a repository with several PRDs, and agents that behave badly."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.e2e_processes import MARK
from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

BACK = "BACK"  # a PRD that fails at first, and goes back to where it began
INTO = "develop"  # where completed PRDs go
HOOK = Path(__file__).with_name("hook")

# An agent that is any command: it ignores TERM, leaves somebody behind, fills its pipes.
AGENT = r"""#!/bin/sh
trap '' TERM
(setsid sh -c "trap '' TERM; sleep 600" > /dev/null 2>&1 &)
yes "$PRD_SUPERVISE_STORY_ID" | head -c 300000
sleep 0.1
echo "$PRD_SUPERVISE_STORY_ID" > "$PRD_SUPERVISE_STORY_ID.txt"
"""

STRAY = {"fork": {"setsid": True, "ignore_term": True}}
FLOOD = {"run": ["sh", "-c", "yes | head -c 300000; yes | head -c 300000 >&2"]}
CLOSED = {"run": ["sh", "-c", "exec 0<&- 1>&- 2>&-; sleep 0.05"]}
EATEN = {"run": ["sh", "-c", "x=$(head -c 20000000 /dev/zero | tr '\\0' x); sleep 0.05"]}
DEAF = {"ignore_term": True}
NAP = {"sleep_s": 0.1}
ONE_FAILURE: dict[str, Any] = {"onFailure": "rollback", "supervision": {"max_attempts": 1}}
# The agent's parent is its worker: it dies, and leaves its strays to its supervisor.
MURDER = {
    "run": ["sh", "-c", "kill -9 $(awk '/^PPid:/ { print $2 }' /proc/$PPID/status); sleep 60"]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A tree to break, and what must have become of it in the end."""

    tree: Tree
    stories: dict[str, tuple[str, ...]]  # by PRD
    folder: Path

    @property
    def repo(self) -> Repo:
        """The user's repository."""
        return self.tree.repo


@contextmanager
def scene(
    folder: Path,
    *,
    prds: int,
    stories: int,
    crash_at: str | None = None,
    goes_back: bool = False,
) -> Iterator[Scene]:
    """Make a repository with so many PRDs of so many stories; give its tree.

    `crash_at` puts the hook into the tree: empty, it only notes what passes.
    """
    runtime = Path(tempfile.mkdtemp(prefix="prd-chaos-"))  # paths of sockets are short
    env = _environment(folder, runtime)
    if crash_at is not None:
        env |= {"PYTHONPATH": str(HOOK), "CRASH_FOLDER": str(folder), "CRASH_AT": crash_at}
    repo = Repo(folder / "repo", env)
    named = {f"P{n}": tuple(f"S{m}" for m in range(1, stories + 1)) for n in range(1, prds + 1)}
    for prd_id, names in named.items():
        repo.prd(*_stories(prd_id, names), name=f"tasks/{prd_id}.json", project=prd_id)
    if goes_back:
        named[BACK] = ("B1", "B2")
        repo.prd(*_in_two_goes(), name=f"tasks/{BACK}.json", project=BACK, **ONE_FAILURE)
    repo.put("agent.sh", AGENT, mode=0o755)
    repo.put(".gitignore", ".env\n")
    repo.configure(
        max_workers=6,
        verify={"commands": ["sleep 0.3"]},  # who finishes meanwhile goes with the next train
        worktree={"setup": ["true"], "copy": [".env"]},
        merge={"auto": True, "base": INTO},
        agent={"use": "replay", "command": [str(repo.path / "agent.sh")]},
        restart={
            "backoff_base_s": 0.02,
            "backoff_cap_s": 0.1,
            "max_attempts": 1000,
            "intensity": 1000,
            "period_s": 3600,
        },
    )
    repo.commit()
    repo.put(".env", "TOKEN=a-secret-of-nobody\n")
    repo.git("branch", INTO)
    repo.disown(f"refs/heads/{INTO}")
    tree = Tree(repo, env, folder)
    try:
        yield Scene(tree=tree, stories=named, folder=folder)
    finally:
        tree.end()
        shutil.rmtree(runtime, ignore_errors=True)


def _environment(folder: Path, runtime: Path) -> dict[str, str]:
    home, temporary = folder / "home", folder / "tmp"
    home.mkdir()
    temporary.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "XDG_RUNTIME_DIR": str(runtime),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        MARK: os.environ[MARK],
    }


def _in_two_goes() -> list[dict[str, Any]]:
    """One that is merged, and one that does well only after its PRD went back."""
    kept = f"refs/prd-supervise/salvage/{BACK}/branch/1"
    gone_back = {"run": ["git", "rev-parse", "--quiet", "--verify", kept]}
    return [story("B1"), story("B2", gone_back, write("B2.txt", "B2\n"), dependsOn=["B1"])]


def _stories(prd_id: str, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every fourth story needs the one before it; each agent is bad in another way.

    The first and every third after it write the same file: who is merged later goes again.
    """
    ways: list[list[dict[str, Any]]] = [
        [DEAF, STRAY, NAP],
        [FLOOD, CLOSED],
        [{"fork": {}}, EATEN],
    ]
    made = []
    for number, name in enumerate(names):
        needs = {"dependsOn": [names[number - 1]]} if number % 4 == 1 else {}
        work = [write(f"{name}.txt", f"{name}\n")]
        if number % 3 == 0:
            work.append(write(f"{prd_id}-shared.txt", f"{name}\n"))
        if number % 5 == 4:  # each fifth
            made.append(story(name, agent="command", replay=None, **needs))
        elif number == 2:  # the third kills its worker, and does well after that
            made.append(story(name, replay=[[STRAY, MURDER], work], **needs))
        else:
            bad = ways[number % len(ways)]
            made.append(story(name, *bad, *work, **needs))
    return made
