"""People in a simulated night: what they are asked, and what they answer, sooner or later."""

from __future__ import annotations

import random
from typing import Any

from prd_supervise.policies.approval import Approval, Point, Word
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.root.words import AnswersGiven
from prd_supervise.workers.messages.approval import Answer
from prd_supervise.workers.messages.prd import PrdReport
from tests.simulation.kernel import Kernel

LOOKS_EVERY_S = 3.0
POINTS = ((Point.STORY,), (Point.MERGE,), (Point.PRD,), tuple(Point), ())


class People:
    """What a seed makes of them, by a chance of its own: they say no, say it twice, and dawdle."""

    def __init__(self, seed: int, kernel: Kernel, patient_until_s: float) -> None:
        """After that moment they agree to everything: a night that only they prolong has to end."""
        self._chance = random.Random(f"people {seed}")  # noqa: S311  a game, no secret
        self._kernel = kernel
        self._patient_until_s = patient_until_s
        self._points: dict[str, tuple[Point, ...]] = {}
        self._asked: dict[str, dict[str, Approval | None]] = {}
        self.said: list[Word] = []

    def points(self, prd_id: str) -> tuple[Point, ...]:
        """Where they have the word over a PRD."""
        if prd_id not in self._points:
            self._points[prd_id] = self._chance.choice(POINTS)
        return self._points[prd_id]

    def hear(self, prd_id: str, report: PrdReport) -> None:
        """See what is shown of a PRD."""
        known = {} if report.is_whole else self._asked.get(prd_id, {})
        told = {view.story_id: view.approval if view.awaits else None for view in report.stories}
        self._asked[prd_id] = {**known, **told, "": report.approval if report.awaits else None}

    def sit_down(self, host: Any) -> None:  # noqa: ANN401  root's, whose types stand there
        """Look at it now and then."""
        host.loop.call_at(host.loop.now_s() + LOOKS_EVERY_S, lambda: self._look(host))

    def _look(self, host: Any) -> None:  # noqa: ANN401  root's
        for prd_id, asked in self._asked.items():
            answers = tuple(
                Answer(story_id=story_id, approval=self._answer(approval))
                for story_id, approval in asked.items()
                if approval is not None and self._chance.random() < 0.5
            )
            if answers:
                host.post(AnswersGiven(prd_id=prd_id, answers=answers))
        self.sit_down(host)

    def _answer(self, asked: Approval) -> Approval:
        is_tired = self._kernel.now_s > self._patient_until_s
        word = Word.APPROVED if is_tired or self._chance.random() < 0.7 else Word.REJECTED
        self.said.append(word)
        return replace(asked, word=word, by="ana", reason="no" if word is Word.REJECTED else "")
