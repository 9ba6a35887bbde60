"""States that real runs of earlier versions have left: the night goes on as if nothing had been."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e_processes import DEADLINE_S, wait_until
from tests.support.e2e_repo import Repo
from tests.support.state_samples import PLACE, essence, lay_out, samples
from tests.support.tree import Tree

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAMES = [f"{path.parent.name}/{path.name}" for path in samples()]


@pytest.fixture(params=samples(), ids=NAMES)
def expected(request: pytest.FixtureRequest, repo: Repo) -> dict[str, Any]:
    """How the version that wrote the sample said that everything stood."""
    sample: Path = request.param
    (repo.path / "prd-supervise.toml").unlink()
    (repo.path / "README").unlink()
    found = lay_out(sample, repo)
    repo.seal()
    for prd in found["prds"]:  # the first versions noted nowhere that these are theirs
        repo.disown(f"refs/heads/feature/{prd}")
    return found


def test_there_are_samples_of_every_state() -> None:
    assert {"0/night", "1/night"} <= {*NAMES}


@pytest.mark.parametrize("sample", samples(), ids=NAMES)
def test_a_sample_names_no_place_of_who_made_it(sample: Path) -> None:
    texts = [path.read_bytes() for path in sample.rglob("*") if path.is_file()]
    assert any(PLACE.encode() in text for text in texts)
    assert not [text for text in texts for word in (b"/tmp/", b"/root/", b"/work/") if word in text]


def test_an_old_state_is_shown_as_it_was(expected: dict[str, Any], tree: Tree) -> None:
    shown = essence(tree.status())
    assert shown["prds"] == expected["prds"]
    assert shown["stories"] == expected["stories"]
    assert shown["agents"] == expected["agents"]
    assert tree.run("report", code=0).out
    assert tree.run("logs", "ALPHA/A").code == 0


def test_an_old_state_is_resumed_to_its_end(
    expected: dict[str, Any], repo: Repo, tree: Tree
) -> None:
    done = {name for name, (state, *_) in expected["stories"].items() if state == "done"}
    held = [name for name, (_, _, is_held) in expected["stories"].items() if is_held]
    begun = [prd for prd in expected["prds"] if f"refs/heads/feature/{prd}" in repo.refs("heads/")]
    merged = {prd: repo.merged(f"feature/{prd}") for prd in begun}
    tree.go()
    run = tree.begin("resume")
    tree.wait_event("root_started")
    if expected["agents"]:  # a start is no reason to try before the moment that was told
        assert essence(tree.status())["agents"] == expected["agents"]
        tree.run("release", "--agent", "replay", code=0)
    waits = {*held, "GAMMA/P"}
    wait_until(lambda: _rest(tree) <= waits, lambda: tree.told(run), DEADLINE_S)
    stories = essence(tree.status())["stories"]
    assert all(stories[name][0] == "done" for name in done)
    assert all(stories[name] == expected["stories"][name] for name in held)
    for name in held:
        tree.run("release", name, code=0)
    if "GAMMA/P" in stories:
        tree.run("approve", "GAMMA/P", code=0)
    run.wait_exit(1)  # B is red, and C needs it
    stories = essence(tree.status())["stories"]
    assert {name for name, (state, *_) in stories.items() if state != "done"} == {
        "ALPHA/B",
        "ALPHA/C",
    }
    for prd, before in merged.items():
        after = repo.merged(f"feature/{prd}")
        assert after[: len(before)] == before
        assert len(after) == len({*after})  # nothing is merged twice


def _rest(tree: Tree) -> set[str]:
    stories = essence(tree.status())["stories"]
    return {
        name for name, (state, *_) in stories.items() if state not in {"done", "failed", "skipped"}
    }
