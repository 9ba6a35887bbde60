from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.e2e_processes import DEADLINE_S
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.terminals import DOWN, ESCAPE, Terminal
from tests.support.tree import COMMAND, Tree

Open = Callable[..., Terminal]
CURSOR, PASTES = 25, 2004
BASH = ("bash", "--norc", "+o", "history", "-i")  # one that leaves no history in its HOME


@pytest.fixture
def terminal(tree: Tree) -> Iterator[Open]:
    opened: list[Terminal] = []

    def begin(
        *words: str,
        command: tuple[str, ...] = (str(COMMAND),),
        env: dict[str, str] | None = None,
        **size: int,
    ) -> Terminal:
        tree.repo.seal_once()
        env = tree.env | (env or {})
        opened.append(Terminal([*command, *words], cwd=tree.repo.path, env=env, **size))
        return opened[-1]

    yield begin
    for each in opened:
        each.end()


def held(repo: Repo, *more: dict[str, object]) -> None:
    """A PRD whose first story works until the test lets it go on."""
    work = [{"say": "at work in here"}, HOLD, write("US-1.txt", "x\n")]
    repo.prd(story("US-1", *work), story("US-2", dependsOn=["US-1"]), *more)
    repo.commit()


def assert_given_back(terminal: Terminal) -> None:
    """The terminal is as it was: its modes, its cursor, its own screen."""
    assert terminal.modes_now == terminal.modes
    assert terminal.has_mode(CURSOR)
    assert not terminal.has_mode(PASTES)
    assert b"\x1b[?1049l" in terminal.received


def test_start_on_a_terminal_shows_the_dashboard_until_the_run_ends(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    screen = terminal("start")
    screen.wait_text("ALPHA", "US-1", "at work in here", "0/2", "q quit")

    tree.go()

    told = screen.wait_exit(0)
    assert "git merge feature/ALPHA" in told
    assert_given_back(screen)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_quitting_leaves_the_run_alive_and_says_how_to_go_on(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    screen = terminal("start")
    screen.wait_text("at work in here")

    screen.type("q")

    told = screen.wait_exit(0)
    assert "the run goes on" in told
    assert "`prd-supervise dashboard` shows it again" in told
    assert_given_back(screen)
    root = tree.status()["root"]
    assert root["state"] == "running"
    assert os.getsid(root["pid"]) == root["pid"]
    again = terminal("dashboard")
    again.wait_text("at work in here", "q quit")
    tree.go()
    again.wait_text("2/2")
    again.type("q")
    again.wait_exit(0)
    tree.wait_gone(DEADLINE_S)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_an_interrupt_asks_once_and_then_stops_gracefully(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    screen = terminal("start", "--grace-s", "3")
    screen.wait_text("at work in here")

    screen.type("\x03")
    screen.wait_text("Stop everything?")
    assert tree.status()["root"]["state"] == "running"
    screen.type("n")
    screen.wait(lambda: "Stop everything?" not in screen.text, "no question")
    screen.type("\x03")
    screen.wait_text("Stop everything?")
    screen.type("y")

    told = screen.wait_exit(75)
    assert "`prd-supervise resume` goes on" in told
    assert_given_back(screen)
    assert tree.prd()["state"] == "stopped"
    assert not tree.everybody()


def test_a_second_interrupt_confirms_and_a_third_hurries(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    screen = terminal("start", "--grace-s", "600")
    screen.wait_text("at work in here")
    screen.type("\x03")
    screen.wait_text("Stop everything?")

    screen.type("\x03")
    screen.wait_text("stopping: agents may finish within 600 s")
    screen.type("\x03")

    screen.wait_exit(75)
    texts = [event["text"] for event in tree.events("stopping")]
    assert texts == ["everything ends within 600 s", "everything ends within 5 s"]


def test_a_closed_terminal_does_not_end_the_run(repo: Repo, tree: Tree, terminal: Open) -> None:
    held(repo)
    screen = terminal("start")
    screen.wait_text("at work in here")

    screen.hang_up()

    screen.process.wait(DEADLINE_S)
    assert tree.status()["root"]["state"] == "running"
    tree.go()
    tree.wait_gone(DEADLINE_S)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_what_is_refused_is_said_without_a_screen(repo: Repo, tree: Tree, terminal: Open) -> None:
    repo.prd(story("US-1", dependsOn=["US-7"]))
    repo.commit()

    screen = terminal("start", columns=200)

    told = screen.wait_exit(78)
    assert told.startswith("prd.json:")
    assert "'US-7' is no story of this PRD" in told
    assert b"\x1b[?1049h" not in screen.received
    assert not repo.state.exists()
    assert not tree.everybody()


def test_a_start_beside_a_root_is_refused_as_it_was(repo: Repo, tree: Tree, terminal: Open) -> None:
    held(repo)
    run = tree.begin("start")
    tree.wait_said("US-1", "at work")

    screen = terminal("start", columns=200)

    assert "root already runs here" in screen.wait_exit(1)
    assert b"\x1b[?1049h" not in screen.received
    tree.go()
    run.wait_exit(0)


def test_a_prd_handed_to_a_running_root_is_shown_until_it_ends(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    repo.prd(story("US-9", project="BETA"), name="beta.json", project="BETA")
    held(repo)
    run = tree.begin("start", "prd.json")
    tree.wait_said("US-1", "at work")

    screen = terminal("start", "beta.json")

    told = screen.wait_exit(0)
    assert "BETA" in told
    assert b"\x1b[?1049h" in screen.received
    assert tree.prd()["state"] == "active"
    tree.go()
    run.wait_exit(0)


@pytest.mark.parametrize("how", [("start", "--plain"), ("start",)])
def test_lines_are_printed_where_they_are_asked_for_or_nothing_else_can_be(
    repo: Repo, terminal: Open, how: tuple[str, ...]
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    env = {} if "--plain" in how else {"TERM": "dumb"}

    screen = terminal(*how, env=env)

    assert "merged" in screen.wait_exit(0)
    assert b"\x1b[?1049h" not in screen.received
    assert b"\x1b[6n" not in screen.received  # nor is the terminal asked anything
    assert b"\x1bP" not in screen.received


def test_pages_of_a_story_show_log_prompt_diff_evidence_and_events(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    first = [{"say": "first words"}, write("new.txt", "brand new\n"), {"say": "last"}, HOLD]
    repo.prd(story("US-1", *first, write("US-1.txt", "x\n")))
    repo.commit()
    screen = terminal("start")
    screen.wait_text("last", "US-1")

    screen.type(DOWN)
    screen.type("l")
    screen.wait_text("[log]", "first words", "last")
    screen.type("p")
    screen.wait_text("[prompt]", "make US-1.txt")
    screen.type("d")
    screen.wait_text("[diff]", "in its worktree", "+brand new")
    screen.type("t")
    screen.wait_text("[events]", "attempt 1 begins")
    screen.type(ESCAPE)
    screen.wait_text("q quit", "At work")
    assert "new.txt" not in repo.git("status", "--porcelain")

    tree.go()
    screen.wait_exit(0)

    after = terminal("dashboard")
    after.wait_text("1/1")
    after.type("d")
    after.wait_text("[diff]")
    after.type(ESCAPE)
    after.wait_text("q quit")
    after.type("qq")
    after.wait_exit(0)


def test_a_story_is_held_and_released_by_keys(repo: Repo, tree: Tree, terminal: Open) -> None:
    held(repo)
    screen = terminal("start")
    screen.wait_text("at work in here", "US-2")

    screen.type(DOWN)
    screen.type(DOWN)
    screen.wait(lambda: any("> " in line and "US-2" in line for line in screen.lines), "the cursor")
    screen.type("h")
    screen.wait_text("Hold ALPHA/US-2?")
    screen.type("y")
    screen.wait_text("held: ALPHA/US-2")
    assert tree.prd()["stories"]["US-2"]["held"]
    screen.type("u")
    screen.wait_text("Release ALPHA/US-2?")
    screen.type("y")
    screen.wait_text("released: ALPHA/US-2")

    tree.go()
    screen.wait_exit(0)


def test_a_prd_that_is_being_stopped_says_so(repo: Repo, tree: Tree, terminal: Open) -> None:
    held(repo)
    screen = terminal("start", "--grace-s", "600")
    screen.wait_text("at work in here")

    screen.type("sy")

    screen.wait(lambda: any("ALPHA" in row and "stopping" in row for row in screen.lines), "it")
    assert tree.prd()["stopping"]
    assert "ALPHA  stopping" in tree.run("status", code=0).out
    tree.go()
    screen.wait_exit(75)
    assert not tree.prd()["stopping"]


def test_a_root_that_is_killed_is_told_with_what_to_type_next(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    screen = terminal("start")
    screen.wait_text("at work in here")

    os.kill(tree.status()["root"]["pid"], signal.SIGKILL)

    told = screen.wait_exit(137)
    assert "was ended from outside: Killed" in told
    assert "`prd-supervise resume` goes on" in told
    assert "--- progress" not in told
    assert_given_back(screen)
    tree.go()
    tree.begin("resume").wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_what_is_pasted_orders_nothing(repo: Repo, tree: Tree, terminal: Open) -> None:
    held(repo)
    screen = terminal("start")
    screen.wait_text("at work in here")

    screen.type("\x1b[200~Sy\nq\x1b[201~")
    screen.type("?")

    screen.wait_text("this page")
    assert tree.status()["root"]["state"] == "running"
    assert screen.process.poll() is None
    screen.type(ESCAPE)
    screen.wait(lambda: "this page" not in screen.text, "the end of the help")

    screen.type("/\x1b[200~its end never comes")
    screen.wait_text("its end never comes")
    screen.type(ESCAPE)

    tree.go()
    screen.wait_exit(0)


def test_a_terminal_may_change_its_size_in_the_middle(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    screen = terminal("start", columns=200, rows=40)
    screen.wait_text("at work in here", "feature/ALPHA")

    screen.resize(40, 12)
    screen.wait(lambda: "q" in screen.lines[-1] and len(screen.lines) == 12, "the small screen")
    screen.wait_text("ALPHA", "US-1")
    screen.resize(120, 30)
    screen.wait_text("at work in here", "q quit")

    tree.go()
    screen.wait_exit(0)


def test_a_dashboard_that_is_suspended_gives_the_terminal_back_and_takes_it_again(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    shell = terminal(command=BASH, env={"PS1": "here$ "})
    shell.wait_text("here$")
    shell.type(f"{COMMAND} start\r")
    shell.wait_text("at work in here", "q quit")

    shell.type("\x1a")  # ^Z
    shell.wait_text("Stopped", "here$")
    assert shell.has_mode(CURSOR)
    shell.type("fg\r")
    shell.wait(lambda: not shell.has_mode(CURSOR), "no cursor")
    shell.wait_text("at work in here", "q quit")

    tree.go()
    shell.wait_text("git merge feature/ALPHA")
    # The emulator has one screen only: of the last picture something stands below.
    shell.wait(lambda: "here$" in shell.lines, "the prompt")
    shell.type("exit\r")
    shell.wait_exit(0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_the_dashboard_alone(
    repo: Repo, tree: Tree, terminal: Open, number: signal.Signals
) -> None:
    held(repo)
    screen = terminal("start")
    screen.wait_text("at work in here")

    screen.signal(number)

    screen.wait_exit(129)
    assert_given_back(screen)
    assert tree.status()["root"]["state"] == "running"
    tree.go()
    tree.wait_gone(DEADLINE_S)


def test_a_root_that_ends_and_comes_again_is_followed(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    first = tree.begin("start", "--grace-s", "2")
    tree.wait_said("US-1", "at work")
    screen = terminal("dashboard")
    screen.wait_text("running", "at work in here")

    first.signal(signal.SIGTERM)
    first.wait_exit(75)
    screen.wait_text("stopped")
    tree.go()
    tree.begin("resume").wait_exit(0)

    screen.wait_text("2/2")
    screen.type("q")
    screen.wait_exit(0)


def test_a_dashboard_without_a_terminal_prints_lines_until_root_ends(
    repo: Repo, tree: Tree
) -> None:
    held(repo)
    run = tree.begin("start")
    tree.wait_said("US-1", "at work")
    looking = tree.begin("dashboard")
    looking.wait_line("[ALPHA/US-1]")

    tree.go()

    told = looking.wait_exit(0)
    assert "note: this is no terminal" in told
    assert "[ALPHA]" in told
    assert "\x1b" not in told
    run.wait_exit(0)


def test_a_dashboard_that_stands_still_is_dropped_and_slows_nothing(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    loud = {"run": ["sh", "-c", "i=0; while [ $i -lt 300 ]; do echo $i; i=$((i+1)); done"]}
    repo.prd(*(story(f"US-{at}", loud, write(f"US-{at}.txt", "x\n")) for at in range(6)))
    repo.prd(story("US-H", HOLD, write("US-H.txt", "x\n")), name="held.json", project="HELD")
    repo.commit()
    run = tree.begin("start", "prd.json", "held.json")
    tree.wait_event("attempt_started", prd="HELD")
    screen = terminal("dashboard")
    screen.wait_text("HELD", "q quit")

    screen.signal(signal.SIGSTOP)  # it reads no more, and nobody reads what it has drawn
    tree.wait_event("prd_completed", prd="ALPHA")
    assert tree.status()["root"]["state"] == "running"
    screen.signal(signal.SIGCONT)

    screen.wait_text("6/6")
    screen.type("q")
    screen.wait_exit(0)
    tree.go()
    run.wait_exit(0)


def test_a_terminal_that_does_not_read_holds_up_neither_root_nor_the_keys(
    repo: Repo, tree: Tree, terminal: Open
) -> None:
    held(repo)
    run = tree.begin("start")
    tree.wait_said("US-1", "at work")
    screen = terminal("dashboard", columns=200, rows=50)
    screen.wait_text("at work in here", "q quit")

    for _ in range(400):  # whole pictures, far more than a pty takes; nobody reads them
        screen.type("\x0c")
    tree.go()
    run.wait_exit(0)
    screen.type("?")

    screen.wait_text("help")
    screen.type(ESCAPE)
    screen.wait_text("2/2")
    screen.type("q")
    screen.wait_exit(0)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_the_dashboard_works_inside_tmux(repo: Repo, tree: Tree, runtime_dir: Path) -> None:
    held(repo)
    repo.seal_once()
    server = ["tmux", "-S", str(runtime_dir / "tmux"), "-f", "/dev/null"]

    def tmux(*words: str) -> str:
        done = subprocess.run(
            [*server, *words],
            cwd=repo.path,
            env=tree.env | {"SHELL": "/bin/sh"},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stdout

    def shows(*texts: str) -> None:
        def is_there() -> bool:
            pane = tmux("capture-pane", "-p")
            return all(text in pane for text in texts)

        tree.wait(is_there, f"{texts} in tmux")

    tmux("new-session", "-d", "-x", "200", "-y", "40", "sh")
    tmux("set-option", "-g", "window-size", "manual")
    try:
        tmux("send-keys", f"{COMMAND} start", "Enter")
        shows("at work in here", "feature/ALPHA", "q quit")
        tmux("resize-window", "-x", "40", "-y", "14")
        shows("ALPHA", "US-1", "q")
        wide = [line for line in tmux("capture-pane", "-p").splitlines() if len(line) > 40]
        assert not wide
        tmux("resize-window", "-x", "100", "-y", "30")
        tmux("send-keys", "Down", "l")
        shows("[log]", "at work in here")
        tmux("send-keys", "Escape")
        shows("q quit")
        tmux("send-keys", "q")
        shows("the run goes on")
        assert tree.status()["root"]["state"] == "running"
        tree.go()
        tree.wait_event("root_ended")
    finally:
        tmux("kill-server")
        (runtime_dir / "tmux").unlink(missing_ok=True)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_how_far_it_is_is_told_between_the_events(repo: Repo, tree: Tree) -> None:
    repo.configure(progress_every_s=0.2)
    held(repo)
    run = tree.begin("start")

    run.wait_line("--- progress at ")
    line = run.wait_line("[ALPHA/US-1]")
    whole = run.wait_line("[ALPHA] ")
    tree.go()
    out = run.wait_exit(0)

    assert "attempt 1, replay: make US-1.txt" in line
    assert "#" not in whole
    assert "0/2" in whole
    assert "[##########" in out or "1/2" not in out
    assert "\x1b" not in out


def test_without_an_interval_events_alone_are_printed(repo: Repo, tree: Tree) -> None:
    repo.configure(progress_every_s=0)
    held(repo)
    run = tree.begin("start")
    tree.wait_said("US-1", "at work")
    tree.go()
    assert "--- progress" not in run.wait_exit(0)
