"""The replay agent's script: what may stand in it, and which steps an attempt plays.

A script is a list of steps, or a list of such lists, one for each attempt (the last one serves all
later attempts too). A step is an object with one key. This module is imported by the player, so it
imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from .script_checks import CHECKS, IF, STEPS_OF_IF, shown

Step = dict[str, object]

RESULT_LINE = "replay: result: "  # what the player says for the step `result` begins with it
WORD_LINE = "replay: {"  # what it says for a step of a real agent's part, as JSON


def script_defects(script: object) -> tuple[str, ...]:
    """List what is wrong with a script, each in one line that names the place."""
    if not isinstance(script, list):
        return (f"script: {shown(script)} is not a list of steps",)
    if any(isinstance(item, list) for item in script):
        return tuple(_attempts_defects(script))
    return tuple(_steps_defects(script, "script"))


def steps_of(script: list[object], attempt: int) -> list[Step]:
    """Choose the steps of an attempt (1, 2 ...) from a script without defects."""
    steps: object = script
    if script and isinstance(script[0], list):
        steps = script[min(max(attempt, 1), len(script)) - 1]
    return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []


def _attempts_defects(attempts: list[object]) -> Iterator[str]:
    for number, steps in enumerate(attempts):
        if isinstance(steps, list):
            yield from _steps_defects(steps, f"script[{number}]")
        else:
            yield f"script[{number}]: {shown(steps)} stands among lists of steps; make it one too"


def _steps_defects(steps: list[object], where: str) -> Iterator[str]:
    for number, step in enumerate(steps):
        defect = _step_defect(step)
        if defect:
            yield f"{where}[{number}]: {defect}"
        elif isinstance(step, dict) and IF in step:
            yield from _branch_defects(step[IF], f"{where}[{number}].{IF}")


def _branch_defects(condition: dict[str, object], where: str) -> Iterator[str]:
    """What is wrong with the steps that depend on something; they depend on nothing more."""
    for name in STEPS_OF_IF:
        steps = condition.get(name, [])
        for number, step in enumerate(steps if isinstance(steps, list) else ()):
            is_nested = isinstance(step, dict) and IF in step
            defect = f"{IF} stands in another {IF}" if is_nested else _step_defect(step)
            if defect:
                yield f"{where}.{name}[{number}]: {defect}"


def _step_defect(step: object) -> str:
    if not isinstance(step, dict) or len(step) != 1:
        return f"{shown(step)} is not an object with one key"
    name, value = next(iter(step.items()))
    if name not in CHECKS:
        return f"{name!r} is not one of {', '.join(sorted(CHECKS))}"
    defect = CHECKS[name](value)
    return f"{name}: {defect}" if defect else ""
