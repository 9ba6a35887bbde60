"""Under which heading an option stands in the help of its command."""

from __future__ import annotations

from collections.abc import Iterable

import click

OTHERS = "Options"

_HEADINGS = {
    "Who works": ("agent", "model"),
    "How much at once": ("max_prds", "max_workers", "api_limit"),
    "What goes on": ("retry", "repair", "from_log", "adopt_branch", "watch", "no_doctor"),
    "What is seen of it": ("plain", "detach"),
    "Stories that collide": ("inference_mode", "conflict_strategy", "no_reconcile", "no_fallback"),
    "How it ends": ("fail_fast", "grace_s"),
}
_FEW = 7  # options that need no headings


def grouped(options: Iterable[click.Option]) -> list[tuple[str, list[click.Option]]]:
    """The options by headings, in the order of these; the common ones are the last."""
    shown = list(options)
    if len(shown) <= _FEW:
        return [(OTHERS, shown)]
    names = {name for each in _HEADINGS.values() for name in each}
    groups = [
        (heading, [each for name in said for each in shown if each.name == name])
        for heading, said in _HEADINGS.items()
    ]
    groups.append((OTHERS, [each for each in shown if each.name not in names]))
    return [(heading, of_it) for heading, of_it in groups if of_it]
