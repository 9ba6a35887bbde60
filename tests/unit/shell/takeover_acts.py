"""What is left of a state whose taking over is killed, before each of its steps on the disk."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[3]))

from prd_supervise.supervisor.shell.storage.found import AnotherVersionError
from prd_supervise.supervisor.shell.storage.taking_over import take_over
from prd_supervise.supervisor.shell.storage.versions import known_version
from tests.unit.shell.takeover_words import MIGRATIONS, documents, layout_in, make_old_state

KILLED = 9
_STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree"}


def is_killed_everywhere(folder: Path) -> dict[str, Any]:
    """Kill it before its first step, its second ... until it comes to its end.

    In memory where that can be: it is thousands of syncs.
    """
    memory = Path("/dev/shm")  # noqa: S108  a folder of its own in it
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else folder) as made:
        return _killed_everywhere(Path(made))


def _killed_everywhere(folder: Path) -> dict[str, Any]:
    old = folder / "old"
    make_old_state(layout_in(old))
    before = documents(old)
    shutil.copytree(old, folder / "whole")
    take_over(layout_in(folder / "whole"), MIGRATIONS)
    after = documents(folder / "whole")
    halves: list[int] = []
    step = 0
    while True:
        step += 1
        place = folder / "killed"
        shutil.copytree(old, place)
        is_over = _killed_before(step, place) == 0
        if not (_is_refused(place) or documents(place) == before):
            halves.append(step)  # an older program would go on with what is no state of its own
        take_over(layout_in(place), MIGRATIONS)
        kept = documents(place / ".prd-supervise" / "backups" / "state-1")
        if documents(place) != after or kept != documents(old / ".prd-supervise"):
            halves.append(step)
        shutil.rmtree(place)
        if is_over:
            return {"steps": step, "halves": halves, "differs": before != after}


def _killed_before(step: int, place: Path) -> int:
    pid = os.fork()
    if pid == 0:
        left = step

        def count(event: str, _arguments: tuple[object, ...]) -> None:
            nonlocal left
            left -= event in _STEPS
            if not left:
                os._exit(KILLED)

        sys.addaudithook(count)
        take_over(layout_in(place), MIGRATIONS)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _is_refused(place: Path) -> bool:
    try:
        known_version(layout_in(place), until=1)
    except AnotherVersionError:
        return True
    return False


if __name__ == "__main__":
    sys.stdout.write(json.dumps(globals()[sys.argv[1]](Path(sys.argv[2]))))
