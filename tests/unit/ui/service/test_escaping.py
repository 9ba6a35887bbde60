"""What we write is what the real systemd reads: its own programs are the oracle."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.ui.service.escaping import (
    NotSayableError,
    argument,
    assignment,
    escaped_path,
    exec_line,
    program_in,
    unescaped_path,
)
from prd_supervise.supervisor.ui.service.units import instance_name

ANSWER_S = 60.0
has_escape = pytest.mark.skipif(
    shutil.which("systemd-escape") is None, reason="systemd-escape is not installed"
)
has_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)

# Bytes of any kind, as Python keeps them in a path; no NUL, no slash.
NASTY = " -.:_\\\"'%$;#=~*?[]{}()<>|&!@+,^`äß€\u2028\n\t\x01\x7f"
names = st.one_of(
    st.text(NASTY + "aZ09xn", min_size=1, max_size=12),
    st.binary(min_size=1, max_size=8).map(os.fsdecode),
).filter(lambda name: not {"/", "\0"} & {*name} and name not in {".", ".."})
paths = st.lists(names, max_size=4).map(lambda parts: "/" + "/".join(parts))


def run(*argv: str | bytes, env: Mapping[str, str] | None = None) -> bytes:
    done = subprocess.run(argv, env=env, capture_output=True, timeout=ANSWER_S, check=False)
    assert (done.returncode, done.stderr) == (0, b""), (argv, done)
    return done.stdout


# --- the names of instances ---------------------------------------------------------------------


@has_escape
@settings(max_examples=60, deadline=None)
@given(st.lists(paths, min_size=1, max_size=20))
def test_names_of_instances_are_those_of_systemd_escape(found: list[str]) -> None:
    # Its list of names is divided by blanks, which no name holds.
    said = run("systemd-escape", "--path", "--", *map(os.fsencode, found)).decode().split()
    assert [escaped_path(path) for path in found] == said


@has_escape
@pytest.mark.parametrize(
    "path", ["/", "//", "/a//b/", "/.hidden/.x", "/a/./b/.", "/-", "/a-b/c d", "/é/\udcff", "/..."]
)
def test_the_odd_ones_are_those_of_systemd_escape(path: str) -> None:
    assert escaped_path(path) == run("systemd-escape", "--path", os.fsencode(path)).decode().strip()


@given(paths)
def test_a_name_leads_back_to_its_path(path: str) -> None:
    assert unescaped_path(escaped_path(path)) == path


@pytest.mark.parametrize("path", ["/a/../b", "/..", "a/b", ""])
def test_what_has_no_such_name_is_refused(path: str) -> None:
    with pytest.raises(NotSayableError, match="no absolute path"):
        escaped_path(path)


def test_a_name_that_is_too_long_for_a_unit_is_refused() -> None:
    assert len(instance_name("/" + "a" * 233)) == 255
    with pytest.raises(NotSayableError, match="has 256 characters, and systemd takes 255"):
        instance_name("/" + "a" * 234)
    with pytest.raises(NotSayableError, match="255"):
        instance_name("/" + "本" * 30)


# --- commands -----------------------------------------------------------------------------------


@pytest.mark.systemd_verify
@has_analyze
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(folders=st.lists(names, min_size=1, max_size=8, unique=True))
def test_systemd_finds_the_program_that_was_meant(tmp_path: Path, folders: list[str]) -> None:
    units = []
    for number, folder in enumerate(folders):
        program = tmp_path / folder / "prd-supervise"
        if len(os.fsencode(folder)) > 255:
            continue
        try:
            line = exec_line(str(program), "resume", "--watch")
        except NotSayableError:
            assert "=" in folder
            continue
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        unit = tmp_path / f"u{number}.service"
        unit.write_text(f"[Service]\nExecStart={line}\n")
        units.append(str(unit))
        assert program_in(line) == str(program)
    words = ("--user", "verify", "--man=no", "--recursive-errors=no")
    env = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "LC_ALL": "C"}
    if units:
        run("systemd-analyze", *words, *units, env=env)


@pytest.mark.systemd_verify
@has_analyze
def test_a_program_that_is_not_there_is_found_out(tmp_path: Path) -> None:
    """The oracle of the test above can say no."""
    unit = tmp_path / "u.service"
    unit.write_text(f"[Service]\nExecStart={exec_line(str(tmp_path / 'a b'))}\n")
    words = ("--user", "verify", "--man=no", "--recursive-errors=no", str(unit))
    env = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "LC_ALL": "C"}
    done = subprocess.run(
        ["systemd-analyze", *words], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "a b is not executable" in done.stderr


@given(paths)
def test_the_program_is_read_back_from_its_line(path: str) -> None:
    try:
        line = exec_line(path, "resume", "--watch")
    except NotSayableError:
        return
    assert program_in(line) == path
    assert "\n" not in line
    line.encode()  # a unit is UTF-8, whatever bytes the path has


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("/usr/bin/p", "/usr/bin/p resume"),
        ("/a b/p", '"/a b/p" resume'),
        ("/50%/p", '"/50%%/p" resume'),
        ("/a$b/p", '"/a$b/p" resume'),  # no variable is looked for in the program itself ...
        ("/a'$b/p", '/usr/bin/env "/a\'$$b/p" resume'),  # ... and in its arguments one is
        ("/a\\b/p", '/usr/bin/env "/a\\\\b/p" resume'),
        ('/a"b/p', '/usr/bin/env "/a\\"b/p" resume'),
        ("/a\udcffb/p", '"/a\\xffb/p" resume'),
        ("/a\nb/p", '/usr/bin/env "/a\\x0ab/p" resume'),
    ],
)
def test_a_program_is_written_so(program: str, line: str) -> None:
    assert exec_line(program, "resume") == line


def test_a_program_that_neither_systemd_nor_env_takes_is_refused() -> None:
    with pytest.raises(NotSayableError, match="both = and quotes"):
        exec_line("/a='b'/p")
    assert exec_line("/a=b/p") == '"/a=b/p"'


def test_variables_and_arguments_are_quoted() -> None:
    assert assignment("PATH", "/bin:/a b:/c%:$d") == '"PATH=/bin:/a b:/c%%:$d"'
    assert argument("$HOME") == '"$$HOME"'
