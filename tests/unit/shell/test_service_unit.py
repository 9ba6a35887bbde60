from __future__ import annotations

import pytest

from prd_supervise.supervisor.shell.service.unit import stop_of, unit_of
from prd_supervise.supervisor.ui.whereabouts import about_holder, already_running

USERS = "/user.slice/user-1000.slice/user@1000.service"
UNIT = r"prd-supervise@home-me-shop.service"


@pytest.mark.parametrize(
    ("cgroups", "found"),
    [
        (f"0::{USERS}/prd.slice/{UNIT}", (UNIT, True)),
        (f"0::{USERS}/prd.slice/{UNIT}/supervisor", (UNIT, True)),  # delegated: a group below it
        (f"12:memory:/\n0::/system.slice/{UNIT}\n", (UNIT, False)),
        (f"0::{USERS}/app.slice/tmux-spawn-1.scope", ("", False)),  # typed in a multiplexer
        ("0::/user.slice/user-0.slice/session-3.scope", ("", False)),
        ("0::/", ("", False)),
        ("", ("", False)),
    ],
)
def test_the_unit_is_the_innermost_service(cgroups: str, found: tuple[str, bool]) -> None:
    assert unit_of(cgroups) == found


def test_what_stops_a_unit_can_be_typed_as_it_stands() -> None:
    escaped = r"prd-supervise@home-me-my\x2dshop.service"
    assert stop_of(escaped, is_users=True) == f"systemctl --user stop '{escaped}'"
    assert stop_of(UNIT, is_users=False) == f"systemctl stop {UNIT}"


def test_who_comes_second_is_told_what_ends_the_service_that_runs() -> None:
    holder = {"pid": 7, "service": UNIT, "stopped_by": f"systemctl --user stop {UNIT}"}
    told = f"pid 7, the service {UNIT} (`systemctl --user stop {UNIT}` ends it)"
    assert told in about_holder(holder)
    assert told in already_running(holder)
