"""States as earlier versions have left them: kept with a neutral place in them, laid out anywhere.

A sample is a folder with `state/`, what stood in .prd-supervise but for worktrees and sockets;
`repository`, the repository as `git fast-export` tells it; and `expected.json`, how `status` of the
version that wrote it said everything stood.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from prd_supervise.supervisor.shell.storage.journal import checked, line_of
from tests.support.e2e_repo import Repo

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "state"
PLACE = "/home/user/project"
BOOT = "00000000-0000-4000-8000-000000000000"
AHEAD_S = 3600.0
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOT_KEPT = {"worktrees", "homes", "backups", "prd-file", "lock", "prompt.md", "replay.json"}
_LOGS = {"journal.log", "agent.log"}

Edit = Callable[[bytes], bytes]


def samples() -> list[Path]:
    """The kept samples."""
    return sorted(path.parent for path in SAMPLES.glob("*/*/expected.json"))


def keep(repo: Repo, sample: Path, expected: dict[str, Any]) -> None:
    """Make a sample of a repository in which no root runs."""
    around = repo.path.parent

    def edit(text: bytes) -> bytes:
        for place, neutral in ((repo.path, PLACE), (around, str(Path(PLACE).parent))):
            text = text.replace(str(place).encode(), neutral.encode())
        return _UUID.sub(BOOT.encode(), text)

    for path in _files(repo.state):
        place = sample / "state" / path.relative_to(repo.state)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_edited(path, edit))
    (sample / "repository").write_text(repo.git("fast-export", "--all") + "\n", encoding="utf-8")
    (sample / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


def lay_out(sample: Path, repo: Repo) -> dict[str, Any]:
    """Put a sample into a repository without a commit; give what is expected of it.

    Its limits, which were in the future then, are so now.
    """
    expected = json.loads((sample / "expected.json").read_text(encoding="utf-8"))
    assert isinstance(expected, dict)
    soon = time.time() + AHEAD_S
    limits = [each for each in expected["agents"].values() if each[1] is not None]

    def edit(text: bytes) -> bytes:
        for _, until in limits:
            text = text.replace(str(until).encode(), str(soon).encode())
        return text.replace(PLACE.encode(), str(repo.path).encode())

    with (sample / "repository").open("rb") as stream:
        command = ["git", "fast-import", "--quiet", "--force"]
        subprocess.run(command, cwd=repo.path, env=repo.env, stdin=stream, check=True)
    repo.git("reset", "-q", "--hard", "main")
    with (repo.path / ".git" / "info" / "exclude").open("a", encoding="utf-8") as exclude:
        exclude.write("/.prd-supervise/\n")  # as the version that ran there has done
    state = sample / "state"
    for path in _files(state):
        place = repo.state / path.relative_to(state)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.write_bytes(_edited(path, edit))
    for each in limits:
        each[1] = soon
    return expected


def essence(status: dict[str, Any]) -> dict[str, Any]:
    """What of a status document has to outlive a version."""
    stories = {
        f"{prd['id']}/{story['id']}": [story["state"], story["attempt"], story.get("held", False)]
        for prd in status["prds"]
        for story in prd["stories"]
    }
    return {
        "prds": {prd["id"]: prd["state"] for prd in status["prds"]},
        "stories": stories,
        "agents": {
            each["agent"]: [each["state"], each["until"]] for each in status.get("agents", [])
        },
    }


def _files(state: Path) -> Iterator[Path]:
    for path in sorted(state.rglob("*")):
        is_kept = not _NOT_KEPT & {*path.relative_to(state).parts}
        is_log = path.suffix == ".log" and path.parent.name != "history"
        if path.is_file() and is_kept and (not is_log or path.name in _LOGS):
            yield path


def _edited(path: Path, edit: Edit) -> bytes:
    """A file's text, edited; a journal's lines keep being what their checksums say."""
    text = path.read_bytes()
    if path.name != "journal.log" and path.parent.name != "history":
        return edit(text)
    lines = text.split(b"\n")
    for index, line in enumerate(lines):
        numbered = checked(line)
        lines[index] = (
            edit(line)
            if numbered is None
            else line_of(numbered[0], edit(numbered[1])).removesuffix(b"\n")
        )
    return b"\n".join(lines)
