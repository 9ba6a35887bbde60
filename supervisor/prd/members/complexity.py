"""How hard a story is: a word, a size as of T-shirts, or task-master's score."""

from __future__ import annotations

from ....policies.scheduling.complexity import level_of, level_of_score
from .fields import Record

COMPLEXITY = ("complexity", "estimatedComplexity", "complexityScore", "difficulty")
# Sizes in words; hours, days and points are of no use here.
EFFORT = ("effort", "estimatedEffort", "size")


def read_complexity(record: Record) -> str:
    """`low`, `medium` or `high`; empty where nothing is said that means one of them.

    It only helps to choose a model, so what is not understood is no defect.
    """
    for names, has_scores in ((COMPLEXITY, True), (EFFORT, False)):
        for member in record.find_all(names):
            match member.value:
                case bool():
                    continue
                case str() as word:
                    level = level_of(word.strip())
                case int() | float() as score if has_scores:
                    level = level_of_score(score)
                case _:
                    level = ""
            if level:
                return level
    return ""
