"""How far each script has been played."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from tests.support.model_server.script import Answer, Fault, Step, say

DONE = say("It is done.")


class Scripts:
    """The scripts by the words that the requests for them bear; the last step of each remains.

    One that is an answer is followed by the word that all is done, so that no agent works for ever.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_words: dict[str, list[Step]] = {}
        self._played: dict[str, list[int]] = {}  # the step, and how often it was served

    def set(self, words: str, steps: tuple[Step, ...]) -> None:
        """Play this from now on for requests that bear these words."""
        with self._lock:
            self._by_words[words] = list(steps)
            self._played[words] = [0, 0]

    def next(self, body: str) -> Step:
        """Give the step of this request, and go on to the next one."""
        with self._lock:
            words = max((each for each in self._by_words if each in body), key=len, default=None)
            return DONE if words is None else self._next(words)

    def _next(self, words: str) -> Step:
        steps, at = self._by_words[words], self._played[words]
        while at[0] < len(steps):
            step = steps[at[0]]
            if isinstance(step, Answer):
                at[:] = [at[0] + 1, 0]
                return step
            at[1] += 1
            if step.lasts_s and at[1] == 1:  # whole seconds, as servers tell them
                step = steps[at[0]] = replace(step, resets_at_s=int(time.time() + step.lasts_s))
            if _lasts(step, at[1]):
                return step
            at[:] = [at[0] + 1, 0]
        return DONE


def _lasts(fault: Fault, served: int) -> bool:
    if fault.lasts_s:
        return time.time() < fault.resets_at_s
    return fault.times == 0 or served <= fault.times
