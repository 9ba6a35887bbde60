"""What must be true after all that was done to a tree, once `resume` has said that all is done."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

from tests.chaos.scene import INTO, Scene
from tests.support.e2e_processes import GONE_S_MAX, title_of

RULE_S = 1.0  # the promise; a loaded machine gets more before a run is called failed
_NAP_S = 0.005


def wait_gone(scene: Scene) -> float:
    """Wait until nobody of the tree is left; return the seconds that it took."""
    began_s = time.monotonic()
    while left := scene.tree.everybody():
        waited_s = time.monotonic() - began_s
        titles = [f"{each.pid} {title_of(each)}" for each in left]
        assert waited_s < GONE_S_MAX, f"orphans after {waited_s:.1f} s: {titles}"
        time.sleep(_NAP_S)
    return time.monotonic() - began_s


def is_complete(scene: Scene) -> bool:
    """Say whether every PRD was accepted and is done."""
    prds = {prd["id"]: prd["state"] for prd in scene.tree.status()["prds"]}
    return prds == dict.fromkeys(scene.stories, "completed")


def words_to_go_on(scene: Scene) -> tuple[str, ...]:
    """What a person types after a crash; a call that died before it was noted is made again."""
    known = {prd["id"] for prd in scene.tree.status()["prds"]}
    return ("resume", "--retry") if known == set(scene.stories) else ("start",)


def check(scene: Scene) -> None:
    """Fail if a promise was broken."""
    repo = scene.repo
    for prd_id, names in scene.stories.items():
        merged = Counter(repo.merged(f"feature/{prd_id}"))
        assert merged == Counter(f"{prd_id}/{name}" for name in names), f"{prd_id}: {merged}"
        for name in names:
            assert repo.show(f"feature/{prd_id}", f"{name}.txt") == f"{name}\n"
        assert all(repo.flags(f"feature/{prd_id}", f"tasks/{prd_id}.json"))
    landed = Counter(repo.git("log", "--format=%(trailers:key=PRD-Landed,valueonly)", INTO).split())
    assert set(landed) <= set(scene.stories), f"landed: {landed}"
    assert all(count == 1 for count in landed.values()), f"landed more than once: {landed}"
    for prd_id in landed:
        assert not repo.git("log", "--oneline", f"{INTO}..feature/{prd_id}"), (
            f"{prd_id} half landed"
        )
    repo.check_seal()
    check_ledger(scene.folder / "ledger")
    scene.tree.events()  # every line of it is a JSON object


def check_ledger(ledger: Path) -> None:
    """Fail if a record that was acknowledged is not there any more.

    A number that two records have had, or that the state on disk does not reach, was forgotten.
    """
    if not ledger.exists():
        return
    known: dict[Path, dict[int, str]] = {}
    for entry in ledger.read_text(encoding="utf-8").splitlines():
        place, _, line = entry.partition("\t")
        if not line:
            continue
        _, number, record = line.split(" ", 2)
        numbered = known.setdefault(Path(place), {})
        earlier = numbered.setdefault(int(number), record)
        assert earlier == record, f"{place}: number {number} was {earlier}, then {record}"
    for journal, numbered in known.items():
        assert last_number(journal) >= max(numbered), f"{journal} forgot {max(numbered)}"


def last_number(journal: Path) -> int:
    """The number of the last record that journal and snapshot hold."""
    snapshot = journal.with_name("snapshot.json")
    number = json.loads(snapshot.read_bytes())["number"] if snapshot.exists() else 0
    lines = journal.read_text(encoding="utf-8").splitlines()
    return max([int(number), *(int(line.split(" ", 2)[1]) for line in lines if line)])
