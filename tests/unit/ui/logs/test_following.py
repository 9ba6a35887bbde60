from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.logs import following
from prd_supervise.supervisor.ui.logs.following import KEPT_BYTES, Follower
from prd_supervise.supervisor.ui.logs.opened import Opened
from prd_supervise.supervisor.ui.logs.printing import Printer
from prd_supervise.supervisor.ui.logs.sources import Log, Stage

Act = Callable[[], object]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look follows the one before at once, and each asks whether it is over."""
    monkeypatch.setattr(following, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(following, "LIST_EVERY_S", 0.0)


def log_of(path: Path, story: str = "A", attempt: int = 1) -> Log:
    return Log(
        path=path,
        prd_id="P",
        story_id=story,
        attempt=attempt,
        stage=Stage.AGENT,
        label="agent",
        rank=2,
    )


def followed(known: list[Log], *acts: Act) -> None:
    """Follow these logs; whenever it is asked whether it is over, the next thing happens."""
    printer = Printer(has_colour=False, has_prefix=True)
    printer.know(known)
    follower = Follower(lambda: known, printer)
    for log in known:
        follower.begin(log, Opened(log.path))
    left = list(acts)

    def is_over() -> bool:
        if left:
            left.pop(0)()
            return False
        return True

    follower.follow(is_over)


def append(path: Path, text: str) -> Act:
    def act() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(text)

    return act


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_what_grows_is_shown_and_half_a_line_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "agent.log"
    followed([log_of(path)], append(path, "one\ntw"), append(path, "o\nthr"), append(path, "ee"))
    assert shown(capsys) == ["A#1 agent   | one", "A#1 agent   | two", "A#1 agent   | three"]


def test_new_attempts_and_stories_are_shown_in_a_column_that_grows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "1" / "agent.log", tmp_path / "2" / "agent.log"
    known = [log_of(first)]

    def again() -> None:
        append(second, "again\n")()
        known.append(log_of(second, "LONG-NAME", 2))

    followed(known, append(first, "one\n"), again, append(first, "late\n"))
    assert shown(capsys) == [
        "A#1 agent   | one",
        "LONG-NAME#2 agent   | again",
        "A#1         agent   | late",
    ]


def test_a_log_that_is_emptied_or_replaced_is_followed_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, fresh = tmp_path / "agent.log", tmp_path / "fresh"

    def replace() -> None:
        fresh.write_text("third\n")
        fresh.replace(path)

    followed(
        [log_of(path)],
        append(path, "the first\n"),
        lambda: path.write_text("second\n"),
        replace,
        path.unlink,
        append(path, "fourth\n"),
    )
    assert [line.rpartition("| ")[2] for line in shown(capsys)] == [
        "the first",
        "second",
        "third",
        "fourth",
    ]


@pytest.mark.slow
def test_what_is_printed_too_fast_is_passed_over_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "agent.log"

    def flood() -> None:
        with path.open("wb") as file:
            file.truncate(70 << 20)
            file.seek(0, 2)
            file.write(b"\n" + b"x" * 20 + b"\nlast\n")

    followed([log_of(path)], flood)
    lines = shown(capsys)
    passed = (70 << 20) + 27 - KEPT_BYTES
    assert lines[0] == f"A#1 agent   | ... {passed:,} bytes were printed too fast to be shown"
    assert lines[-2:] == [f"A#1 agent   | {'x' * 20}", "A#1 agent   | last"]
