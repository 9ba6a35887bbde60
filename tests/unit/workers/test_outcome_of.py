from __future__ import annotations

import pytest

from prd_supervise.policies.outcome import OutcomeKind
from prd_supervise.workers.outcome_of import outcome_of


@pytest.mark.parametrize(
    ("returncode", "last_line", "kind", "detail"),
    [
        (0, "all is well", OutcomeKind.NORMAL, "exited with 0"),
        (3, "", OutcomeKind.FAILED, "exited with 3"),
        (3, "no credit left", OutcomeKind.FAILED, "exited with 3: no credit left"),
        (-11, "", OutcomeKind.CRASHED, "killed by SIGSEGV"),
        (-9, "working", OutcomeKind.CRASHED, "killed by SIGKILL: working"),
        (-40, "", OutcomeKind.CRASHED, "killed by signal 40"),
        (None, "'x': no such command", OutcomeKind.MISSING, "'x': no such command"),
    ],
)
def test_an_end_of_its_own_accord(
    returncode: int | None, last_line: str, kind: OutcomeKind, detail: str
) -> None:
    outcome = outcome_of(returncode, killed_because=None, duration_s=1.5, last_line=last_line)
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
        returncode,
        killed_because=because,
        duration_s=3612.3,
        leftovers=2,
        last_line="cannot execute x: gone",
        limit_s=3600.0,
    )
    assert (outcome.kind, outcome.detail, outcome.leftovers) == (because, detail, 2)
