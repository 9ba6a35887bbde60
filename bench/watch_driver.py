"""A root with many stories on its board, some of which change all the time: what it takes to tell.

It prints its processor time as a share of a core. Arguments: how many watch, and for how long.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from prd_supervise.supervisor.core.root.records import PrdAccepted, PrdBegun
from prd_supervise.supervisor.shell.control.operator import Operator, serve_control
from prd_supervise.supervisor.shell.root.ears import call_all
from prd_supervise.supervisor.shell.root.process import RootProcess
from prd_supervise.supervisor.shell.run_settings import RootSettings
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.workers.messages.agents import AgentRules
from prd_supervise.workers.messages.prd import Limits, PrdReport, StoryView

PRDS, STORIES = 50, 20
CHANGES_PER_S = 20
CLIENTS = """
import selectors, sys, time
from pathlib import Path
from prd_supervise.supervisor.shell.control.client import NoRootError
from prd_supervise.supervisor.shell.control.watching import Watching
chooser = selectors.DefaultSelector()
for _ in range(int(sys.argv[2])):
    while True:
        try:
            watching = Watching(Path(sys.argv[1]))
            break
        except NoRootError:  # too many are at the door
            time.sleep(0.01)
    watching.ask("watch")
    chooser.register(watching, selectors.EVENT_READ, watching)
while True:
    for key, _ in chooser.select():
        key.data.said()
"""


def main() -> None:
    """Measure."""
    count, window_s = int(sys.argv[1]), float(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="prd-watch-") as name:
        top = Path(name)
        layout = Layout(
            repository=top,
            common_dir=top / ".git",
            state_dir=top / "state",
            worktrees=top / "worktrees",
        )
        root = made(layout)
        words = [sys.executable, "-c", CLIENTS, str(layout.control_socket), str(count)]
        clients = [subprocess.Popen(words, stdout=subprocess.DEVNULL)] if count else []
        numbers = itertools.count()

        def change() -> None:
            number = next(numbers)
            prd_id, story = f"PRD-{number % PRDS:03}", view(number % STORIES, number)
            report = PrdReport(branch="feature/x", base="0123", stories=(story,))
            root.board.on_report(prd_id, report, time.time())
            root.loop.call_at(root.loop.now_s() + 1 / CHANGES_PER_S, change)

        change()
        run(root, 2.0)
        began_s, cpu_s = time.monotonic(), time.process_time()
        run(root, window_s)
        print(100 * (time.process_time() - cpu_s) / (time.monotonic() - began_s))
        for client in clients:
            client.kill()
            client.wait()
        call_all(root.on_close)


def run(root: RootProcess, seconds: float) -> None:
    """Let the loop turn for so long, as root does."""
    until_s = root.loop.now_s() + seconds
    while root.loop.now_s() < until_s:
        root.loop.run_once()
        root.turn()
        call_all(root.on_turn)


def made(layout: Layout) -> RootProcess:
    """A root that has everything on its board and no child."""
    settings = RootSettings(
        max_prds=PRDS,
        api_limit=10,
        grace_s=60.0,
        fail_fast=False,
        limits=Limits(),
        agents=AgentRules(specs=()),
        verify=(),
        verify_env=(),
    )
    layout.common_dir.mkdir()
    root = RootProcess(layout, settings, lambda _: None)
    serve_control(root, layout, Operator(root, layout))
    for number in range(PRDS):
        prd_id = f"PRD-{number:03}"
        accepted = PrdAccepted(prd_id=prd_id, title="x" * 40, path=f"/r/{prd_id}.json", base="0123")
        root.board.on_record(accepted, time.time())
        root.board.on_record(PrdBegun(prd_id=prd_id), time.time())
        stories = tuple(view(each, 0) for each in range(STORIES))
        report = PrdReport(branch="feature/x", base="0123", stories=stories, is_whole=True)
        root.board.on_report(prd_id, report, time.time())
    return root


def view(story: int, number: int) -> StoryView:
    """A story, in one of two states."""
    state = "running" if number // STORIES % 2 else "verifying"
    return StoryView(
        story_id=f"US-{story:03}",
        title="a title of some length, as people write them",
        state=state,
        attempt=1 + number % 3,
        reason="a reason of some length, as the core says them",
        worktree="/home/user/project/.prd-supervise/worktrees/PRD-001.1",
        agent="claude",
        model="opus",
    )


if __name__ == "__main__":
    main()
