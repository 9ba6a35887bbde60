"""The exit code of root as a service, by which its manager decides whether to start it again."""

from __future__ import annotations

from ...core.root.step import EXIT_BURNT_OUT, EXIT_DONE, EXIT_STOPPED

# Asked wrongly, and an invalid configuration: to start again would change nothing.
FOR_A_PERSON = frozenset({2, 78})


def service_exit_code(exit_code: int, *, by_operator: bool, was_stopped: bool) -> int:
    """What the manager is to know: an operator's stop is an end, any other stop is none.

    A manager that has sent the signal itself takes EXIT_STOPPED for success. Whoever else has, an
    agent's `kill` perhaps, must not end a service that nobody wanted ended, though all was done;
    and after an upgrade the new program is to go on.
    """
    if by_operator:
        return EXIT_DONE
    if was_stopped and exit_code != EXIT_BURNT_OUT:
        return EXIT_STOPPED
    return exit_code
