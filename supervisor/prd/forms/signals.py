"""Stages of steps that say by which signals they are complete: bernstein's `plan.yaml`.

The signals become criteria for the agent to read, and none of them is run: which of them are
commands is known to that tool alone. All else is as in other phases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..members.draft import Draft
from ..members.fields import Findings, keys_by_name
from . import phased

_SIGNALS = "completionsignals"
_VALUES = ("value", "path", "pattern", "command", "prompt")


def drafts(document: object, findings: Findings) -> tuple[Draft, ...] | None:
    """The PRD of a document of this form; None if it has another one."""
    if not isinstance(document, dict):
        return None
    stages = document.get("stages")
    if not isinstance(stages, list) or not any(_has_signals(stage) for stage in stages):
        return None
    told = [_told_stage(stage) for stage in stages]
    return phased.drafts({**document, "stages": told}, findings)


def _has_signals(stage: object) -> bool:
    steps = stage.get("steps") if isinstance(stage, dict) else None
    return isinstance(steps, list) and any(
        isinstance(step, dict) and _SIGNALS in keys_by_name(step) for step in steps
    )


def _told_stage(stage: object) -> object:
    if not isinstance(stage, dict) or not isinstance(stage.get("steps"), list):
        return stage
    return {**stage, "steps": [_told(step) for step in stage["steps"]]}


def _told(step: object) -> object:
    """A step in our words; it stands where it stood."""
    if not isinstance(step, dict):
        return step
    words: dict[str, object] = {"acceptanceCriteria": list(_criteria(step))}
    if isinstance(step.get("goal"), str):
        words["title"] = step["goal"]
    return {**words, **step}


def _criteria(step: Mapping[str, object]) -> Iterator[str]:
    for key in keys_by_name(step).get(_SIGNALS, ()):
        signals = step[key]
        for signal in signals if isinstance(signals, list) else [signals]:
            if isinstance(signal, dict):
                about = (str(signal[name]) for name in _VALUES if signal.get(name) is not None)
                yield " ".join(filter(None, (str(signal.get("type", "")), *about)))
            elif isinstance(signal, str):
                yield signal
