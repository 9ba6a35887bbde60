from __future__ import annotations

import locale
import os
import resource
import signal
import sys
import time
from pathlib import Path

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.ceilings.memory import Memory, read_memory
from prd_supervise.supervisor.shell.repository.checkout import Checkout
from prd_supervise.supervisor.ui.doctor import git, kernel, places, system, terminal
from prd_supervise.supervisor.ui.doctor.check import Check, done
from prd_supervise.supervisor.ui.doctor.deadline import TooLongError, within
from prd_supervise.supervisor.ui.doctor.grammars import grammars
from prd_supervise.supervisor.ui.doctor.memory import judged, stories_at_once
from prd_supervise.supervisor.ui.doctor.show import summary, text_of
from prd_supervise.supervisor.ui.doctor.words import Level, Line, fail, ok, warn
from prd_supervise.supervisor.ui.looks.columns import cells
from prd_supervise.supervisor.ui.settings.config import Settings
from prd_supervise.workers.process import capabilities
from tests.support.without import NOTHING

GIB = 1 << 30


def settings(**values: object) -> Settings:
    return Settings.model_validate(values)


def memory(available: float, total: float = 64) -> Memory:
    return Memory(total=int(total * GIB), available=int(available * GIB))


# --- memory against ceilings --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "free", "prds", "level", "words"),
    [
        ({}, 32, 1, "ok", "3 stories at once may use 4 GiB each"),
        ({}, 8, 1, "warn", "8 GiB of 64 GiB are free, but 3 stories at once"),
        ({}, 32, 3, "warn", "9 stories at once may use 4 GiB each: 36 GiB"),
        ({"api_limit": 4}, 17, 3, "ok", "4 stories at once"),
        ({"max_prds": 1}, 13, 9, "ok", "3 stories at once"),
        ({"limits": {"memory_high": "1GiB"}}, 4, 1, "ok", "1 GiB each"),
        ({"limits": {"run_memory_max": "6GiB"}}, 8, 3, "ok", "4 GiB each"),
        ({"max_workers": 0}, 8, 3, "ok", "nobody can say"),
        ({"max_workers": "auto"}, 8, 3, "ok", "nobody can say"),
        ({"limits": {"memory_high": 0, "memory_max": 0}}, 8, 3, "warn", "no story has a ceiling"),
        ({"max_workers": 1}, 0.5, 1, "warn", "512 MiB of 64 GiB are free"),
    ],
)
def test_what_stories_may_use_is_held_against_what_is_free(
    values: dict[str, object], free: float, prds: int, level: str, words: str
) -> None:
    line = judged(settings(**values), memory(free), prds=prds)
    assert (line.level.value, words in line.text) == (level, True), line
    assert bool(line.advice) == (level == "warn")


def test_the_advice_is_a_number_of_stories_that_fits() -> None:
    line = judged(settings(), memory(9), prds=1)
    assert line.advice.startswith("max_workers = 2, ")
    assert stories_at_once(settings(max_workers=2), prds=1) == 2
    assert judged(settings(max_workers=2), memory(9), prds=1).level is Level.OK


def test_this_machine_has_some_memory() -> None:
    found = read_memory()
    assert 0 <= found.available <= found.total
    assert found.total > GIB // 8


# --- each check is bounded, and told whatever comes ---------------------------------------------


def looked(look: object, within_s: float = 10.0) -> Line:
    check = Check(group="Git", subject="it", look=look, within_s=within_s)  # type: ignore[arg-type]
    (line,) = done(check)
    assert line.group == "Git"
    return line


def test_what_takes_too_long_is_told_and_no_alarm_is_left() -> None:
    def hang() -> Line:
        signal.pause()
        return ok("it", "never")

    before = signal.getsignal(signal.SIGALRM)
    line = looked(hang, within_s=0.01)
    assert line.level is Level.WARN
    assert "could not be looked at within" in line.text
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_hangs_in_a_program_is_ended_with_it() -> None:
    with pytest.raises(TooLongError), within(0.01):
        time.sleep(600)


def test_what_the_system_refuses_is_a_line() -> None:
    def refuse() -> Line:
        raise PermissionError(13, "not\x1b yours", "/a/disk")

    line = looked(refuse)
    assert line.level is Level.WARN
    assert "yours" in line.text
    assert looked(lambda: [fail("it", "no", "mend")]).level is Level.FAIL


# --- what is shown ------------------------------------------------------------------------------

LINES = (
    Line(Level.OK, "git", "2.39.5", "", "Git"),
    Line(Level.WARN, "file scopes", "a \x1b[31m日本語 " + "long " * 40, "do this", "PRDs"),
    Line(Level.FAIL, "git", "x" * 300, "and that " * 20, "Git"),
)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_line_fits_and_levels_stand_below_each_other(width: int) -> None:
    shown = text_of(LINES, width=width)
    assert max(map(cells, shown)) <= width
    assert "\x1b" not in "".join(shown)
    heads = [line for line in shown if line.startswith(("  ok ", "  warn ", "  fail "))]
    assert {line.index(word) for line, word in zip(heads, ("git", "git", "file"), strict=True)} == {
        8
    }
    assert [line for line in shown if line in {"Git", "PRDs"}] == ["Git", "PRDs"]
    assert " ".join(shown).count("do this") == 1


def test_colours_change_no_width() -> None:
    plain = text_of(LINES, width=80)
    painted = text_of(LINES, width=80, paint=lambda text, tone: f"<{tone}>{text}</>")
    assert "  <fail>fail</>  git " in "\n".join(painted)
    for tone in ("ok", "warn", "fail", "head"):
        painted = [line.replace(f"<{tone}>", "").replace("</>", "") for line in painted]
    assert painted == plain


def test_the_last_line_counts_and_names_what_to_type() -> None:
    assert summary(LINES) == "1 failed, 1 warned, 1 ok; mend what fails first"
    assert summary(LINES[:1]) == "0 failed, 0 warned, 1 ok; next: `prd-supervise start`"
    assert summary((warn("agent", "x", "y"),)) == "0 failed, 1 warned, 0 ok"
    none = replace(warn("PRDs", "none is found", "`prd-supervise init` writes one"), group="PRDs")
    assert summary((none,)).endswith("; next: see to the PRDs, then `prd-supervise start`")


def test_a_repository_that_cannot_be_written_is_not_taken_for_a_broken_one(tmp_path: Path) -> None:
    checkout = Checkout(top=tmp_path, common_dir=tmp_path / ".git", head="", branch="main")
    (line,) = git.repository_lines(checkout)
    assert (line.level, line.text) == (Level.FAIL, f"{tmp_path}/.git cannot be written")


# --- the machine --------------------------------------------------------------------------------


def test_the_grammars_that_we_come_with_are_usable() -> None:
    line = grammars()
    assert line.level is Level.OK
    assert "Rust" in line.text


def test_a_zone_that_there_is_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Nowhere")
    assert "TZ=Europe/Nowhere is no time zone here" in system.clock(None).text
    for zone in ("UTC", "", "CET-1CEST", "Europe/Berlin"):
        monkeypatch.setenv("TZ", zone)
        assert system.clock(None).level is Level.OK


def test_a_clock_before_the_newest_commit_is_told() -> None:
    assert system.clock(time.time() + 10 * 86_400).level is Level.WARN
    assert system.clock(time.time() - 86_400).level is Level.OK


def test_a_user_whom_nobody_knows_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    (line,) = system.session_lines()
    assert (line.level, line.text) == (Level.WARN, "no user has the number 54321")


def test_few_open_files_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for limits, level in (
        ((64, 4096), Level.FAIL),
        ((256, 4096), Level.WARN),
        ((1024, 4096), Level.OK),
        ((-1, -1), Level.OK),
    ):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        assert system.descriptors().level is level


def test_few_inodes_are_told(tmp_path: Path) -> None:
    (line,) = places._inodes(tmp_path / "not" / "yet")
    assert line.subject == "inodes"
    assert line.level in Level


def test_a_terminal_is_told_by_what_it_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "nl_langinfo", lambda _: "ANSI_X3.4-1968")
    assert terminal.terminal_line({}).level is Level.WARN
    monkeypatch.setattr(locale, "nl_langinfo", lambda _: "UTF-8")
    assert terminal.terminal_line({}).text == "this is none: plain lines are printed"
    monkeypatch.setattr(sys, "stdout", _Terminal())
    assert "TERM=dumb" in terminal.terminal_line({"TERM": "dumb"}).text
    line = terminal.terminal_line({"TERM": "xterm", "NO_COLOR": "1"})
    assert line.level is Level.OK
    assert "no colours" in line.text


class _Terminal:
    def isatty(self) -> bool:
        return True


def test_a_node_project_that_links_its_modules_on_purpose_is_warned_of_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "package.json").write_text("{}")
    checkout = Checkout(top=tmp_path, common_dir=tmp_path / ".git", head="", branch="main")

    def told(*link: str) -> list[str]:
        lines = places.kind_lines(checkout, checkout.layout(), link)
        return [line.subject for line in lines if line.subject == "node"]

    assert told() == ["node"]
    assert told(".env") == ["node"]
    assert told("node_modules/") == []


# --- the kernel -----------------------------------------------------------------------------------


def test_a_kernel_that_has_everything_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = capabilities.Capabilities(
        pidfd=True,
        kqueue=False,
        death_signal=True,
        subreaper=True,
        waitid=True,
        procfs=True,
        inotify=True,
        peer_credentials="SO_PEERCRED",
        data_sync="fdatasync",
    )
    monkeypatch.setattr(capabilities, "HERE", everything)
    (line,) = kernel.capability_lines()
    assert line == ok(
        "kernel", "pidfd, subreaper, death signal, waitid, /proc, SO_PEERCRED, fdatasync"
    )


def test_each_lack_of_a_kernel_is_told_with_what_it_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "HERE", NOTHING)
    first, *lacks = kernel.capability_lines()
    assert first == ok("kernel", "fsync")
    assert len(lacks) == 6
    assert all(line.level is Level.WARN and line.advice for line in lacks)
    assert system.notices().text == "not available"


def test_a_kqueue_is_as_good_as_a_pidfd(monkeypatch: pytest.MonkeyPatch) -> None:
    macos = replace(NOTHING, kqueue=True, waitid=True, peer_credentials="LOCAL_PEERCRED")
    monkeypatch.setattr(capabilities, "HERE", replace(macos, data_sync="F_FULLFSYNC"))
    first, *lacks = kernel.capability_lines()
    assert first.text == "kqueue, waitid, LOCAL_PEERCRED, F_FULLFSYNC"
    assert [line.text.partition(":")[0] for line in lacks] == [
        "it hands us no orphans",
        "it sends no signal at a parent's death",
    ]
