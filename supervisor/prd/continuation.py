"""What an agent is told that goes on with its own conversation: not the whole story once more."""

from __future__ import annotations

from .model import PlannedStory
from .prompt.render import FAILURE_MAX, TEXT_MAX, cut, fenced, judged_by

_HEAD = """# {story_id}: {title}, continued (attempt {attempt})

You have worked on this story before, and this is the same conversation. It ended: {ended}
"""

_LESSON = """
What went wrong before that: {reason}
"""

_CONTEXT = """
In detail:

{context}
"""

_RULES = """
Your worktree is as it was left: what had not been committed then was committed for you since, and
what you had begun in the background is gone. Look at what is there before you go on, then do what
is still missing for the story as it was told to you. The same rules hold: the story is done once
{judged}.
"""


def continuation_for(
    story: PlannedStory,
    *,
    attempt: int,
    verify: tuple[str, ...],
    ended: str,
    reason: str,
    context: str,
) -> str:
    """Render what is said to it: what happened meanwhile, as Markdown."""
    head = _HEAD.format(
        story_id=story.story_id,
        title=story.title,
        attempt=attempt,
        ended=cut(ended, FAILURE_MAX) or "nobody knows why.",
    )
    parts = [head]
    if reason and reason != ended:
        parts.append(_LESSON.format(reason=cut(reason, FAILURE_MAX)))
    if context.strip() and context.strip() not in reason:
        parts.append(_CONTEXT.format(context=fenced(cut(context.strip(), TEXT_MAX))))
    parts.append(_RULES.format(judged=judged_by(verify)))
    return "".join(parts)
