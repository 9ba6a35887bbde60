"""Everything that tells of a night, and whether it is the same story: sums, states, commits, times.

The journals are read here without the product's own code.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.tree import Tree

_SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"
_STATUS_OF = {"done": "completed", "done (unverified)": "completed", "waiting": "pending"}
_LOST = frozenset({"attempt_failed", "attempt_stopped", "goes_again"})
_DECIDED = {"done": "merged", "failed": "story_failed", "skipped": "story_skipped"}


class Sources:
    """What each of them says, taken while nothing runs; whatever has a schema keeps to it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.status = self._asked("status", "status")
        self.report = self._asked("report", "report")
        self.metrics = self._asked("metrics", "metrics")
        lines = tree.run("events", "--json", code=0).out.splitlines()
        self.events = [json.loads(line) for line in lines]
        self.prds = {prd["id"]: prd for prd in self.status["prds"]}
        self.reported = {prd["id"]: prd for prd in self.report["prds"]}
        self.logs = {prd_id: self._log(prd_id) for prd_id in self.prds}
        self.records = {prd_id: self._records(prd_id) for prd_id in self.prds}

    def story(self, prd_id: str, story_id: str) -> dict[str, Any]:
        """One story, as `status PRD/STORY --json` has it."""
        return self._asked("story", "status", f"{prd_id}/{story_id}")

    def counted(self, name: str, *labels: str) -> float:
        """A counter of the metrics: the sum of its series that have these labels."""
        found = (
            each["value"]
            for each in self.metrics["counters"]
            if each["name"] == name and set(labels) <= set(each["labels"].values())
        )
        return float(sum(found))

    def told(self, prd_id: str, *types: str) -> int:
        """How many events of these types there are of a PRD."""
        return sum(each["prd"] == prd_id and each["event"] in types for each in self.events)

    def merges(self, prd_id: str) -> dict[str, str]:
        """The last merge of each story, as git has it."""
        form = "--format=%H %(trailers:key=PRD-Story,valueonly,separator=%x20)"
        branch = self.prds[prd_id]["branch"]
        words = self._tree.repo.git("log", "--first-parent", "--reverse", form, branch)
        pairs = (line.split() for line in words.splitlines())
        return {pair[1].partition("/")[2]: pair[0] for pair in pairs if len(pair) > 1}

    def _asked(self, schema: str, *words: str) -> dict[str, Any]:
        found = json.loads(self._tree.run(*words, "--json", code=0).out)
        return _valid(schema, found)

    def _log(self, prd_id: str) -> dict[str, Any]:
        path = self._tree.repo.state / "prds" / prd_id / "implementation-log.json"
        return _valid("implementation-log", json.loads(path.read_bytes()))

    def _records(self, prd_id: str) -> Counter[str]:
        folder = self._tree.repo.state / "prds" / prd_id
        paths = [*folder.glob("history/*.log"), folder / "journal.log"]
        lines = {line for path in paths for line in path.read_text().splitlines()}
        return Counter(json.loads(line.split(" ", 2)[2])["kind"] for line in lines)


def _valid(schema: str, found: Any) -> dict[str, Any]:  # noqa: ANN401  JSON's
    rules = json.loads((_SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(rules).validate(found)
    assert isinstance(found, dict)
    return found


def assert_agree(found: Sources) -> None:
    """Fail with everything in which two of the sources differ."""
    differ: list[str] = []

    def same(what: str, **said: object) -> None:
        if any(each != next(iter(said.values())) for each in said.values()):
            differ.append(f"{what}: {said}")

    for prd_id in found.prds:
        _compare_prd(found, prd_id, same)
        for story in found.prds[prd_id]["stories"]:
            _compare_story(found, prd_id, story, same)
    for result, event in _DECIDED.items():
        told = sum(each["event"] == event for each in found.events)
        same(f"stories {result}", events=told, metrics=found.counted("stories_total", result))
    spent = found.report["in_all"]["costs"]["spent"]
    for name, counter in (("usd", "cost_usd_total"), ("tokens", "tokens_total")):
        sums = sum(prd["spent"][name] for prd in found.prds.values())
        metrics = round(found.counted(counter), 6)
        same(name, status=round(sums, 6), report=spent[name], metrics=metrics)
    standings = Counter(
        story["state"].split(" (")[0] for prd in found.prds.values() for story in prd["stories"]
    )
    said = {name: count for name, count in found.report["standings"].items() if name in standings}
    same("standings", status=dict(sorted(standings.items())), report=dict(sorted(said.items())))
    assert not differ, "\n".join(differ)


def _compare_prd(found: Sources, prd_id: str, same: Any) -> None:  # noqa: ANN401
    prd, report, log = found.prds[prd_id], found.reported[prd_id], found.logs[prd_id]
    stories, records = report["stories"], found.records[prd_id]
    same(f"{prd_id} state", status=prd["state"], report=report["state"], log=log["status"])
    same(
        f"{prd_id} stories",
        status=_ids(prd["stories"]),
        report=_ids(stories),
        log=_ids(log["stories"]),
    )
    same(
        f"{prd_id} attempts",
        journal=records["AttemptBegun"],
        report=report["attempts"],
        stories=sum(each["attempts"] for each in stories),
        metrics=found.counted("attempts_total", prd_id),
        events=found.told(prd_id, "attempt_started"),
    )
    same(
        f"{prd_id} lost",
        journal=records["AttemptLost"],
        report=report["lost"],
        stories=sum(each["lost"] for each in stories),
        metrics=found.counted("attempts_lost_total", prd_id),
        events=found.told(prd_id, *_LOST),
    )
    same(
        f"{prd_id} done",
        status=prd["progress"]["completed"],
        report=sum(each["state"].startswith("done") for each in stories),
        log=sum(each["status"] == "completed" for each in log["stories"]),
    )
    same(f"{prd_id} spent", status=prd["spent"], report=report["costs"]["spent"])
    for name in ("usd", "tokens"):
        sums = (sum(each["spent"][name] for each in prd["stories"]), prd["spent"][name])
        same(f"{prd_id} {name}", stories=round(sums[0], 6), prd=round(sums[1], 6))


def _ids(stories: Sequence[dict[str, Any]]) -> list[str]:
    return [story["id"] for story in stories]


def _compare_story(found: Sources, prd_id: str, status: dict[str, Any], same: Any) -> None:  # noqa: ANN401
    name = status["id"]
    where = f"{prd_id}/{name}"
    report = next(each for each in found.reported[prd_id]["stories"] if each["id"] == name)
    log = next(each for each in found.logs[prd_id]["stories"] if each["id"] == name)
    same(f"{where} state", status=status["state"], report=report["state"])
    stands = _STATUS_OF.get(status["state"], status["state"])
    same(f"{where} status", status=stands, log=log["status"])
    for member in ("title", "agent", "model", "evidence"):
        said = {"status": status[member], "log": log[member], "report": report[member]}
        same(f"{where} {member}", **said)
    same(f"{where} last attempt", status=status["attempt"], log=log["attempts"])
    tries = report["tries"]
    same(f"{where} tries", n=report["attempts"], all=len(tries))
    if len(tries) > 1:
        detail = found.story(prd_id, name)["attempts"]
        same(f"{where} attempts", report=len(tries), detail=len(detail))
    lost = sum(each["end"] not in {"merged", "open"} for each in tries)
    same(f"{where} lost", report=report["lost"], tries=lost)
    same(f"{where} spent", status=status["spent"], report=report["costs"]["spent"])
    merge = found.merges(prd_id).get(name)
    same(f"{where} commit", report=report["commit"], log=log["commit"], git=merge)
    same(f"{where} began", report=report["began"], log=log["startedAt"])
    same(f"{where} decided", report=report["decided"], log=log["completedAt"])
    if log["duration"] is not None:
        moments = [datetime.fromisoformat(log[each]) for each in ("startedAt", "completedAt")]
        took_s = (moments[1] - moments[0]).total_seconds()
        same(f"{where} duration", is_near=abs(took_s - log["duration"]) <= 1.1, so=True)
    for kind in ("created", "modified", "deleted"):
        named = log[f"files{kind.capitalize()}"]
        same(f"{where} files {kind}", report=report["files"][kind], log=named)
    error = log["error"] and [log["error"][each] for each in ("type", "message", "recoveryHints")]
    members = ("type", "message", "recovery_hints")
    for source, document in (("status", status), ("report", report)):
        failure = document["failure"] and [document["failure"][each] for each in members]
        same(f"{where} failure", log=error, **{source: failure})
