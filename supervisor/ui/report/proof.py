"""The evidence of a PRD's stories in a few lines: what most of them have in common is said once."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.counting import counted
from ....policies.outcomes.outcome import VerifyRun
from .reading import PrdPart, StoryLine

NAMED_MAX = 5
COMMANDS_MAX = 3
KINDS_MAX = 6
RESOLVED = "; conflicts resolved by themselves in "  # as a story's evidence says it


def proofs_of(part: PrdPart) -> list[str]:
    """`12 stories: verified on the merged tree by `make test`; approved by the review of codex`."""
    found: dict[str, list[str]] = {}
    for story in part.stories:
        proof = proof_of(story) if story.is_done and not story.was_done else ""
        if proof:
            found.setdefault(proof, []).append(story.story_id)
    kinds = sorted(found.items(), key=lambda pair: -len(pair[1]))
    lines = [f"{_named(names)}: {proof}" for proof, names in kinds[:KINDS_MAX]]
    rest = sum(len(names) for _, names in kinds[KINDS_MAX:])
    lines += [f"{counted(rest, 'story')} with other evidence"] if rest else []
    return [*lines, *_resolved(part)]


def _resolved(part: PrdPart) -> list[str]:
    """The files whose conflicts nobody had to look at."""
    found = []
    for story in part.stories:
        _, is_there, files = story.evidence.partition(RESOLVED)
        if is_there and story.figures.attempts:
            found.append(f"{story.story_id} in {files.partition('; ')[0]}")
    more = len(found) - NAMED_MAX
    named = "; ".join(found[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
    return [f"conflicts that resolved themselves: {named}"] if found else []


def proof_of(story: StoryLine) -> str:
    """Why it counts as done, without what is its own alone."""
    if story.runs.merged is None:
        text = story.evidence
    else:
        where = "in its own tree and merged" if story.runs.story is not None else "merged"
        text = f"verified {where} by {commands_text(story.runs.merged)}"
        if story.runs.base is not None:
            text += ", red before" if not story.runs.base.is_green else ", green before, too"
    words = story.review.words
    return f"{text}; {words}" if words and words not in text else text


def commands_text(run: VerifyRun) -> str:
    """`make test`, `make lint` and 2 more."""
    names = [f"`{each.command}`" for each in run.commands]
    more = len(names) - COMMANDS_MAX
    return ", ".join(names[:COMMANDS_MAX]) + (f" and {more} more" if more > 0 else "")


def _named(names: Sequence[str]) -> str:
    if len(names) <= NAMED_MAX:
        return ", ".join(names)
    return f"{counted(len(names), 'story')} ({', '.join(names[: NAMED_MAX - 2])} ...)"
