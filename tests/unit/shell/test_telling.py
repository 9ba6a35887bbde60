from __future__ import annotations

import pytest

from prd_supervise.supervisor.shell.service.telling import (
    PING,
    READY,
    STOPPING,
    Fields,
    Figures,
    Unsent,
    drain_extension,
    encoded,
    reloading,
    status,
    status_text,
    with_unsent,
)


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        (Figures(is_watching=True), "idle: watching for PRDs"),
        (
            Figures(is_watching=True, settled=((5, "done"), (1, "failed"))),
            "idle: watching for PRDs; PRDs: 5 done, 1 failed",
        ),
        (
            Figures(at_work=2, done=3, total=14, awaiting=1, agents=5),
            "2 PRDs at work, 3 of 14 stories done, 1 waits for a person, 5 agents",
        ),
        (
            Figures(at_work=1, queued=2, done=0, total=1, awaiting=2),
            "1 PRD at work, 2 queued, 0 of 1 story done, 2 wait for a person",
        ),
        (
            Figures(at_work=1, total=4, waits=("waits for a limit of claude until 03:10",)),
            "1 PRD at work, 0 of 4 stories done; waits for a limit of claude until 03:10",
        ),
        (
            Figures(at_work=1, total=2, note="the disk is full"),
            "1 PRD at work, 0 of 2 stories done; the disk is full",
        ),
        (Figures(at_work=1, agents=2, stop_left_s=40.2), "stopping: 2 agents, 41 s left"),
        (Figures(at_work=1, stop_left_s=-3.0), "stopping: 0 s left"),
        (
            Figures(has_ended=True, stop_left_s=3.0, settled=((1, "stopped"),)),
            "ended; PRDs: 1 stopped",
        ),
    ],
)
def test_everything_that_counts_is_in_one_line(figures: Figures, text: str) -> None:
    assert status_text(figures) == text


def test_a_status_is_one_short_line_that_no_terminal_obeys() -> None:
    told = status("a\nREADY=1\x1b[31m \x9b b\udc80 \N{SNOWMAN}" + "x" * 500)["STATUS"]
    assert told.startswith("a READY=1 [31m b \N{SNOWMAN}xxx")
    assert len(told) == 200
    assert told.endswith("...")
    assert encoded({"STATUS": told}).count(b"\n") == 0


def test_a_datagram_is_a_line_an_assignment() -> None:
    assert encoded({**READY, **status("well")}) == b"READY=1\nSTATUS=well"
    assert encoded(reloading(2.5)) == b"RELOADING=1\nMONOTONIC_USEC=2500000"


@pytest.mark.parametrize(
    ("left_s", "usec"), [(600.0, 20_000_000), (20.0, 20_000_000), (-5.0, 15_000_000)]
)
def test_a_stop_asks_for_a_little_more_time_again_and_again(left_s: float, usec: int) -> None:
    assert drain_extension(left_s, 20.0) == {"EXTEND_TIMEOUT_USEC": str(usec)}


def test_a_stop_that_is_overdue_gets_no_more_time() -> None:
    assert drain_extension(-20.0, 20.0) == {}


def unsent(*messages: Fields) -> Unsent:
    waiting: Unsent = ()
    for each in messages:
        waiting = with_unsent(waiting, each)
    return waiting


def test_of_what_waits_only_the_last_word_is_kept_and_turns_keep_their_order() -> None:
    ready = {**READY, "STATUS": "a"}
    assert unsent(PING, {"STATUS": "b"}, PING) == ({**PING, "STATUS": "b"},)
    assert unsent(ready, PING, {"STATUS": "b"}) == ({**ready, **PING, "STATUS": "b"},)
    assert unsent(ready, STOPPING, {"STATUS": "c"}) == (ready, {**STOPPING, "STATUS": "c"})


def test_who_says_again_and_again_that_it_is_up_and_waits_keeps_one_message() -> None:
    assert unsent(*[{**READY, **PING, "STATUS": "waits"}] * 50) == (
        {**READY, **PING, "STATUS": "waits"},
    )


def test_however_often_is_reloaded_what_waits_does_not_grow() -> None:
    again = reloading(2.0)
    messages = [READY, *[reloading(1.0), READY, {"STATUS": "x"}] * 50, again, READY]
    assert unsent(*messages) == (again, READY)
