from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from prd_supervise.workers.process import descendants

pytestmark = pytest.mark.slow

Act = Callable[..., dict[str, Any]]


def test_nothing_that_the_agent_left_behind_outlives_it(act: Act) -> None:
    facts = act("leaves_strays")
    assert facts == {"code": 3, "leftovers": 3, "gone": [True] * 4, "kin": []}


def test_a_running_agent_that_ignores_sigterm_is_ended_with_its_family(act: Act) -> None:
    facts = act("ends_by_force")
    assert facts == {
        "ignored": None,
        "code": -signal.SIGKILL,
        "leftovers": 1,
        "gone": True,
        "group": True,
    }


def test_terminate_reaches_a_stopped_command_and_poll_does_not_reap(act: Act) -> None:
    facts = act("terminates")
    assert facts == {"poll": [-15, -15], "end": [-15, 0, 0], "after": -15}


def test_the_log_is_appended_and_stdin_is_the_file_itself(act: Act) -> None:
    facts = act("is_quick")
    assert facts["end"] == [0, 0, 0]
    lines = facts["log"].splitlines()
    assert lines[:2] == ["before", "the prompt"]
    assert lines[3] == "err"
    assert lines[4].endswith("/prompt.md")
    assert not facts["never_ran"]


def test_without_a_file_stdin_is_empty_and_the_log_is_private(act: Act) -> None:
    facts = act("has_no_stdin")
    assert facts["log"] == facts["mark"] + "\n"
    assert facts["mode"] == 0o600


def test_a_missing_command_is_told_before_anything_starts(act: Act) -> None:
    facts = act("is_missing")
    missing, no_file, plain, empty = facts["errors"]
    assert missing.startswith("'no-such-command': no such command in PATH")
    assert no_file.startswith("'./no-such-file': no such file in ")
    assert plain.startswith("'./plain': not executable in ")
    assert empty.startswith("the command is empty")
    assert facts["kin"] == []


def test_a_failed_exec_is_no_exit_127(act: Act) -> None:
    assert act("never_runs")["ended"] == [[127, True], [127, False]]


def test_without_setpriv_a_shim_does_the_same(act: Act) -> None:
    facts = act("without_setpriv")
    assert facts["ended"] == [[127, True], [127, False]]
    assert facts["strays"] == {"code": 3, "leftovers": 3, "gone": [True] * 4, "kin": []}


def test_a_system_without_proc_and_pidfds_ends_a_job_as_well(act: Act) -> None:
    facts = act("without_linux")
    # The group is killed with the leader's reaping there, mostly before anybody has counted it.
    assert facts.pop("leftovers") in {2, 3}
    assert facts == {"code": 3, "gone": [True] * 4, "kin": []}


def test_the_agent_holds_the_lock_that_it_inherits(act: Act) -> None:
    assert act("passes_a_lock") == {"held": True, "freed": True}


@pytest.mark.parametrize("how", ["runs_two", "two_without_linux"])
def test_the_end_of_one_job_leaves_the_family_of_the_other_alone(act: Act, how: str) -> None:
    facts = act(how)
    assert facts == {
        "ones_gone": [True, True],
        "twos_live": [True, True, True],
        "first": [-9, 2, 0],
        "second": [-9, 2, 0],
        "rest": [],
    }


@pytest.mark.parametrize("how", ["setpriv", "shim", "guard"])
def test_an_agent_dies_with_its_worker(
    how: str,
    stage: Callable[..., subprocess.Popen[str]],
    wait_until: Callable[[Callable[[], bool], float], None],
) -> None:
    worker = stage("holds", how)
    assert worker.stdout is not None
    pid = json.loads(worker.stdout.readline())["pid"]
    assert descendants.start_ticks(pid) is not None
    worker.kill()
    wait_until(lambda: descendants.start_ticks(pid) is None or descendants.is_zombie(pid), 30.0)


needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root leaves what others cannot kill"
)


@needs_root
def test_what_cannot_be_killed_is_counted_and_waited_for_no_longer_than_said(act: Act) -> None:
    assert act("cannot_kill") == {"end": [0, 1, 1]}


@pytest.mark.skipif(sys.platform != "linux", reason="counts are read from /proc")
def test_a_job_has_no_more_processes_than_it_may_and_the_worker_keeps_its_own_limit(
    act: Act,
) -> None:
    facts = act("is_bounded")
    assert facts["code"] != 0
    assert facts["left"] <= 4
    assert (facts["lower"], facts["same"]) == (True, True)
