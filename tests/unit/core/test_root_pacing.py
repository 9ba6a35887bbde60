"""max_workers = "auto" at root: who is told what, and what outlives a PRD's supervisor."""

from __future__ import annotations

from prd_supervise.policies.scheduling.admission import Lease, Leases
from prd_supervise.policies.scheduling.concurrency import PaceRules
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.pacing import (
    Circumstances,
    HostFigures,
    Pacing,
    decided,
    fared,
    without,
)
from prd_supervise.workers.messages.pace import Faring

GIB = 1 << 30
HOST = HostFigures(cores=4, available_bytes=64 * GIB)
FREE = Leases(limit=10)
WIDE = Faring(width=9, running=3)


def at(now_s: float, *, shortage: str = "", leases: Leases = FREE) -> Circumstances:
    return Circumstances(leases=leases, now_s=now_s, shortage=shortage)


def test_a_prds_first_word_is_answered_by_its_first_number() -> None:
    pacing, told = fared(Pacing(host=HOST), "P", WIDE, at(0.0))
    ((prd_id, word, text),) = told
    assert (prd_id, word.max_workers) == ("P", 3)
    assert text == "3: the start: 4 cores, 64 GiB of memory free"
    assert pacing.places_of("P", FREE) == 3


def test_every_change_says_from_what_to_what_and_why() -> None:
    pacing, _ = fared(Pacing(host=HOST, rules=PaceRules(step_s=5.0)), "P", WIDE, at(0.0))
    _, ((_, word, text),) = decided(pacing, at(6.0))
    assert word.max_workers == 4
    assert text == "3 -> 4: 9 can run, 64 GiB of memory free, perhaps 1 GiB a story"


def test_prds_are_paced_apart() -> None:
    pacing, _ = fared(Pacing(host=HOST, rules=PaceRules(step_s=5.0)), "P", WIDE, at(0.0))
    pacing, _ = fared(pacing, "Q", replace(WIDE, merged=0), at(0.0))
    pacing, told = fared(pacing, "Q", replace(WIDE, conflicts=3), at(6.0))
    assert {prd_id: word.max_workers for prd_id, word, _ in told} == {"P": 4, "Q": 1}


def test_a_supervisor_that_comes_back_begins_with_the_number_of_its_predecessor() -> None:
    pacing, _ = fared(Pacing(host=HOST, rules=PaceRules(step_s=5.0)), "P", WIDE, at(0.0))
    pacing, _ = decided(pacing, at(6.0))
    assert pacing.places_of("P", FREE) == 4
    pacing, told = fared(pacing, "P", Faring(width=9, running=1), at(7.0))
    assert told == ()
    assert pacing.places_of("P", FREE) == 4
    assert without(pacing, "P").places_of("P", FREE) == 3


def test_the_api_limit_bounds_and_a_story_that_waits_for_it_stops_the_growth() -> None:
    pacing, _ = fared(Pacing(host=HOST, rules=PaceRules(step_s=5.0)), "P", WIDE, at(0.0))
    waits = Leases(limit=10, waiting=(Lease(holder="P", name="S#1"),))
    assert decided(pacing, at(6.0, leases=waits))[1] == ()
    (told,) = decided(pacing, at(6.0, leases=Leases(limit=2)))[1]
    assert told[1].max_workers == 2


def test_what_the_host_is_short_of_is_the_reason() -> None:
    pacing, _ = fared(Pacing(host=HOST, rules=PaceRules(step_s=5.0)), "P", WIDE, at(0.0))
    (told,) = decided(pacing, at(6.0, shortage="the host has 1 MiB of memory left"))[1]
    assert told[2] == "3 -> 1: the host has 1 MiB of memory left"
