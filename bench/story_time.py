"""The supervisor's own time per story: from ready to the agent's exec, from its exit to merged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.scratch import Scratch
from bench.table import Row, row

AGENT_S = 1.0
STORIES = 8
_KINDS = ("AttemptBegun", "WorktreeReady", "AgentOver", "WorkKept", "StoryDone")

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The moments of one story, wall-clock seconds, in their order."""

    ready: float
    begun: float
    worktree: float
    agent: float
    agent_end: float
    heard: float
    kept: float
    verified: float
    merged: float

    @property
    def before_s(self) -> float:
        """From ready to the agent."""
        return self.agent - self.ready

    @property
    def after_s(self) -> float:
        """From the agent's end to merged."""
        return self.merged - self.agent_end


def measure(*, quick: bool) -> list[Row]:
    """Run 3 PRDs of 8 stories, 3 at once in each; and 1 PRD, one at a time, for the parts."""
    stories = 4 if quick else STORIES
    return [*_crowd(stories), *_alone(stories)]


def _crowd(stories: int) -> list[Row]:
    prds, at_once = 3, 3
    with Scratch() as scratch:
        scratch.fill(agent_s=AGENT_S, prds=prds, stories=stories, chain=at_once)
        git = _run(scratch, at_once)
        found = [_stories(scratch, f"PRD-{number + 1}", at_once) for number in range(prds)]
    every = [story for prd in found for story in prd]
    name = f"{prds} x {stories}"
    git_s = sum(end - start for start, end in git) / len(every)
    waits = [wait for prd in found for wait in _gate_waits(prd)]
    return [
        *_totals(name, every),
        row(f"{name}: of it, the gate is another story's", waits),
        row(f"{name}: git's own time a story, all commands", [git_s]),
        row(f"{name}: git commands a story", [len(git) / len(every)], "commands"),
    ]


def _alone(stories: int) -> list[Row]:
    with Scratch() as scratch:
        scratch.fill(agent_s=AGENT_S, prds=1, stories=stories)
        git = _run(scratch, 1)
        found = _stories(scratch, "PRD-1", 1)
    name = "alone"
    in_git = [
        _overlap(git, (each.ready, each.agent)) + _overlap(git, (each.agent_end, each.merged))
        for each in found
    ]
    own = [each.before_s + each.after_s - git_s for each, git_s in zip(found, in_git, strict=True)]
    return [
        *_totals(name, found),
        row(f"{name}: of it, git runs", in_git),
        row(f"{name}: of it, all but git", own),
        row(f"{name}: ready -> attempt begun", [each.begun - each.ready for each in found]),
        row(f"{name}: -> worktree ready", [each.worktree - each.begun for each in found]),
        row(f"{name}: -> the agent's first line", [each.agent - each.worktree for each in found]),
        row(f"{name}: agent's exit -> known", [each.heard - each.agent_end for each in found]),
        row(f"{name}: -> committed", [each.kept - each.heard for each in found]),
        row(f"{name}: -> verified", [each.verified - each.kept for each in found]),
        row(f"{name}: -> merged", [each.merged - each.verified for each in found]),
    ]


def _totals(name: str, stories: list[Story]) -> list[Row]:
    together = [each.before_s + each.after_s for each in stories]
    return [
        row(f"{name}: ready -> the agent's first line", [each.before_s for each in stories]),
        row(f"{name}: agent's exit -> merged", [each.after_s for each in stories]),
        row(f"{name}: both together, git included", together, goal=150),
    ]


def _run(scratch: Scratch, at_once: int) -> list[Span]:
    trace = scratch.top / "trace"
    trace.mkdir()
    scratch.run("--max-prds", "3", "--max-workers", str(at_once), trace=trace)
    return sorted(_git_spans(trace))


def _git_spans(trace: Path) -> Iterator[Span]:
    """When each git command of the integrators ran."""
    for path in trace.iterdir():
        events = {event["event"]: event for event in map(json.loads, path.open())}
        start, end = events["start"], events["atexit"]
        is_ours = start["argv"][1:2] == ["-c"]  # by the integrator's options
        if is_ours and "/" not in start["sid"]:  # what git itself starts lies within
            began_s = _moment(start["time"]) - start["t_abs"]
            yield began_s, _moment(end["time"])


def _stories(scratch: Scratch, prd_id: str, at_once: int) -> list[Story]:
    records = scratch.journal(prd_id)
    opened = next(at for kind, _, at in records if kind == "BranchRecorded")
    at: dict[str, dict[str, float]] = {kind: {} for kind in _KINDS}
    for kind, body, moment in records:
        if kind in at:
            at[kind][str(body["story_id"])] = moment
    freed = sorted(at["StoryDone"].values())
    begun = sorted(at["AttemptBegun"], key=at["AttemptBegun"].__getitem__)
    verified = _verified(scratch, prd_id)
    found = []
    for place, story_id in enumerate(begun):
        needs = _need(story_id, at_once)
        # A place is free from the merge of the story before: that its worker ends is ours to wait.
        since = [opened, freed[place - at_once] if place >= at_once else opened]
        since.append(at["StoryDone"].get(needs, opened))
        agent, agent_end = _agent_times(scratch, prd_id, story_id)
        found.append(
            Story(
                ready=max(since),
                begun=at["AttemptBegun"][story_id],
                worktree=at["WorktreeReady"][story_id],
                agent=agent,
                agent_end=agent_end,
                heard=at["AgentOver"][story_id],
                kept=at["WorkKept"][story_id],
                verified=verified[story_id],
                merged=at["StoryDone"][story_id],
            )
        )
    return found


def _need(story_id: str, chain: int) -> str:
    """The story that this one depends on, where there is a chain; alone there is none."""
    return f"US-{int(story_id.removeprefix('US-')) - chain:03}" if chain > 1 else ""


def _gate_waits(stories: list[Story]) -> list[float]:
    """How long each waited, its work verified, for the one before it to be merged."""
    waits, free_at = [], 0.0
    for each in sorted(stories, key=lambda each: each.merged):
        waits.append(max(0.0, free_at - each.verified))
        free_at = each.merged
    return waits


def _agent_times(scratch: Scratch, prd_id: str, story_id: str) -> Span:
    began, ended = (scratch.times / f"{prd_id}.{story_id}").read_text().split()
    return float(began), float(ended)


def _verified(scratch: Scratch, prd_id: str) -> dict[str, float]:
    path = scratch.repository / ".prd-supervise" / "events.jsonl"
    events = map(json.loads, path.read_text().splitlines())
    return {
        event["story"]: _moment(event["at"])
        for event in events
        if event["event"] == "verified" and event["prd"] == prd_id
    }


def _overlap(spans: list[Span], within: Span) -> float:
    """How much of a span is covered; the integrator runs one command after the other."""
    return sum(max(0.0, min(end, within[1]) - max(start, within[0])) for start, end in spans)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
