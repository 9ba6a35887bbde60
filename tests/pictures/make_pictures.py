"""`make pictures`: the pictures of the README, from a real run in a terminal of its own."""

from __future__ import annotations

import base64
import os
import shutil
import sys
import tempfile
import uuid
from pathlib import Path

import pyte

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.pictures.cells import rows_of
from tests.pictures.drawing import picture
from tests.pictures.night import night
from tests.support.browser import browser, browser_path
from tests.support.e2e_processes import MARK, bearers, kill
from tests.support.e2e_repo import Repo
from tests.support.terminals import DOWN, ESCAPE, Screen, Terminal
from tests.support.tree import COMMAND, Tree

PLACE = Path(__file__).resolve().parents[2] / "docs" / "pictures"
COLUMNS, ROWS, PAGE_ROWS = 104, 36, 16
END_ROWS = 18
PAGE_WIDTH, PAGE_HEIGHT = 900, 900


def shown(said: str) -> Screen:
    """The last rows of a terminal on which this was printed."""
    screen = Screen(COLUMNS, END_ROWS)
    pyte.Stream(screen).feed(said.rstrip().replace("\n", "\r\n"))
    return screen


class Camera:
    """Takes what a command shows in a terminal, and keeps it as pictures."""

    def __init__(self, tree: Tree, place: Path) -> None:
        self._tree = tree
        self._place = place
        self._opened: list[Terminal] = []

    def open(self, *words: str, columns: int = COLUMNS, rows: int = ROWS) -> Terminal:
        """Run the command in a terminal."""
        self._opened.append(
            Terminal(
                [str(COMMAND), *words],
                cwd=self._tree.repo.path,
                env=self._tree.env,
                columns=columns,
                rows=rows,
            )
        )
        return self._opened[-1]

    def take(self, screen: Screen, name: str, title: str, *, until: str = "") -> Path:
        """Keep what stands there, or what stands above the row whose first words are these."""
        rows = rows_of(screen)
        if until:
            last = next(at for at, row in enumerate(rows) if row and row[0].text == until)
            rows = rows[: last - 1]
        path = self._place / f"{name}.svg"
        path.write_text(picture(rows, columns=screen.columns, title=title), encoding="utf-8")
        return path

    def close(self) -> None:
        """End what a failure has left."""
        for each in self._opened:
            each.end()


def take_pictures(tree: Tree, camera: Camera) -> None:
    """Let the night begin, look at it, let it end, and look at what it says."""
    screen = camera.open("start")
    wait_for_all(tree, screen)
    screen.type("\r")  # the first PRD is unfolded
    screen.wait_text("US-007", "Prices in euros")
    screen.wait(lambda: _goes_to(screen, "US-003"), "the cursor on it")
    camera.take(screen.screen, "dashboard", "prd-supervise dashboard")
    look_at_a_story(screen)
    camera.take(screen.screen, "story", "prd-supervise dashboard: a story and its log")
    screen.type(ESCAPE)
    screen.resize(COLUMNS, ROWS)
    tree.run("approve", "search/SEA-2", code=0)
    tree.run("release", "--agent", "gemini", code=0)
    tree.go()
    said = screen.wait_exit(1)
    camera.take(shown(said), "end", "prd-supervise start: the end of the run")
    after = camera.open("report", rows=100)
    after.wait_exit(0)
    camera.take(after.screen, "report", "prd-supervise report", until="mail")


def wait_for_all(tree: Tree, screen: Terminal) -> None:
    """Wait until one story of each kind is on the screen."""
    tree.wait_event("attempt_started", prd="shop", story="US-003", count=2)
    tree.wait_said("SEA-3", "latest words", prd="search")
    tree.wait_event("story_failed", story="US-004")
    tree.wait_event("approval_wanted", story="SEA-2")
    tree.wait_event("agent_parked")
    tree.wait_said("US-003", "pay twice", 2, prd="shop")
    screen.wait_text("pay twice", "latest words", "MiB", "gemini")


def look_at_a_story(screen: Terminal) -> None:
    """Open the log of the story under the cursor."""
    screen.type("l")
    screen.resize(COLUMNS, PAGE_ROWS)
    screen.wait_text("[log]", "pay twice")


def _goes_to(screen: Terminal, text: str) -> bool:
    if any("> " in line[:6] and text in line for line in screen.lines):
        return True
    screen.type(DOWN)
    return False


def environment(folder: Path) -> dict[str, str]:
    """Where nothing of this machine's user is seen or touched."""
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "XDG_RUNTIME_DIR": str(folder),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        MARK: os.environ[MARK],
    }


def take_page(tree: Tree, folder: Path) -> None:
    """The report's page, where there is a browser."""
    page = folder / "report.html"
    tree.run("report", "--html", "-o", str(page), code=0)
    with browser() as found:
        found.load(page.as_uri(), width=PAGE_WIDTH, height=PAGE_HEIGHT)
        end = found.value("document.querySelector('svg').getBoundingClientRect().bottom")
        clip = {"x": 0, "y": 0, "width": PAGE_WIDTH, "height": end + 60, "scale": 1}
        form = {"format": "webp", "quality": 92}  # a third of a PNG
        taken = found.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True, **form)
        (PLACE / "report-page.webp").write_bytes(base64.b64decode(taken["data"]))


def run(folder: Path) -> None:
    """Play the night in this folder."""
    env = environment(folder)
    repo = Repo(folder / "shop", env)
    night(repo)
    tree = Tree(repo, env, folder)
    camera = Camera(tree, PLACE)
    try:
        take_pictures(tree, camera)
        if browser_path():
            take_page(tree, folder)
    finally:
        camera.close()
        tree.end()
        for each in bearers(os.environ[MARK]):
            kill(each.pid)


def main() -> int:
    """Make all of them."""
    os.environ[MARK] = uuid.uuid4().hex
    PLACE.mkdir(exist_ok=True)
    folder = Path(tempfile.gettempdir(), "pictures")  # the pictures show it: the same every time
    folder.mkdir()
    try:
        run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for path in sorted(PLACE.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
