"""From samples to verdicts: who has used too much, for how long, and what is done about it.

A story that is over a ceiling of its own goes for that. When all of a PRD, or all together, use
too much, the newest story that can be tried again goes. One victim of a PRD at a time: only when it
is gone does the memory show what is still too much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from ..sizes import size_text
from ..values import replace
from .cpu import Ceiling, Cpu, allotted, measured, steered
from .memory import (
    MAX_SAMPLES,
    Memory,
    counted,
    is_over,
    memory_end,
    processes_end,
    told,
    total_end,
)
from .pressure import Host, HostSample, judge_host, victim_gone
from .verdicts import Admit, Attempt, Ceilings, End, LimitShare, Sample, Verdict

GONE_S_MAX = 30.0  # a victim that is still there then is one no longer: it may be judged again
FREES_LITTLE = 0.05  # of what all use: to end such a story would help nobody


class Track(Struct, frozen=True, kw_only=True):
    """What is remembered of one attempt."""

    memory: Memory
    cpu: Cpu


class Ending(Struct, frozen=True, kw_only=True):
    """An attempt that has been told to end, and is not gone yet."""

    since_s: float
    at_once: bool


class Watch(Struct, frozen=True, kw_only=True):
    """What is remembered from pass to pass; `totals` counts, by PRD ("" for all), as Track does."""

    tracks: Mapping[Attempt, Track] = field(default_factory=dict)
    ending: Mapping[Attempt, Ending] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    host: Host = field(default_factory=Host)


def judge(
    watch: Watch,
    samples: Sequence[Sample],
    host: HostSample,
    ceilings_of: Mapping[str, Ceilings],
    run: Ceilings,
    now_s: float,
) -> tuple[Watch, tuple[Verdict, ...]]:
    """Judge one pass over all attempts. `run` holds where a PRD has no ceilings of its own."""
    verdicts = _Pass(watch, samples, ceilings_of, run, now_s)
    verdicts.judge_processes()
    verdicts.judge_cpu()
    verdicts.judge_memory()
    verdicts.judge_totals()
    verdicts.judge_host(host)
    return verdicts.watch(), tuple(verdicts.found)


class _Pass:
    """One pass in the making."""

    def __init__(
        self,
        watch: Watch,
        samples: Sequence[Sample],
        ceilings_of: Mapping[str, Ceilings],
        run: Ceilings,
        now_s: float,
    ) -> None:
        self.found: list[Verdict] = []
        self._samples = {sample.attempt: sample for sample in samples}
        self._ceilings_of = ceilings_of
        self._run = run
        self._now_s = now_s
        self._tracks = {
            sample.attempt: self._track(watch.tracks.get(sample.attempt), sample)
            for sample in samples
        }
        self._ending = {
            attempt: ending
            for attempt, ending in watch.ending.items()
            if attempt in self._samples and now_s - ending.since_s < GONE_S_MAX
        }
        self._totals = watch.totals
        self._host = watch.host

    def watch(self) -> Watch:
        return Watch(tracks=self._tracks, ending=self._ending, totals=self._totals, host=self._host)

    def _ceilings(self, attempt: Attempt) -> Ceilings:
        return self._ceilings_of.get(attempt.prd_id, self._run)

    def _track(self, track: Track | None, sample: Sample) -> Track:
        if track is None:
            cpu = Cpu(at_s=self._now_s, cpu_s=sample.cpu_s)
            track = Track(memory=Memory(), cpu=cpu)
        return Track(
            memory=counted(track.memory, sample, self._ceilings(sample.attempt)),
            cpu=measured(track.cpu, sample.cpu_s, self._now_s),
        )

    def _end(self, end: End) -> None:
        """Order an end once; a second time only if it is no longer asked but killed."""
        before = self._ending.get(end.attempt)
        if before is not None and (before.at_once or not end.at_once):
            return
        self._ending[end.attempt] = Ending(since_s=self._now_s, at_once=end.at_once)
        self._totals = {**self._totals, end.attempt.prd_id: 0, "": 0}
        self.found.append(end)

    # --- each for itself ------------------------------------------------------------------------

    def judge_processes(self) -> None:
        for sample in self._samples.values():
            end = processes_end(sample, self._ceilings(sample.attempt))
            if end is not None:
                self._end(end)

    def judge_cpu(self) -> None:
        tracks = self._tracks
        own = {
            attempt: Ceiling(
                percent=self._ceilings(attempt).cpu_percent,
                kills=self._ceilings(attempt).cpu_kill,
            )
            for attempt in tracks
        }
        demands = {attempt: track.cpu.demand_percent for attempt, track in tracks.items()}
        for attempt, ceiling in allotted(demands, own, self._run.run_cpu_percent).items():
            if attempt in self._ending:
                continue
            track = tracks[attempt]
            cpu, verdict = steered(attempt, track.cpu, ceiling, self._now_s)
            tracks[attempt] = replace(track, cpu=cpu)
            match verdict:
                case End():
                    self._end(verdict)
                case LimitShare():
                    self.found.append(verdict)
                case None:
                    pass

    def judge_memory(self) -> None:
        by_size = sorted(self._samples.values(), key=lambda each: -each.memory_bytes)
        for sample in by_size:
            attempt, ceilings = sample.attempt, self._ceilings(sample.attempt)
            track = self._tracks[attempt]
            memory, warning = told(track.memory, sample, ceilings)
            self._tracks[attempt] = replace(track, memory=memory)
            if warning is not None:
                self.found.append(warning)
            end = memory_end(memory, sample, ceilings)
            is_free = attempt in self._ending or not self._has_victim(attempt.prd_id)
            if end is not None and is_free:
                self._end(end)

    # --- all together ---------------------------------------------------------------------------

    def judge_totals(self) -> None:
        prds = dict.fromkeys(attempt.prd_id for attempt in self._samples)
        totals = {prd_id: self._counted(prd_id) for prd_id in prds}
        self._totals = {**totals, "": self._counted("")}
        for prd_id in prds:
            if totals[prd_id] >= MAX_SAMPLES and not self._has_victim(prd_id):
                most = self._ceilings_of.get(prd_id, self._run).prd_memory_max
                used = size_text(self._used(prd_id))
                why = f"{prd_id} uses {used}, over prd_memory_max ({size_text(most)})"
                self._end_newest(prd_id, why)
        if self._totals[""] >= MAX_SAMPLES and not self._has_victim(""):
            used, most = size_text(self._used("")), self._run.run_memory_max
            why = f"all stories use {used}, over run_memory_max ({size_text(most)})"
            self._end_newest("", why)

    def judge_host(self, sample: HostSample) -> None:
        before = self._host
        host = judge_host(before, sample, self._run.memory_reserve)
        if host.is_admitting != before.is_admitting:
            event = "host_recovered" if host.is_admitting else "host_short"
            text = "agents may start again" if host.is_admitting else f"{host.why}: no agent starts"
            self.found.append(Admit(is_admitting=host.is_admitting, event=event, text=text))
        if self._has_victim(""):
            host = victim_gone(host)
        elif host.wants_victim and self._samples:
            self._end_newest("", host.why, is_host=True)
            host = victim_gone(host)
        self._host = host

    def _of(self, prd_id: str) -> list[Sample]:
        return [each for each in self._samples.values() if prd_id in {"", each.attempt.prd_id}]

    def _used(self, prd_id: str) -> int:
        return sum(sample.memory_bytes for sample in self._of(prd_id))

    def _counted(self, prd_id: str) -> int:
        """How many samples in a row were over the total; while a victim goes none counts."""
        ceilings = self._ceilings_of.get(prd_id, self._run)
        most = ceilings.prd_memory_max if prd_id else self._run.run_memory_max
        if self._has_victim(prd_id) or not is_over(self._used(prd_id), most):
            return 0
        return self._totals.get(prd_id, 0) + 1

    def _has_victim(self, prd_id: str) -> bool:
        return any(prd_id in {"", attempt.prd_id} for attempt in self._ending)

    def _end_newest(self, prd_id: str, why: str, *, is_host: bool = False) -> None:
        candidates = self._of(prd_id)
        little = FREES_LITTLE * self._used(prd_id)
        worth = [each for each in candidates if each.memory_bytes >= little] or candidates
        victim = max(worth, key=lambda each: (not each.is_last_chance, each.began_at_s))
        end = total_end(victim, why=why, of=len(candidates))
        self._end(replace(end, is_for_others=is_host or len(candidates) > 1))
