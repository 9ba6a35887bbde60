from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import Verdict
from prd_supervise.workers.jobs.job import JobEnd
from prd_supervise.workers.jobs.outcome_of import outcome_of


@pytest.mark.parametrize(
    ("returncode", "last_line", "kind", "detail"),
    [
        (0, "all is well", OutcomeKind.NORMAL, "exited with 0"),
        (3, "", OutcomeKind.FAILED, "exited with 3"),
        (3, "no credit left", OutcomeKind.FAILED, "exited with 3: no credit left"),
        (-11, "", OutcomeKind.CRASHED, "killed by SIGSEGV"),
        (-9, "working", OutcomeKind.CRASHED, "killed by SIGKILL: working"),
        (-40, "", OutcomeKind.CRASHED, "killed by signal 40"),
    ],
)
def test_an_end_of_its_own_accord(
    returncode: int, last_line: str, kind: OutcomeKind, detail: str
) -> None:
    ended = JobEnd(code=returncode, leftovers=0, undead=0)
    outcome = outcome_of(ended, killed_because=None, duration_s=1.5, last_line=last_line)
    assert (outcome.kind, outcome.detail) == (kind, detail)
    assert (outcome.exit_code, outcome.duration_s, outcome.leftovers) == (returncode, 1.5, 0)


@pytest.mark.parametrize(
    ("because", "detail"),
    [
        (OutcomeKind.TIMED_OUT, "ran longer than 3600 s"),
        (OutcomeKind.STALLED, "no output and no changed file for 3600 s"),
        (OutcomeKind.INTERRUPTED, "stopped by us before its end"),
        (OutcomeKind.MISSING, "cannot execute x: gone"),
    ],
)
@pytest.mark.parametrize("returncode", [0, 127, -9])
def test_what_we_stopped_it_for_goes_before_its_exit_code(
    because: OutcomeKind, detail: str, returncode: int
) -> None:
    outcome = outcome_of(
        JobEnd(code=returncode, leftovers=2, undead=0),
        killed_because=because,
        duration_s=3612.3,
        last_line="cannot execute x: gone",
        limit_s=3600.0,
    )
    assert (outcome.kind, outcome.detail, outcome.leftovers) == (because, detail, 2)


@pytest.mark.parametrize("kind", [OutcomeKind.OUT_OF_MEMORY, OutcomeKind.OVER_LIMIT])
def test_a_ceiling_s_own_words_are_the_detail(kind: OutcomeKind) -> None:
    ended = JobEnd(code=-9, leftovers=0, undead=0)
    told = outcome_of(ended, killed_because=kind, duration_s=1.0, detail="6 GiB of 4 GiB")
    assert (told.kind, told.detail) == (kind, "6 GiB of 4 GiB")
    untold = outcome_of(ended, killed_because=kind, duration_s=1.0, last_line="working")
    assert untold.detail == "ended at a ceiling"


def test_a_command_that_was_never_executed_says_why_whatever_it_was_ended_for() -> None:
    ended = JobEnd(code=127, leftovers=0, undead=0)
    missing = outcome_of(
        ended, killed_because=OutcomeKind.MISSING, duration_s=1.0, last_line="cannot execute x"
    )
    assert missing.detail == "cannot execute x"


def test_what_cannot_be_killed_is_counted_and_told() -> None:
    ended = JobEnd(code=0, leftovers=3, undead=2)
    outcome = outcome_of(ended, killed_because=None, duration_s=1.0)
    assert (outcome.leftovers, outcome.undead) == (3, 2)
    assert outcome.detail == "exited with 0; 2 processes cannot be killed"


def test_whose_fault_it_is_that_something_is_refused_for_good_is_passed_on() -> None:
    ended = JobEnd(code=1, leftovers=0, undead=0)
    verdict = Verdict(kind=OutcomeKind.PERMANENT, reason="no such model", is_agents_fault=True)
    outcome = outcome_of(ended, killed_because=None, duration_s=1.0, verdict=verdict)
    assert (outcome.detail, outcome.is_agents_fault) == ("no such model", True)
