"""What an exit code says."""

from __future__ import annotations

import signal

from ....policies.outcomes.outcome import OutcomeKind


def kind_of_exit(code: int) -> OutcomeKind:
    """What an exit code says by itself; a negative one is a signal."""
    if code == 0:
        return OutcomeKind.NORMAL
    return OutcomeKind.FAILED if code > 0 else OutcomeKind.CRASHED


def exit_in_words(code: int) -> str:
    """Say an exit code as a line for people; a negative one is a signal."""
    if code >= 0:
        return f"exited with {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal between the two that have names
        return f"killed by signal {-code}"
