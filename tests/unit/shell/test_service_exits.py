from __future__ import annotations

import pytest

from prd_supervise.supervisor.shell.service.exits import service_exit_code

DONE, FAILED, BURNT_OUT, STOPPED = 0, 1, 70, 75


@pytest.mark.parametrize("code", [DONE, FAILED, BURNT_OUT, STOPPED])
def test_what_an_operator_stops_is_not_started_again(code: int) -> None:
    assert service_exit_code(code, by_operator=True, was_stopped=True) == DONE


@pytest.mark.parametrize("code", [DONE, FAILED, STOPPED])
def test_what_anybody_else_stops_is_unless_its_manager_did(code: int) -> None:
    assert service_exit_code(code, by_operator=False, was_stopped=True) == STOPPED


@pytest.mark.parametrize("code", [DONE, FAILED, BURNT_OUT, STOPPED])
def test_an_end_of_its_own_says_what_it_is(code: int) -> None:
    assert service_exit_code(code, by_operator=False, was_stopped=False) == code


def test_who_burns_out_while_he_is_stopped_says_so() -> None:
    assert service_exit_code(BURNT_OUT, by_operator=False, was_stopped=True) == BURNT_OUT
