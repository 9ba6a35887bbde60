"""The prompt of one attempt: the words of PRD, story and failure, put into a template."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from ....policies.outcomes.claims import MARK
from ....workers.messages.agents import Choice
from ..model import Plan, PlannedStory
from .default import TEMPLATE
from .template import rendered

# In bytes as a message has them. A prompt has to stay below what goes in one (1 MiB).
PROMPT_MAX = 900_000
TEXT_MAX = 180_000  # of one description, or of all criteria
FAILURE_MAX = 64_000
SHORT_MAX = 2_000  # likewise, once a prompt was more than the model can take in

_MAY_CLAIM = f"""\
If you find that all of this holds already and nothing has to be changed, change nothing, and make
this the last line of your answer: `{MARK} <why, and how you found out>`. A person decides then."""
_NO_CODE = "It may be that nothing has to be changed: then change nothing."


class Told(Struct, frozen=True, kw_only=True):
    """What one attempt is told beside the PRD."""

    attempt: int
    verify: tuple[str, ...] = ()
    reason: str = ""  # why the attempt before came to nothing
    details: str = ""  # the end of what was printed
    earlier: str = ""  # where its work is found
    conflict: str = ""  # what others change as well
    is_short: bool = False  # the last prompt was more than the model can take in
    choice: Choice = Choice()
    role: str = ""  # what is told to whoever works in the story's role
    context: str = ""  # the files of that role


def prompt_for(plan: Plan, story: PlannedStory, told: Told, *, template: str = "") -> str:
    """Render it, as Markdown; without a template of the user's by ours."""
    values = {
        "id": story.story_id,
        "title": story.title,
        "story": cut(story.description, TEXT_MAX),
        "criteria": cut(listed(story.criteria), TEXT_MAX),
        "files": cut(listed(story.files), SHORT_MAX),
        "prd_id": plan.prd_id,
        "prd_title": plan.title,
        "prd": cut("\n\n".join(filter(None, (plan.title, plan.description))), TEXT_MAX),
        "role": cut(told.role, SHORT_MAX if told.is_short else FAILURE_MAX),
        "context": "" if told.is_short else told.context,
        "attempt": str(told.attempt),
        "last_attempt": str(max(0, told.attempt - 1)) if told.reason else "",
        "failure": _failure(told),
        "earlier": cut(told.earlier, SHORT_MAX),
        "conflict": cut(told.conflict, SHORT_MAX if told.is_short else FAILURE_MAX),
        "judged": judged_by(told.verify),
        "no_code": _NO_CODE if story.no_code else _MAY_CLAIM,
        "agent": told.choice.agent,
        "model": told.choice.model,
    }
    return cut(_no_command(rendered(template or TEMPLATE, values), template), PROMPT_MAX)


def _no_command(text: str, template: str) -> str:
    """At the very beginning some agents take "/word" for a command of theirs, not for a prompt.

    That is left to whoever writes templates; a PRD's text there is only text.
    """
    is_wanted = template.lstrip("\n").startswith("/")
    return f"\n{text}" if text.startswith("/") and not is_wanted else text


def judged_by(verify: tuple[str, ...]) -> str:
    """When the story counts as done, after "once"."""
    commands = " and ".join(f"`{command}`" for command in verify)
    return f"{commands} passed here and on the merged tree" if verify else "it is merged"


def cut(text: str, bytes_max: int) -> str:
    """The text as far as it goes; where it is cut, it says so."""
    size = encoded(text)
    if size <= bytes_max:
        return text
    kept = text
    while (now := encoded(kept)) > bytes_max:
        kept = kept[: max(0, min(len(kept) - 1, len(kept) * bytes_max // now))]
    return f"{kept}\n[cut here: {len(text) - len(kept)} characters more]"


def encoded(text: str) -> int:
    """How many bytes a text is in a message."""
    return len(msgspec.json.encode(text))


def fenced(text: str) -> str:
    """A text as a block of code, whatever stands in it."""
    longest = 0
    for line in text.split("\n"):
        bare = line.lstrip()
        longest = max(longest, len(bare) - len(bare.lstrip("`")))
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _failure(told: Told) -> str:
    if not told.reason:
        return ""
    most = SHORT_MAX if told.is_short else FAILURE_MAX
    details = told.details.strip()
    if not details or details in told.reason:
        return cut(told.reason, most)
    # Of what was printed the end says most.
    end = details if encoded(details) <= most else f"[...]\n{_end(details, most)}"
    return f"{cut(told.reason, most)}\n\nIn detail:\n\n{fenced(end)}"


def _end(text: str, bytes_max: int) -> str:
    while (size := encoded(text)) > bytes_max:
        text = text[-max(1, min(len(text) - 1, len(text) * bytes_max // size)) :]
    return text


def listed(lines: tuple[str, ...]) -> str:
    """Give a list in Markdown."""
    return "\n".join(f"- {line}" for line in lines)
