"""Type checks of a train: which cars they are run for, and whom they blame."""

from __future__ import annotations

from prd_supervise.policies.outcomes.outcome import CommandRun, VerifyRun
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.train.train import (
    Car,
    Check,
    Checked,
    Green,
    Red,
    Train,
    decide,
)
from prd_supervise.workers.messages.merging import Resolution

MYPY = "mypy"
RESOLVED = Car(
    story_id="A", commands=(), commit="a", resolutions=(Resolution(path="a.py", how="imports"),)
)
DOUBTED = Car(story_id="A", commands=(), commit="a", doubts=("a.py:3: `os` is gone",))
PLAIN = Car(story_id="A", commands=(), commit="a")


def a_train(car: Car) -> Train:
    return Train(number=1, cars=(car,), onto="base", checks=(MYPY,))


def after(train: Train, *, length: int, exit_code: int) -> Train:
    ran = CommandRun(command=MYPY, exit_code=exit_code, duration_s=1.0)
    run = VerifyRun(commit=train.commit_of(length), commands=(ran,), interrupted=False)
    checked = Checked(check=Check(length=length, commands=(MYPY,)), run=run)
    return replace(train, checked=(*train.checked, checked))


def test_a_car_that_is_resolved_or_doubted_is_checked_and_no_other() -> None:
    for car in (RESOLVED, DOUBTED):
        assert decide(a_train(car)) == Check(length=1, commands=(MYPY,))
    assert decide(a_train(PLAIN)) == Green()


def test_a_doubt_that_the_check_shares_blames_the_car_unless_it_was_red_before() -> None:
    train = after(a_train(DOUBTED), length=1, exit_code=1)
    assert decide(train) == Check(length=0, commands=(MYPY,))
    blamed = decide(after(train, length=0, exit_code=0))
    assert isinstance(blamed, Red)
    assert (blamed.place, blamed.is_doubt) == (0, True)
    assert decide(after(train, length=0, exit_code=1)) == Green()


def test_a_doubt_that_the_check_does_not_share_stops_nobody() -> None:
    assert decide(after(a_train(DOUBTED), length=1, exit_code=0)) == Green()
