from __future__ import annotations

from typing import Any

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.playing.player import _PLAYERS
from prd_supervise.workers.agents.playing.script import script_defects, steps_of
from prd_supervise.workers.agents.playing.script_checks import CHECKS, IF, KINDS

GOOD: list[dict[str, Any]] = [
    {"write": {"path": "src/a.py", "text": "x"}},
    {"append": {"path": "a", "text": "x"}},
    {"insert": {"path": "a", "after": "x", "text": "y"}},
    {"replace": {"path": "a", "old": "x", "new": "y"}},
    {"delete": "a"},
    {"say": "hello"},
    {"sleep_s": 0.5},
    {"exit": 3},
    {"crash": "SIGSEGV"},
    {"crash": True},
    {"hang": True},
    {"ignore_term": True},
    {"fork": {}},
    {"fork": {"setsid": True, "ignore_term": False, "sleep_s": 600}},
    {"commit": "message"},
    {"result": "all done"},
    {"run": ["make", "test"]},
    {"session": "a-b"},
    {"activity": "reads"},
    {"answer": "all done"},
    {"usage": {"input_tokens": 10, "cost_usd": 0.5, "tokens_are_of_session": True}},
    {"retry": {"delay_s": 1.5, "status": 529, "reason": "overloaded"}},
    {"limit": {}},
    {"limit": {"in_s": 5, "message": "no more", "stays": True, "exit": 0}},
    {"limit": {"warning": 0.92, "in_s": 3600}},
    {"fail": {"kind": "auth", "message": "no login", "status": 401}},
    {"until": {"exists": "/run/lifted"}},
    {"if": {"resumed": True, "agent": "a", "then": [{"say": "on"}], "else": [{"say": "anew"}]}},
]


def test_every_step_can_be_checked_and_played() -> None:
    assert CHECKS.keys() == _PLAYERS.keys() | {IF} == {next(iter(step)) for step in GOOD}


def test_a_script_can_fail_in_every_way_that_an_agent_can_by_itself() -> None:
    ours = {"normal", "crashed", "timed_out", "stalled", "out_of_memory", "over_limit"}
    ours |= {"interrupted", "missing", "runaway"}
    assert set(KINDS) == {kind.value for kind in OutcomeKind} - ours


def test_a_good_script_has_no_defects() -> None:
    assert script_defects(GOOD) == ()
    assert script_defects([GOOD, [], GOOD]) == ()
    assert script_defects([]) == ()


@pytest.mark.parametrize(
    ("step", "defect"),
    [
        ({"fly": 1}, "'fly' is not one of activity, "),
        ({"say": 1}, "say: 1 is not a text"),
        ({"say": "a", "exit": 1}, "is not an object with one key"),
        ("say", "'say' is not an object with one key"),
        ({"write": {"path": "a"}}, "write: {'path': 'a'} is not an object with path, text"),
        ({"write": {"path": "a", "text": "", "mode": 1}}, "is not an object with path, text"),
        ({"write": {"path": "/etc/x", "text": ""}}, "write: path: '/etc/x' leads out of the"),
        ({"delete": "a/../../b"}, "delete: 'a/../../b' leads out of the worktree"),
        ({"delete": ".git/config"}, "delete: .git is git's own"),
        ({"delete": "a\0b"}, "is not a path"),
        ({"sleep_s": -1}, "is not a number of seconds"),
        ({"sleep_s": True}, "is not a number of seconds"),
        ({"exit": 256}, "exit: 256 is not an exit code from 0 to 255"),
        ({"exit": False}, "is not an exit code"),
        ({"crash": "SIGNONE"}, "is not true, or the name of a signal"),
        ({"crash": []}, "is not true, or the name of a signal"),
        ({"hang": False}, "hang: False is not true"),
        ({"fork": {"setsid": 1}}, "fork: setsid: 1 is not true or false"),
        ({"run": "make"}, "run: 'make' is not a list of texts"),
        ({"run": []}, "is not a list of texts"),
        ({"fail": {}}, "is not an object with kind, message, status, in_s, stays, exit"),
        ({"fail": {"kind": "bored"}}, "fail: kind: 'bored' is not one of auth, billing"),
        ({"fail": {"kind": "auth", "status": 4}}, "status: 4 is not a status of HTTP from 100"),
        ({"limit": {"warning": 92}}, "limit: warning: 92 is not a share from 0 to 1"),
        ({"usage": {"tokens": 1}}, "is not an object with input_tokens"),
        ({"until": {"exists": ""}}, "until: exists: '' is not a path"),
        ({"if": {"resumed": True}}, "is not an object with then, else, exists"),
        ({"if": {"then": {}}}, "if: then: {} is not a list of steps"),
    ],
)
def test_a_defect_names_its_place(step: object, defect: str) -> None:
    (flat,) = script_defects([{"say": "a"}, step])
    assert flat.startswith("script[1]: ")
    assert defect in flat
    (nested,) = script_defects([[], [{"say": "a"}, step]])
    assert nested.startswith("script[1][1]: ")


def test_a_defect_of_a_step_that_depends_on_something_names_its_place() -> None:
    nested: dict[str, Any] = {"if": {"then": [], "else": []}}
    script = [{"if": {"exists": "f", "then": [{"say": "a"}, {"fly": 1}], "else": [nested]}}]
    one, two = script_defects(script)
    assert one.startswith("script[0].if.then[1]: 'fly' is not one of activity, ")
    assert two == "script[0].if.else[0]: if stands in another if"


def test_what_is_no_list_is_no_script() -> None:
    assert script_defects({"say": "a"}) == ("script: {'say': 'a'} is not a list of steps",)
    (mixed,) = script_defects([[], {"say": "a"}])
    assert mixed.startswith("script[1]: {'say': 'a'} stands among lists of steps")


def test_the_last_list_serves_all_later_attempts() -> None:
    one, two = {"exit": 1}, {"exit": 0}
    assert [steps_of([[one], [two]], attempt) for attempt in (0, 1, 2, 3)] == [
        [one],
        [one],
        [two],
        [two],
    ]
    assert steps_of([one, two], 7) == [one, two]
    assert steps_of([], 1) == []
