"""supervisor_SUITE's key cases once more, with real processes, pipes and signals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[3]
ACT_S_MAX = 200.0
# No script, because each child would import it again.
PLAY = "from tests.support.real_acts import play; play()"
Play = Callable[[str], Any]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Play a case in a process of its own; give what it printed."""

    def in_a_process(case: str) -> Any:  # noqa: ANN401  JSON
        done = subprocess.run(
            [sys.executable, "-c", PLAY, case, str(tmp_path)],
            check=False,
            capture_output=True,
            text=True,
            timeout=ACT_S_MAX,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )
        assert done.returncode == 0, f"{case}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    return in_a_process


def test_order_of_children(play: Play) -> None:
    log = play("order_of_children")["log"]
    names = ["ch7", "ch3", "ch10", "ch2", "ch5"]
    assert log == [
        *(f"+{name}" for name in names),
        *("-ch10", "-ch5", "-ch2", "+ch10", "+ch2", "+ch5"),
        *(f"-{name}" for name in reversed(names)),
    ]


def test_sup_stop_race(play: Play) -> None:
    facts = play("sup_stop_race")
    assert (facts["restarts"], facts["undead"]) == (0, [])
    assert sorted(facts["log"]) == sorted(["-z", *(f"-child{number}" for number in range(6))])
    assert facts["log"][-1] == "-z"


def test_one_for_all_other_child_fails_restart(play: Play) -> None:
    assert play("one_for_all_other_child_fails_restart")["log"] == [
        *("-child1", "-child2", "+child1", "-child2", "-child1", "+child1", "+child2")
    ]


def test_rest_for_one_other_child_fails_restart(play: Play) -> None:
    assert play("rest_for_one_other_child_fails_restart")["log"] == [
        *("-child1", "-child2", "+child1", "-child2", "+child2")
    ]


def test_tree(play: Play) -> None:
    facts = play("tree")
    assert facts["stopped"] == "stopped"
    assert facts["same_after_a_worker_died"] == ["child1", "child3", "sup1", "sup2", "sup3"]
    assert facts["why"] == "-sup2 exit 70"
    assert facts["all_new"]
    assert facts["old_that_live"] == facts["left"] == []


def test_simple_global_supervisor(play: Play) -> None:
    assert play("simple_global_supervisor") == {"workers": 3, "middles": 2, "left": []}


def test_hanging_restart_loop(play: Play) -> None:
    facts = play("hanging_restart_loop")
    _hung(facts)
    assert facts["which"] == {"child1": "backoff"}
    assert facts["which_then"] == {"child1": "stopped"}


def test_hanging_restart_loop_rest_for_one(play: Play) -> None:
    facts = play("hanging_restart_loop_rest_for_one")
    _hung(facts)
    assert facts["which"] == {"child1": "running", "child2": "backoff", "child3": "stopped"}
    assert facts["which_then"] == {"child1": "running", "child2": "stopped", "child3": "stopped"}


def _hung(facts: dict[str, Any]) -> None:
    assert facts["start"] == "already_present"
    assert facts["restart"] == facts["delete"] == "restarting"
    assert facts["stop"]
    assert facts["again"]


def test_hanging_restart_loop_simple(play: Play) -> None:
    facts = play("hanging_restart_loop_simple")
    assert facts["up"] == [True, True]
    assert facts["restart"] == "simple_one_for_one"
    assert (facts["which"], facts["gone"]) == ({"one": "backoff"}, {})


def test_what_the_shell_kills_is_told_to_the_core_which_waits_for_its_end(play: Play) -> None:
    facts = play("killed_by_the_shell")
    assert facts["told"] == [1]
    assert facts["log"] == ["+child1", "-child1", "+child1", "-child1"]
