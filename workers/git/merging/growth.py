"""Trial merges while stories run: who will conflict with whom, and where.

A look at all pairs is taken in steps, as many at a time as fit into BUDGET_S: whatever else is
asked goes first. Nothing is looked at twice that has not changed. All that git makes goes to a
store of its own, and what it refuses (files vanish while they are read) is tried again next time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from ...messages.growth import (
    BRANCH,
    MEETINGS_MAX,
    PLACES_MAX,
    Compared,
    CompareStories,
    Growing,
    Meeting,
)
from ...messages.merging import Conflict
from ...messages.rules import Strategy
from ..branch_record import head_of
from ..commands import FAILURES, GitTooSlowError, one_line
from ..place import Branch, Place
from .grown import Grown, finished, moved, unfinished
from .scratch import Scratch
from .trial import places_between

BUDGET_S = 0.8  # of a request; what is under way then is finished
PAIRS_MAX = 300  # of one look: those that are merged first, first
SLOW_LOOKS = 10  # for which a worktree is passed over that could not be read in time

_Pair = tuple[str, str]  # the later one, and the other
_Verdict = tuple[tuple[str, str, Strategy], tuple[Conflict, ...]]  # of these two commits


class Growth:
    """What is known of the stories at work, from look to look."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._scratch = Scratch(place)
        self._grown: dict[str, Grown] = {}
        self._verdicts: dict[_Pair, _Verdict] = {}
        self._slow: dict[str, int] = {}
        self._look: Iterator[None] | None = None
        self._stories: tuple[str, ...] = ()
        self._problem = ""

    def forget(self) -> None:
        """Remove what was made for it."""
        self._grown.clear()
        self._verdicts.clear()
        self._look = None
        self._scratch.remove()

    def compare(self, branch: Branch, request: CompareStories) -> Compared:
        """Go on looking until the time is up; once complete, say who will not come together."""
        if self._look is None or not request.goes_on:
            self._problem, self._stories = "", ()
            self._look = self._steps(branch, request)
        ends_s = time.monotonic() + BUDGET_S
        for _ in self._look:
            if time.monotonic() > ends_s:
                return Compared(is_complete=False)
        self._look = None
        found = [
            Meeting(story_id=pair[0], other=pair[1], places=places[:PLACES_MAX])
            for pair, (_, places) in self._verdicts.items()
            if places
        ]
        if self._scratch.is_full:
            self.forget()
        return Compared(
            is_complete=True,
            stories=self._stories,
            meetings=tuple(found[:MEETINGS_MAX]),
            problem=self._problem,
        )

    def _steps(self, branch: Branch, request: CompareStories) -> Iterator[None]:
        """Take each state, then merge each pair that meets; a step is a few git commands."""
        self._scratch.open()
        ids = [each.story_id for each in request.stories]
        self._grown = {name: known for name, known in self._grown.items() if name in ids}
        for growing in request.stories:
            self._read(branch, growing)
            yield
        self._stories = tuple(name for name in ids if name in self._grown)
        looked = []
        for later in self._stories:
            theirs = self._moved(branch, self._grown[later])
            yield
            if theirs is not None:
                looked.append(((later, BRANCH), theirs, self._grown[later]))
        for at, later in enumerate(self._stories):
            looked += [
                ((later, name), self._grown[name], self._grown[later])
                for name in self._stories[:at]
            ]
        looked = [each for each in looked if each[1].meets(each[2])][:PAIRS_MAX]
        wanted = {pair for pair, _, _ in looked}
        self._verdicts = {pair: it for pair, it in self._verdicts.items() if pair in wanted}
        for pair, other, grown in looked:
            self._judge(pair, other, grown, request.strategy)
            yield

    def _read(self, branch: Branch, growing: Growing) -> None:
        name = growing.story_id
        known = self._grown.pop(name, None)
        if self._slow.get(name, 0) > 1:
            self._slow[name] -= 1
            return
        try:
            if growing.head:
                found: Grown | None = finished(self._scratch.git(), growing, known)
            else:
                found = unfinished(self._place, branch, self._scratch, growing, known)
        except FAILURES as error:
            self._problem = f"{name}: {one_line(str(error))}"
            if isinstance(error, GitTooSlowError):
                self._slow[name] = SLOW_LOOKS
            return
        self._slow.pop(name, None)
        if found is not None:
            self._grown[name] = found

    def _moved(self, branch: Branch, grown: Grown) -> Grown | None:
        """What the PRD's branch got since a story began; None if nothing."""
        try:
            head = head_of(self._place, branch).commit
            return None if head == grown.base else moved(self._scratch.git(), head, grown.base)
        except FAILURES as error:
            self._problem = one_line(str(error))
            return None

    def _judge(self, pair: _Pair, other: Grown, later: Grown, strategy: Strategy) -> None:
        known = self._verdicts.get(pair)
        of = other.commit, later.commit, strategy
        if known is not None and known[0] == of:
            return
        try:
            places = places_between(self._scratch.git(), other, later, strategy, budget_s=BUDGET_S)
        except FAILURES as error:
            self._verdicts.pop(pair, None)
            self._problem = one_line(str(error))
            return
        self._verdicts[pair] = (of, places)
