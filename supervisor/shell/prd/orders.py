"""What the core's short wishes mean in full, once plan, configuration and places are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import assert_never

import msgspec

from ....policies.ceilings.verdicts import Attempt
from ....policies.values import replace
from ....workers.messages.prd import Begin
from ....workers.messages.rules import Rules, SecretSources, sources_of
from ....workers.messages.story import Assign, Finish, RunAgent, RunVerify, WorkerOrder
from ...core.prd.landing.landing_state import LANDING_NAME
from ...core.prd.words import (
    AssignLander,
    AssignWorker,
    FinishWorker,
    OrderLander,
    StartAgent,
    StartReview,
    StartVerify,
    TellWorker,
)
from ...prd.model import Plan, PlannedStory
from ..ceilings.cgroups import open_story, story_cgroup
from ..storage.layout import Layout
from .prompting import Prompting
from .reviewing import review_prompt


class Orders:
    """Turns wishes of one PRD's core into messages."""

    def __init__(
        self,
        told: Begin,
        plan: Plan,
        layout: Layout,
        tell: Callable[[str, str], None],
        extend: Callable[[float], None],
    ) -> None:
        """`tell` says to people what a story's prompt has; `extend` excuses our loop to root."""
        self._told = told
        self._plan = plan
        self._layout = layout
        self._stories = {story.story_id: story for story in plan.stories}
        self._prompting = Prompting(told, self._secrets, tell, extend)

    def take(self, plan: Plan) -> None:
        """Go by this plan from now on; what it no longer has may still be at work."""
        self._plan = plan
        self._prompting.clear()
        self._stories |= {story.story_id: story for story in plan.stories}

    def order(
        self,
        command: AssignWorker | StartAgent | StartReview | StartVerify | TellWorker | FinishWorker,
    ) -> WorkerOrder:
        """What the story's worker is told."""
        match command:
            case AssignWorker():
                return self._assignment(command)
            case StartAgent():
                return self._agent_run(command)
            case StartReview():
                return self._review(command)
            case StartVerify():
                return replace(command.order, env=self._told.verify_env)
            case TellWorker():
                return command.order
            case FinishWorker():
                result = command.result
                is_over = result.result == "merged"  # else the next attempt may go on from there
                homes = str(self._layout.homes(result.prd_id, result.story_id)) if is_over else ""
                return Finish(result=msgspec.json.encode(result).decode(), homes=homes)
            case _:
                assert_never(command)

    def lander_order(self, command: AssignLander | OrderLander) -> WorkerOrder:
        """What the worker of a landing is told."""
        told = self._told
        if isinstance(command, OrderLander):
            order = command.order
            if isinstance(order, RunVerify):
                return replace(order, env=told.verify_env)
            return order
        return Assign(
            prd_id=told.prd_id,
            story_id=LANDING_NAME,
            title=self._plan.title,
            attempt=command.attempt,
            base=command.base,
            worktree=command.folder,
            attempt_dir=str(self._layout.landing(told.prd_id)),
            marker=told.marker,
            secrets=self._secrets,
        )

    @property
    def _secrets(self) -> SecretSources:
        told = self._told
        return sources_of(Rules(worktree=told.worktree, secrets=told.secrets), told.repository)

    def _assignment(self, command: AssignWorker) -> Assign:
        told = self._told
        folder = self._layout.attempt(told.prd_id, command.story_id, command.attempt)
        return Assign(
            prd_id=told.prd_id,
            story_id=command.story_id,
            title=self._stories[command.story_id].title,
            attempt=command.attempt,
            base=command.base,
            worktree=command.worktree,
            attempt_dir=str(folder),
            marker=told.marker,
            cgroup=self._cgroup(command),
            secrets=self._secrets,
        )

    def _cgroup(self, command: AssignWorker) -> str:
        """Make the attempt's cgroup; root removes it when the story is at rest."""
        told = self._told
        if not told.cgroup:
            return ""
        attempt = Attempt(prd_id=told.prd_id, story_id=command.story_id, number=command.attempt)
        path = story_cgroup(Path(told.cgroup), attempt)
        return str(path) if open_story(path, told.ceilings) else ""

    def _agent_run(self, command: StartAgent) -> RunAgent:
        planned, rules, choice = self._stories[command.story_id], self._told.agents, command.choice
        chosen = rules.spec(choice.agent)
        chosen = replace(
            chosen, script=planned.replay or chosen.script, model=choice.model or chosen.model
        )
        verify = verify_of(planned, self._plan, self._told.verify)
        prompt = self._prompting.prompt(command, self._plan, planned, verify)
        home = self._layout.home(self._told.prd_id, command.story_id, chosen.name)
        return RunAgent(
            prompt=prompt,
            agent=chosen,
            session=command.session,
            home=str(home),
            may_run=verify,
        )

    def _review(self, command: StartReview) -> RunAgent:
        planned, rules = self._stories[command.story_id], self._told.agents
        review = rules.review
        chosen = rules.spec(review.agent)
        chosen = replace(
            chosen,
            script=planned.replay or chosen.script,
            model=review.model or chosen.model,
            timeout_s=review.timeout_s,
            resumes=False,
        )
        prompt = review_prompt(self._plan, planned, command, review.prompt)
        home = self._layout.home(self._told.prd_id, command.story_id, f"{chosen.name}.review")
        return RunAgent(prompt=prompt, agent=chosen, home=str(home), is_review=True)


def verify_of(story: PlannedStory, plan: Plan, configured: tuple[str, ...]) -> tuple[str, ...]:
    """The story's own commands, else the PRD's, else the configuration's; then its criteria's."""
    said = (commands for commands in (story.verify, plan.verify) if commands is not None)
    return tuple(dict.fromkeys((*next(said, configured), *story.checks)))
