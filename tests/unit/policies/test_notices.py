from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.notices import (
    BURST,
    COLLECT_S,
    EVENTS,
    LINES_MAX,
    PERIOD_S,
    WAITING_MAX,
    Notice,
    Outbox,
    added,
    all_taken,
    due_s,
    notice_of,
    taken,
)

events = st.builds(
    notice_of,
    st.sampled_from(EVENTS),
    st.text(max_size=400),
    prd=st.sampled_from(("", "ALPHA", "BETA", *(f"P{number}" for number in range(40)))),
    story=st.sampled_from(("", "US-1")),
)


def filled(count: int, event: str = "story_failed", *, prds: int = 1) -> Outbox:
    outbox = Outbox()
    for number in range(count):
        prd = f"P{number % prds}"
        notice = notice_of(event, f"reason {number}", prd=prd, story=f"US-{number}")
        outbox = added(outbox, notice, 100.0)
    return outbox


def test_what_happens_within_a_moment_is_told_together() -> None:
    outbox = filled(3)
    assert due_s(outbox) == 100.0 + COLLECT_S
    assert taken(outbox, 100.5) == (outbox, ())
    _, (notice,) = taken(outbox, 101.0)
    assert (notice.count, notice.prd, notice.story) == (3, "P0", "")
    assert notice.body.split("\n") == [f"P0/US-{n}: reason {n}" for n in range(3)]
    assert notice.title == "P0: a story was given up"


def test_many_of_a_kind_are_named_up_to_a_few_and_counted() -> None:
    _, (notice,) = taken(filled(200), 101.0)
    lines = notice.body.split("\n")
    assert notice.count == 200
    assert len(lines) == LINES_MAX + 1
    assert lines[-1] == f"and {200 - LINES_MAX} more"


def test_two_hundred_of_as_many_prds_are_one_message_with_a_number() -> None:
    outbox = filled(200, prds=200)
    assert len(outbox.waiting) <= WAITING_MAX
    _, notices = taken(outbox, 101.0)
    assert len(notices) <= BURST
    assert sum(each.count for each in notices) == 200


def test_the_last_message_of_a_minute_counts_what_is_left() -> None:
    outbox = Outbox()
    for number, event in enumerate(EVENTS):
        outbox = added(outbox, notice_of(event, "text", prd=f"P{number}"), 100.0)
    outbox, notices = taken(outbox, 101.0)
    assert len(notices) == BURST
    assert notices[-1].event == "digest"
    assert notices[-1].title == f"{len(EVENTS) - BURST + 1} things happened"
    outbox = added(outbox, notice_of("prd_failed", "text", prd="X"), 102.0)
    assert due_s(outbox) == 101.0 + PERIOD_S
    assert taken(outbox, 150.0)[1] == ()
    assert [each.event for each in taken(outbox, 161.0)[1]] == ["prd_failed"]


def test_at_the_end_the_end_is_told_last_and_by_itself() -> None:
    outbox = filled(12, prds=12)
    outbox = added(outbox, notice_of("root_ended", "exit code 1"), 100.0)
    first, last = all_taken(outbox)
    assert (first.event, first.count) == ("digest", 12)
    assert (last.event, last.title) == ("root_ended", "The run has ended")


@given(st.lists(st.tuples(events, st.floats(min_value=0, max_value=90))))
def test_whatever_comes_every_event_is_counted_and_no_minute_has_too_many(
    coming: list[tuple[Notice, float]],
) -> None:
    outbox, now_s, sent = Outbox(), 0.0, list[tuple[float, Notice]]()
    for notice, later_s in coming:
        outbox = added(outbox, notice, now_s)
        assert len(outbox.waiting) <= WAITING_MAX
        now_s += later_s
        outbox, notices = taken(outbox, now_s)
        sent += [(now_s, each) for each in notices]
    rest = all_taken(outbox)
    assert sum(each.count for _, each in sent) + sum(each.count for each in rest) == len(coming)
    for at_s, _ in sent:
        assert sum(at_s <= other < at_s + PERIOD_S for other, _ in sent) <= BURST
    for _, each in sent:
        assert len(each.body.split("\n")) <= LINES_MAX + 1 + len(EVENTS)


def test_what_waits_for_a_minute_is_due_when_it_is_over() -> None:
    outbox = Outbox(sent_s=tuple(100.0 + number for number in range(BURST)))
    outbox = added(outbox, notice_of("prd_failed", "text", prd="X"), 110.0)
    at_s = due_s(outbox)
    assert at_s == 100.0 + PERIOD_S
    assert taken(outbox, at_s)[1]
