from __future__ import annotations

from prd_supervise.policies.outcomes.outcome import CommandRun, VerifyRun


def run(*codes: int | None, interrupted: bool = False) -> VerifyRun:
    commands = tuple(
        CommandRun(command=f"c{at}", exit_code=code, duration_s=3.0)
        for at, code in enumerate(codes)
    )
    return VerifyRun(commit="x", commands=commands, interrupted=interrupted)


def test_all_commands_have_to_pass() -> None:
    assert run(0, 0).is_green
    assert not run(0, 1).is_green
    assert not run(None).is_green


def test_what_was_interrupted_is_not_green() -> None:
    assert not run(0, interrupted=True).is_green
    assert run(0, interrupted=True).failure == "the verify commands were interrupted"


def test_the_first_failure_is_told_in_one_line() -> None:
    assert run(0, 2, 3).failure == "`c1` exited with 2"
    assert run(None).failure == "`c0` ran out of time after 3 s"
    assert run(0).failure == ""
