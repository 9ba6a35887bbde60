"""What an agent is told: the story, its criteria, the PRD around it, and what failed last time."""

from __future__ import annotations

from .model import Plan, PlannedStory

CHARS_MAX = 200_000  # of a description: the whole prompt has to stay below a message's bound

_FAILED = """
## What went wrong last time (attempt {attempt})

{reason}
"""

_CONTEXT = """
In detail:

```
{context}
```
"""

_RULES = """
## How it is judged

Work in the current directory, a git worktree of its own. Commit or not, as you like: what you
leave is committed for you. Do not switch branches, and leave the PRD file alone: the story is
marked done by the supervisor, once {judged}.
"""


def prompt_for(
    plan: Plan,
    story: PlannedStory,
    *,
    attempt: int,
    verify: tuple[str, ...],
    reason: str,
    context: str,
) -> str:
    """Render the prompt of one attempt, as Markdown."""
    parts = [f"# {story.story_id}: {story.title}\n"]
    if story.description:
        parts.append(f"\n{story.description[:CHARS_MAX]}\n")
    if story.criteria:
        lines = "\n".join(f"- {criterion}" for criterion in story.criteria)
        parts.append(f"\n## Acceptance criteria\n\n{lines[:CHARS_MAX]}\n")
    parts.append(f"\n## The PRD\n\n{plan.title}\n")
    if plan.description:
        parts.append(f"\n{plan.description[:CHARS_MAX]}\n")
    if reason:
        parts.append(_FAILED.format(attempt=attempt - 1, reason=reason))
        if context.strip() not in reason:  # an empty one is in every reason
            parts.append(_CONTEXT.format(context=context.strip()))
    parts.append(_RULES.format(judged=judged_by(verify)))
    return "".join(parts)


def judged_by(verify: tuple[str, ...]) -> str:
    """When the story counts as done, after "once"."""
    commands = " and ".join(f"`{command}`" for command in verify)
    return f"{commands} passed here and on the merged tree" if verify else "it is merged"
