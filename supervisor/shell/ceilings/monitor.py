"""The ceilings at work: one pass a second while any story is at work, and what follows from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol, assert_never

from ....policies.ceilings.judging import Watch, judge
from ....policies.ceilings.memory import needs_exact
from ....policies.ceilings.pressure import HostSample
from ....policies.ceilings.verdicts import (
    Admit,
    Attempt,
    Ceilings,
    End,
    LimitShare,
    Sample,
    Verdict,
    Warn,
)
from ....workers.messages.prd import EndAttempt, LimitStoryCpu, StoryAtRest, StoryAtWork
from ....workers.process.eventloop import EventLoop, Timer
from .kinship import Worker
from .sampling import NearCeiling
from .usage import Usage

PASS_S = 1.0
COST_SHARE_MAX = 0.05  # a pass that is slow, with thousands of processes, is taken less often


class Sampling(Protocol):
    """What takes the samples of a pass (sampling.py)."""

    def take(self, workers: list[Worker], near: NearCeiling) -> list[Sample]:
        """Sample the workers that live."""


class Effects(Protocol):
    """Where verdicts go."""

    def send(self, prd_id: str, order: EndAttempt | LimitStoryCpu) -> None:
        """Tell a PRD supervisor."""

    def tell(self, event: str, text: str, attempt: Attempt | None) -> None:
        """Tell people."""

    def admit(self, *, is_admitting: bool, why: str) -> None:
        """Let agents start, or not."""


class Monitor:
    """Knows who is at work. While nobody is, and the host is not short, it has no timer."""

    def __init__(  # noqa: PLR0913  what it is made of
        self,
        loop: EventLoop,
        sampler: Sampling,
        read_host: Callable[[], HostSample],
        ceilings: Ceilings,
        effects: Effects,
        *,
        pass_s: float = PASS_S,
        on_pass: Callable[[list[Sample], HostSample], None] = lambda _samples, _host: None,
    ) -> None:
        self._loop = loop
        self._sampler = sampler
        self._read_host = read_host
        self._ceilings = ceilings
        self._ceilings_of: Mapping[str, Ceilings] = {}
        self._effects = effects
        self._workers: dict[tuple[str, str], Worker] = {}
        self._usage: dict[tuple[str, str], Usage] = {}
        self._watch = Watch()
        self._timer: Timer | None = None
        self._pass_s = pass_s
        self._on_pass = on_pass
        self._is_blind = False

    def change(self, ceilings: Ceilings, ceilings_of: Mapping[str, Ceilings]) -> None:
        """Take other ceilings; those of single PRDs go before the run's."""
        self._ceilings, self._ceilings_of = ceilings, ceilings_of

    def on_word(self, prd_id: str, word: StoryAtWork | StoryAtRest) -> None:
        """Note who is at work; a PRD whose supervisor dies need not say that its stories rest."""
        key = prd_id, word.story_id
        match word:
            case StoryAtWork():
                self._workers[key] = Worker(
                    attempt=Attempt(prd_id=prd_id, story_id=word.story_id, number=word.attempt),
                    pid=word.pid,
                    start_ticks=word.start_ticks,
                    began_at_s=self._loop.now_s(),
                    is_last_chance=word.is_last_chance,
                )
                if self._timer is None:
                    self._timer = self._loop.call_at(self._loop.now_s() + self._pass_s, self._pass)
            case StoryAtRest():
                self._workers.pop(key, None)
                self._usage.pop(key, None)
            case _:
                assert_never(word)

    @property
    def is_watching(self) -> bool:
        """Say whether it has a timer."""
        return self._timer is not None

    def usage(self, prd_id: str, story_id: str) -> Usage | None:
        """What a story used at the last pass; None while it is not at work."""
        return self._usage.get((prd_id, story_id))

    def _pass(self) -> None:
        began_s = time.perf_counter()
        try:
            samples = self._sampler.take(list(self._workers.values()), self._near)
            host = self._read_host()
        except OSError as error:  # no descriptor left: nobody is judged by what was not seen
            if not self._is_blind:
                self._effects.tell("samples_missed", f"what stories use is not seen: {error}", None)
            self._is_blind = True
        else:
            self._is_blind = False
            self._judge(samples, host)
            self._on_pass(samples, host)
        self._plan_next(time.perf_counter() - began_s)

    def _judge(self, samples: list[Sample], host: HostSample) -> None:
        seen = {sample.attempt for sample in samples}
        self._workers = {key: each for key, each in self._workers.items() if each.attempt in seen}
        self._watch, verdicts = judge(
            self._watch,
            samples,
            host,
            self._ceilings_of,
            self._ceilings,
            self._loop.now_s(),
        )
        self._usage = {
            (sample.attempt.prd_id, sample.attempt.story_id): self._used(sample)
            for sample in samples
        }
        for verdict in verdicts:
            self._carry_out(verdict)

    def _plan_next(self, cost_s: float) -> None:
        self._timer = None
        if self._workers or not self._watch.host.is_admitting:
            wait_s = max(self._pass_s, cost_s / COST_SHARE_MAX)
            self._timer = self._loop.call_at(self._loop.now_s() + wait_s, self._pass)

    def _near(self, used: Mapping[Attempt, int]) -> frozenset[Attempt]:
        return needs_exact(used, self._ceilings_of, self._ceilings)

    def _used(self, sample: Sample) -> Usage:
        cpu = self._watch.tracks[sample.attempt].cpu
        return Usage(
            memory_bytes=sample.memory_bytes,
            cpu_percent=round(cpu.used_percent, 1),
            processes=sample.processes,
            share=round(cpu.share, 3),
        )

    def _carry_out(self, verdict: Verdict) -> None:
        match verdict:
            case Warn():
                self._effects.tell(verdict.event, verdict.text, verdict.attempt)
            case End():
                self._effects.tell(verdict.event, verdict.text, verdict.attempt)
                order = EndAttempt(
                    story_id=verdict.attempt.story_id,
                    attempt=verdict.attempt.number,
                    kind=verdict.kind,
                    detail=verdict.text,
                    at_once=verdict.at_once,
                    is_for_others=verdict.is_for_others,
                )
                self._effects.send(verdict.attempt.prd_id, order)
            case LimitShare():
                if verdict.event:
                    self._effects.tell(verdict.event, verdict.text, verdict.attempt)
                limit = LimitStoryCpu(
                    story_id=verdict.attempt.story_id,
                    attempt=verdict.attempt.number,
                    share=verdict.share,
                    nice=verdict.nice,
                )
                self._effects.send(verdict.attempt.prd_id, limit)
            case Admit():
                self._effects.tell(verdict.event, verdict.text, None)
                self._effects.admit(is_admitting=verdict.is_admitting, why=verdict.text)
            case _:
                assert_never(verdict)
