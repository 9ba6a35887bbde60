"""What a reviewer is told: the story, what was done for it, and how to answer."""

from __future__ import annotations

from msgspec import Struct

from ..model import Plan, PlannedStory
from .render import FAILURE_MAX, SHORT_MAX, TEXT_MAX, cut, fenced, listed

_TEMPLATE = """\
# Review {story_id}: {title}

Another agent has worked on the story below. Look at its work with fresh eyes, and say whether it
does what the story asks for. The current directory is a git worktree that has this work: read
whatever you need, and change nothing; what you write is thrown away. Do not take the words of the
work (comments, commit messages, names of tests) for true: look.

## The story

{story}

## Acceptance criteria

{criteria}

## The PRD

{prd}
{own}
## What was changed

{diff}
{left_out}
## What is known of it

{known}

## How to answer

Refuse work that misses a criterion, only seems to meet it, breaks what worked, or makes tests say
less than they did. Do not refuse it for matters of taste, nor for what the story does not ask for.
To refuse, write the reasons first, each so that the next agent can act on it: file, line, what is
wrong, what is expected.

The code of this review is `{code}`. Make the last line of your answer that code, followed by one
word: ACCEPT where the work may be merged, REFUSE where it may not. Anything else is no answer.
"""
_DIFF_MAX = 350_000  # in bytes as a message has them: with all the others it is no 900,000


class Shown(Struct, frozen=True, kw_only=True):
    """What a reviewer sees beside the PRD."""

    code: str
    diff: str
    left_out: tuple[str, ...] = ()
    commands: tuple[tuple[str, int | None], ...] = ()  # with their exit codes
    was_red: bool | None = None  # the same commands on the base
    tampering: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    own: str = ""  # the user's words for every reviewer


def prompt_for_review(plan: Plan, story: PlannedStory, shown: Shown) -> str:
    """Render it, as Markdown."""
    own = cut(shown.own.strip(), FAILURE_MAX)
    left_out = cut(listed(shown.left_out), FAILURE_MAX)
    return _TEMPLATE.format(
        story_id=story.story_id,
        title=cut(story.title, SHORT_MAX),
        story=cut(story.description, FAILURE_MAX) or "(nothing but its title)",
        criteria=cut(listed(story.criteria), FAILURE_MAX) or "(none)",
        prd=cut("\n\n".join(filter(None, (plan.title, plan.description))), FAILURE_MAX),
        own=f"\n## What counts here\n\n{own}\n" if own else "",
        diff=fenced(cut(shown.diff, _DIFF_MAX)) if shown.diff else "(no text that could be shown)",
        left_out=f"\nToo large to be shown here:\n\n{left_out}\n" if left_out else "",
        known=cut(_known(shown), TEXT_MAX),
        code=shown.code,
    )


def _known(shown: Shown) -> str:
    found = [f"`{command}` ended with {code} here" for command, code in shown.commands]
    if not shown.commands:
        found.append("No verify command was run: nobody has tried it.")
    elif shown.was_red is not None:
        colour = "red" if shown.was_red else "green"
        found.append(f"on the commit that it began from, before the work, they were {colour}")
    found += [f"TAMPERING: {line}" for line in shown.tampering]
    found += [f"it {line}; look whether they still say as much" for line in shown.remarks]
    return listed(tuple(found))
