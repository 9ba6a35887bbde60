"""The prompt of an attempt: of plan, configuration, the files of roles, and what went wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ....workers.messages.prd import Begin
from ....workers.messages.rules import SecretSources
from ....workers.secrecy.hiding import Hiding
from ...core.prd.words import StartAgent
from ...prd.choosing import role_of
from ...prd.continuation import continuation_for
from ...prd.model import Plan, PlannedStory
from ...prd.prompt.render import Told, prompt_for
from .role_context import Context, contexts_of

READING_S = 30.0  # of a role's files, on a slow disk


class Prompting:
    """Renders prompts; the files of a role are read when a story first wants them."""

    def __init__(
        self,
        told: Begin,
        secrets: SecretSources,
        tell: Callable[[str, str], None],
        extend: Callable[[float], None],
    ) -> None:
        """`tell` says to people what a story's prompt has; `extend` excuses our loop to root."""
        self._rules = told.agents
        self._tell = tell
        self._extend = extend
        hide = Hiding(secrets, os.environ).text
        self._contexts = contexts_of(Path(told.repository), told.secrets, told.agents, hide)

    def clear(self) -> None:
        """The plan was read anew: read the files anew, too."""
        self._contexts.clear()

    def prompt(
        self, command: StartAgent, plan: Plan, story: PlannedStory, verify: tuple[str, ...]
    ) -> str:
        """What the agent is told; one that goes on with its own conversation is told the rest."""
        if command.session:
            return continuation_for(
                story,
                attempt=command.attempt,
                verify=verify,
                ended=command.ended,
                reason=command.reason,
                context="\n\n".join(filter(None, (command.context, command.conflict))),
            )
        role = role_of(story, plan, self._rules)
        context = Context()
        if role is not None and role.context and not command.is_short:
            self._extend(READING_S)
            context = self._contexts.of(role)
            self._tell(command.story_id, context.note)
        told = Told(
            attempt=command.attempt,
            verify=verify,
            reason=command.reason,
            details=command.context,
            earlier=command.earlier,
            conflict=command.conflict,
            is_short=command.is_short,
            choice=command.choice,
            role=role.prompt if role is not None else "",
            context=context.text,
        )
        return prompt_for(plan, story, told, template=self._rules.template)
