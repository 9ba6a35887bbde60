from __future__ import annotations

from collections.abc import Iterable

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.usage import Usage
from prd_supervise.workers.agents.base import (
    Activity,
    Ended,
    Event,
    LimitSeen,
    Retrying,
    Said,
    Session,
    Terminal,
    Used,
    Verdict,
)
from prd_supervise.workers.jobs.ear import Wish
from prd_supervise.workers.messages.agents import RunBounds
from prd_supervise.workers.messages.story import AgentNews
from tests.unit.workers.ears import hearing


class Scripted:
    """A listener to whom each line means what the test says."""

    def __init__(self, **meanings: object) -> None:
        self._meanings = meanings

    def feed(self, line: str) -> tuple[Event, ...]:
        """Look it up; what is no event is handed out as it is."""
        meaning = self._meanings.get(line, ())
        if isinstance(meaning, Exception):
            raise meaning
        return meaning if isinstance(meaning, tuple) else (meaning,)

    def finish(self, ended: Ended) -> Verdict:
        """Go by what it was ended for."""
        return Verdict(kind=ended.killed_because or OutcomeKind.NORMAL)


def said(kind: OutcomeKind, **more: object) -> Said:
    return Said(text=f"it is {kind.value}", kind=kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "kind", [OutcomeKind.AUTH, OutcomeKind.BILLING, OutcomeKind.RATE_LIMITED, OutcomeKind.CONTEXT]
)
def test_what_no_further_try_mends_is_ended_after_a_while(kind: OutcomeKind) -> None:
    ear = hearing(Scripted(bad=said(kind, until_s=5.0), on=Activity(what="x"), well=ACTED))
    assert ear.wish() is None
    ear.hear("bad")
    assert ear.wish() == Wish(because=kind, within_s=5.0, detail=f"it is {kind.value}")
    ear.hear("on")  # a tool that ends, a thought: no answer of its model
    assert ear.wish() is not None
    verdict = ear.finish(Ended(exit_code=-15, killed_because=kind))
    assert (verdict.kind, verdict.until_s) == (kind, 5.0)
    ear.hear("well")
    assert ear.wish() is None


ACTED = Activity(what="answers", is_turn=True)


@pytest.mark.parametrize(
    "word",
    [
        said(OutcomeKind.AUTH, is_final=False),
        said(OutcomeKind.TRANSIENT),
        Said(text="a warning"),
        LimitSeen(is_rejected=False, utilization=0.9),
        Retrying(status=529),
    ],
)
def test_what_may_pass_by_itself_is_waited_for(word: Event) -> None:
    ear = hearing(Scripted(word=word))
    ear.hear("word")
    assert ear.wish() is None


def test_a_limit_that_rejects_ends_the_run_and_is_told_as_full() -> None:
    told: list[AgentNews] = []
    limit = LimitSeen(is_rejected=True, until_s=77.0, text="no more")
    ear = hearing(Scripted(limit=limit), tell=told.append)
    ear.hear("limit")
    ear.looked(written_bytes=1)
    wish = ear.wish()
    assert wish is not None
    assert (wish.because, wish.detail) == (OutcomeKind.RATE_LIMITED, "no more")
    assert told == [AgentNews(attempt=1, warned=1.0, warned_until_s=77.0)]


def test_a_result_goes_before_what_was_said_earlier() -> None:
    ear = hearing(Scripted(bad=said(OutcomeKind.AUTH), end=Terminal(is_ok=False)))
    ear.hear("bad")
    ear.hear("end")
    assert ear.has_result
    assert ear.wish() == Wish(because=OutcomeKind.NORMAL, within_s=10.0)


@pytest.mark.parametrize(
    "meaning",
    [
        ValueError("oh"),
        (None,),
        ("no event",),
        RecursionError("deep"),
        Session(session=5),  # type: ignore[arg-type]  # on purpose
        Retrying(delay_s=float("nan")),
    ],
)
def test_an_adapter_that_raises_fails_the_attempt_with_one_line(meaning: object) -> None:
    ear = hearing(Scripted(bad=meaning, end=Terminal(is_ok=True)))
    ear.hear("bad")
    ear.hear("end")
    ear.looked(written_bytes=1)
    wish = ear.wish()
    assert wish is not None
    assert (wish.because, wish.within_s) == (OutcomeKind.FAILED, 0.0)
    assert wish.detail.startswith("the adapter of agent 'tested' raised ")
    verdict = ear.finish(Ended(exit_code=-15, killed_because=OutcomeKind.FAILED))
    assert (verdict.kind, verdict.reason) == (OutcomeKind.FAILED, wish.detail)


class _Mute:
    def feed(self, _line: str) -> Iterable[Event]:
        return ()

    def finish(self, _ended: Ended) -> None:
        return None


def test_an_adapter_that_judges_nothing_fails_the_attempt() -> None:
    ear = hearing(_Mute())  # type: ignore[arg-type]  # on purpose
    verdict = ear.finish(Ended(exit_code=0))
    assert verdict.kind is OutcomeKind.FAILED
    assert "finish gave None, which is no Verdict" in verdict.reason


class _Wordy(_Mute):
    def finish(self, _ended: Ended) -> Verdict:  # type: ignore[override]  # as it should be
        many = "so much\n" * 500_000
        return Verdict(kind=OutcomeKind.FAILED, reason=many, session=many, answer=many)


def test_no_word_of_an_adapter_is_too_long_for_a_message() -> None:
    told: list[AgentNews] = []
    listener = Scripted(
        s=Session(session="s" * 5000), a=Activity(what="a" * 1_000_000), e=said(OutcomeKind.AUTH)
    )
    ear = hearing(listener, tell=told.append)
    ear.hear("s")
    ear.hear("a")
    assert [len(news.session) for news in told] == [500]
    verdict = hearing(_Wordy()).finish(Ended(exit_code=1))  # type: ignore[arg-type]  # as above
    assert (len(verdict.reason), len(verdict.session)) == (1000, 500)
    assert "\n" not in verdict.reason
    assert len(verdict.answer) == 64 << 10


def test_a_piece_of_a_line_is_no_line_for_who_speaks_in_events() -> None:
    deaf = hearing(Scripted(end=Terminal(is_ok=True)), hears_pieces=False)
    deaf.hear_piece("end")
    assert not deaf.has_result
    plain = hearing(Scripted(end=Terminal(is_ok=True)))
    plain.hear_piece("end")
    assert plain.has_result


def test_it_waits_as_long_as_it_does_nothing_but_try_again() -> None:
    retry = Retrying(reason="overloaded", status=529)
    ear = hearing(Scripted(retry=retry, act=Activity(what="reads"), bare=Retrying(status=500)))
    assert ear.waiting() == ""
    ear.hear("retry")
    assert ear.waiting() == "overloaded"
    ear.hear("something")
    assert ear.waiting() == "overloaded"
    ear.hear("act")
    ear.hear("bare")
    assert ear.waiting() == "", "it did something since the last look"
    assert ear.waiting() == "status 500"
    ear.hear("act")
    assert ear.waiting() == ""


def test_a_session_is_told_at_once_and_all_else_once_a_second() -> None:
    told: list[AgentNews] = []
    now_s = [100.0]
    used = Usage(input_tokens=3)
    listener = Scripted(session=Session(session="s"), turn=ACTED, used=Used(usage=used))
    ear = hearing(listener, tell=told.append, now_s=lambda: now_s[0])
    ear.hear("turn")
    ear.hear("session")
    assert told == [AgentNews(attempt=1, session="s", is_answered=True, activity="answers")]
    told.clear()
    ear.looked(written_bytes=1)
    ear.hear("used")
    now_s[0] += 0.5
    ear.looked(written_bytes=2)
    assert told == []
    now_s[0] += 0.5
    ear.looked(written_bytes=3)
    assert [news.usage for news in told] == [used]
    for line in ("turn", "session", "used"):
        ear.hear(line)
    now_s[0] += 10
    ear.looked(written_bytes=4)
    assert len(told) == 1, "nothing of it is new"


def test_its_activity_wakes_nobody_and_goes_with_other_news_in_short() -> None:
    told: list[AgentNews] = []
    now_s = [100.0]
    listener = Scripted(
        a=Activity(what="reads\n a  file"),
        b=Activity(what="x" * 500),
        some=Used(usage=Usage(input_tokens=3)),
        more=Used(usage=Usage(input_tokens=4)),
    )
    ear = hearing(listener, tell=told.append, now_s=lambda: now_s[0])
    ear.hear("a")
    now_s[0] += 60
    ear.looked(written_bytes=1)
    assert told == []
    ear.hear("some")
    ear.looked(written_bytes=2)
    for line in ("b", "more"):
        ear.hear(line)
    now_s[0] += 1
    ear.looked(written_bytes=3)
    assert [news.activity for news in told] == ["reads a file", "x" * 117 + "..."]


# --- runaway ------------------------------------------------------------------------------------


def excess(bounds: RunBounds, *lines: str, files: Iterable[int | None] = ()) -> str:
    """What is too much after these lines, each followed by a look."""
    seen = iter(files)
    usage = Usage(requests=7, cost_usd=1.5)
    listener = Scripted(turn=ACTED, retry=Retrying(), used=Used(usage=usage))
    ear = hearing(listener, bounds, files=lambda: next(seen, 0))
    wish = None
    for number, line in enumerate(lines, start=1):
        ear.hear(line)
        ear.looked(written_bytes=10 * number)
        wish = wish or ear.wish()
    assert wish is None or wish.because is OutcomeKind.RUNAWAY
    return wish.detail if wish is not None else ""


@pytest.mark.parametrize(
    ("bounds", "lines", "detail"),
    [
        (RunBounds(requests=3), 4, "4 requests to its model; one run may take 3"),
        (RunBounds(turns=3), 4, "4 turns; one run may take 3"),
        (RunBounds(output_bytes=30), 4, "40 bytes of output; one run may take 30"),
        (RunBounds(requests=4, turns=4, output_bytes=40), 4, ""),
    ],
)
def test_more_than_a_run_may_take_ends_it(bounds: RunBounds, lines: int, detail: str) -> None:
    assert excess(bounds, *["turn"] * lines) == detail


def test_requests_that_got_no_answer_and_those_it_tells_of_count() -> None:
    assert excess(RunBounds(requests=2), "turn", "retry", "turn") != ""
    assert excess(RunBounds(requests=6), "used").startswith("7 requests")
    assert excess(RunBounds(cost_usd=1.0), "used") == "$1.50; one run may take $1.00"


def test_many_requests_without_a_changed_file_go_round_in_circles() -> None:
    bounds = RunBounds(idle_requests=3)
    expected = "4 requests to its model without a changed file; 3 may pass without one"
    assert excess(bounds, *["turn"] * 4, files=[1, 1]) == expected
    assert excess(bounds, *["turn"] * 7, files=[1, 2]) == ""
    assert excess(bounds, *["turn"] * 8, files=[1, 2, 2]) == expected


def test_files_are_not_looked_at_before_there_is_a_reason() -> None:
    looks: list[int] = []

    def files() -> int:
        looks.append(1)
        return 1

    ear = hearing(Scripted(turn=ACTED), RunBounds(idle_requests=100), files=files)
    for number in range(50):
        ear.hear("turn")
        ear.looked(written_bytes=number)
    assert looks == []


def test_where_nobody_sees_the_files_it_takes_longer() -> None:
    bounds = RunBounds(idle_requests=3)
    blind = [None] * 100
    assert excess(bounds, *["turn"] * 15, files=blind) == ""
    assert excess(bounds, *["turn"] * 16, files=blind).startswith("16 requests")


def test_an_honest_hour_is_within_the_bounds_that_nobody_set() -> None:
    assert excess(RunBounds(), *["turn"] * 250, files=[1, 1]) == ""
    assert excess(RunBounds(), *["turn"] * 251, files=[1, 1]) != ""
