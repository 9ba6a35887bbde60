from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.shell.lines import line_of, safe
from prd_supervise.supervisor.shell.storage.eventlog import Event
from prd_supervise.supervisor.ui.printer import printer

EVENT: Event = {
    "v": 1,
    "at": "2026-11-20T22:03:04.567+00:00",
    "event": "attempt_failed",
    "prd": "PRD-001",
    "story": "US-003",
    "attempt": 2,
    "text": "`make test` exited with 2",
}


pytestmark = pytest.mark.usefixtures("in_utc")


def test_an_event_is_a_line_of_time_place_word_and_text() -> None:
    assert line_of(EVENT) == (
        "22:03:04  PRD-001/US-003      attempt failed    `make test` exited with 2"
    )


def test_an_event_of_root_s_own_names_no_prd() -> None:
    event = EVENT | {"prd": None, "story": None, "event": "root_started", "text": "root is pid 7"}
    assert line_of(event) == "22:03:04  root                root is pid 7"


def test_an_event_without_a_text_ends_with_its_word() -> None:
    event = EVENT | {"story": None, "event": "merged", "text": ""}
    assert line_of(event) == "22:03:04  PRD-001             merged"


@pytest.mark.parametrize(
    "evil",
    [
        "\x1b[2J",
        "\x1b]0;title\x07",
        "a\rb",
        "a\nb",
        "\x9b31m",
        "\u202e",
        "\u2028",
        "\x00",
        "\udc80",
    ],
)
def test_nothing_that_a_terminal_would_obey_gets_into_a_line(evil: str) -> None:
    line = line_of(EVENT | {"text": f"before {evil} after"})
    assert line.isprintable()
    assert "before " in line
    assert line.endswith(" after")


@settings(deadline=None)
@given(text=st.text())
def test_safe_text_is_one_printable_line_of_the_same_length(text: str) -> None:
    assert safe(text).isprintable()
    assert len(safe(text)) == len(text)


def test_umlauts_and_signs_of_other_scripts_stay(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert safe("Grüße, 世界 → ✓") == "Grüße, 世界 → ✓"
    printer()(EVENT)
    assert capsys.readouterr().out == line_of(EVENT) + "\n"


CODE = f"""
import sys
from prd_supervise.supervisor.ui.printer import printer
show = printer()
if sys.argv[1:]:
    print(sys.stdin.read(), end="", file=sys.stderr)
for _ in range(3):
    show({EVENT!r})
print("went on", file=sys.stderr)
"""


@pytest.mark.slow
def test_a_full_disk_under_the_output_does_not_end_the_night() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        argv = [sys.executable, "-c", CODE]
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "went on\n")


@pytest.mark.slow
def test_a_reader_that_has_gone_does_not_end_the_night() -> None:
    ours, theirs = os.pipe()
    argv = [sys.executable, "-c", CODE, "wait"]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=theirs, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(theirs)
        os.close(ours)
        _, told = process.communicate("", timeout=60)
    assert (process.returncode, told) == (0, "went on\n")
