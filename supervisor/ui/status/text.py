"""The status document as text: a line a PRD, and a line for each story that wants a word."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ....policies.budget import short_text
from ....policies.moments import moment_text
from ....policies.sizes import size_text
from ...shell.lines import safe
from ..costs import cost_lines, release_hints, spent_of

_MINUTE_S = 60
_QUIET = ("done", "rolled back")  # of the latter the reason of its PRD says more


def status_text(document: Mapping[str, Any], *, width: int = 100) -> str:
    """Render the whole document."""
    lines = [root_line(document["root"]), *agent_lines(document.get("agents", ()))]
    prds = document["prds"]
    if not prds:
        lines.append("no PRD has been run here yet; `prd-supervise start` runs those that it finds")
    for prd in prds:
        lines += ["", *prd_lines(prd)]
    lines += hints(document, root_serves=document["root"]["state"] == "running")
    return wrapped(lines, width)


def root_line(root: Mapping[str, Any]) -> str:
    """Whether root runs."""
    if root["pid"] is None:
        return "root does not run; this is what the journals tell"
    since = datetime.fromtimestamp(root["started_at"]).astimezone()
    line = f"root: {root['state']}, pid {root['pid']}, since {since:%Y-%m-%d %H:%M:%S}"
    return f"{line}; nothing new starts: {safe(root['note'])}" if root["note"] else line


def agent_lines(agents: Sequence[Mapping[str, Any]]) -> list[str]:
    """The agents that are not simply started when a story wants them, and why."""
    return [f"agent {safe(agent['agent'])}: {_agent_text(agent)}" for agent in agents]


def _agent_text(agent: Mapping[str, Any]) -> str:
    if agent["state"] == "strained":
        return f"{agent['utilization']:.0%} of its limit is used, fewer run at once"
    reason = f" ({safe(agent['reason'])})" if agent["reason"] else ""
    because = f"{safe(agent['why'])}{reason}"
    match agent["state"]:
        case "parked":
            return f"no start until {moment(agent['until'])}: {because}"
        case "trial":
            return f"one start is tried, the others follow when its model answers; it was {because}"
        case _:
            mend = f"mend that, then `prd-supervise release --agent {safe(agent['agent'])}`"
            return f"no start: {because}; {mend}"


def moment(at: float) -> str:
    """A moment by local clocks, as what waits for it says it."""
    return moment_text(at, now_s=time.time(), zone_s=float(time.localtime(at).tm_gmtoff))


def prd_lines(prd: Mapping[str, Any], *, all_stories: bool = True) -> list[str]:
    """One PRD: its line, its reasons, its stories."""
    done, total = prd["progress"]["completed"], prd["progress"]["total"]
    runtime, branch = duration(prd["runtime_s"]), safe(prd["branch"]) or "(no branch yet)"
    title = safe(prd["title"])
    lines = [f"{prd['id']}  {_state(prd)}  {done}/{total}  {runtime}  {branch}  {title}"]
    if prd["note"]:
        lines.append(f"    {safe(prd['note'])}")
    lines += cost_lines(prd, indent="    ")
    if total > 1 and (places := _places_text(prd)):
        lines.append(f"    {places}")
    names = {story["id"] for story in prd["stories"] if story["reason"]}
    lines += [
        f"    {safe(reason)}"
        for reason in prd["reasons"]
        # A story's own line says it, or the note above.
        if reason.partition(":")[0] not in names and reason != prd["note"]
    ]
    for story in prd["stories"]:
        if all_stories or not story["state"].startswith(_QUIET):
            lines += story_lines(story)
    return lines


def _places_text(prd: Mapping[str, Any]) -> str:
    """How many stories run at once, where that is worth a word."""
    places = prd.get("max_workers")
    if prd.get("auto_workers"):
        return f"{places} {'story' if places == 1 else 'stories'} at once (auto)"
    return "one story at a time" if places == 1 else ""


def story_lines(story: Mapping[str, Any]) -> list[str]:
    """One story: its state, and why it failed or why it counts as done."""
    attempt = f"  attempt {story['attempt']}" if story["attempt"] > 1 else ""
    lines = [f"  {story['id']:<10} {_state(story):<18} {safe(story['title'])}{attempt}"]
    if lost := losses(story["losses"]):
        lines.append(f"      attempts lost: {lost}")
    if story["reason"] and not story["state"].startswith("done"):
        lines.append(f"      {safe(story['reason'])}")
    if story["evidence"] and story["state"] == "done":
        lines.append(f"      {safe(story['evidence'])}")
    lines += [f"      will conflict {safe(line)}" for line in story.get("conflicts", ())]
    lines += cost_lines(story, indent="      ")
    if usage := story.get("usage"):
        lines.append(f"      {_usage_text(usage)}")
    if story["worktree"] and story["state"] == "failed":
        lines.append(f"      its worktree is kept: {safe(story['worktree'])}")
    return lines


def _state(held: Mapping[str, Any]) -> str:
    """The state of a PRD or story, and whether the operator holds it."""
    state = str(held["state"])
    return f"{state} (held)" if held["held"] and state != "held" else state


def losses(counts: Mapping[str, int]) -> str:
    """The attempts that were lost, by what they were lost to."""
    words = {"ordinary": "to failures", "memory": "to memory", "hang": "to hangs"}
    return ", ".join(f"{counts[name]} {words[name]}" for name in words if counts[name])


def _usage_text(usage: Mapping[str, Any]) -> str:
    """What the story's processes use: `1.2 GiB, 85 % of a core, 12 processes`."""
    count = usage["processes"]
    text = f"{size_text(usage['memory_bytes'])}, {usage['cpu_percent']:.0f} % of a core, "
    text += f"{count} process" if count == 1 else f"{count} processes"
    share = usage["cpu_share"]
    return text if share == 1 else f"{text}, throttled to {share:.0%} of the time"


def summary(document: Mapping[str, Any]) -> str:
    """A table of how the run ended, for its last lines."""
    has_costs = any(spent_of(prd).tokens or spent_of(prd).usd for prd in document["prds"])
    rows: list[Sequence[str]] = [
        ("PRD", "state", "stories", "time", *("cost",) * has_costs, "branch")
    ]
    for prd in document["prds"]:
        progress = prd["progress"]
        rows.append(
            (
                prd["id"],
                prd["state"],
                f"{progress['completed']}/{progress['total']}",
                duration(prd["runtime_s"]),
                *(short_text(spent_of(prd)),) * has_costs,
                safe(prd["branch"]),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def unfinished(document: Mapping[str, Any]) -> str:
    """What is not done and why, for the last lines of a run, when its root has ended."""
    lines: list[str] = []
    for prd in document["prds"]:
        if prd["state"] in {"failed", "stopped"}:
            lines += ["", *prd_lines(prd, all_stories=False)]
    return "\n".join([*lines, *hints(document, root_serves=False), *harvest(document)])


def hints(document: Mapping[str, Any], *, root_serves: bool) -> list[str]:
    """What to type next, if anything."""
    states = {prd["state"] for prd in document["prds"]}
    stories = {story["state"] for prd in document["prds"] for story in prd["stories"]}
    found = []
    is_open = states & {"stopped", "queued", "interrupted"} or (
        "failed" in states and stories & {"waiting", "backing off"}
    )
    if is_open and not root_serves:
        found.append("`prd-supervise resume` goes on with what was not finished")
    if "failed" in stories:
        word = "retry PRD/STORY" if root_serves else "resume --retry"
        found.append(f"`prd-supervise {word}` gives the stories that failed a new start")
    if any(held["held"] for prd in document["prds"] for held in (prd, *prd["stories"])):
        found.append("`prd-supervise release` lets go on what is held, while root runs")
    found += release_hints(document)
    kept = [
        prd["id"]
        for prd in document["prds"]
        if prd["state"] == "completed" and str(prd.get("landed") or "").startswith("not landed")
    ]
    if kept:
        found.append(f"`prd-supervise start {' '.join(kept)}` tries to land again")
    return ["", *found] if found else []


def harvest(document: Mapping[str, Any]) -> list[str]:
    """How to take the work of completed PRDs."""
    branches = [
        safe(prd["branch"])
        for prd in document["prds"]
        if prd["state"] == "completed" and not has_landed(prd)
    ]
    lines = [f"git merge {branch}" for branch in branches if branch]
    width = max(map(len, lines), default=0)
    return ["", *(f"{line:<{width}}   # takes the work" for line in lines)]


def has_landed(prd: Mapping[str, Any]) -> bool:
    """Say whether the work of a PRD is in another branch already."""
    return bool(prd.get("landed")) and not str(prd["landed"]).startswith("not landed")


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    tenths = round(seconds, 1)  # as the JSON documents round
    if tenths < _MINUTE_S:
        return f"{tenths:.1f}s"
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{whole % 60:02}s"


def wrapped(lines: Sequence[str], width: int) -> str:
    """Lines that fit; what goes on is indented a little more than where it began."""
    fitting: list[str] = []
    for line in lines:
        indent = " " * min(len(line) - len(line.lstrip()) + 4, width // 2)
        room = max(width, 20)
        # A path that is cut at its hyphens cannot be taken up with the mouse.
        parts = textwrap.wrap(line, room, subsequent_indent=indent, break_on_hyphens=False)
        fitting += parts or [""]
    return "\n".join(fitting)
