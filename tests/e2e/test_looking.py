from __future__ import annotations

import select
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.status.document import PrdStatus
from prd_supervise.supervisor.ui.looking import Look, Looker
from prd_supervise.supervisor.ui.whereabouts import layout_of
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


class Eyes:
    """A looker that looks whenever there is something to see."""

    def __init__(self, looker: Looker) -> None:
        self.looker = looker
        self.looks: list[Look] = []

    def until(self, tree: Tree, is_so: Callable[[Look], object], what: str) -> Look:
        """Look until it is so."""

        def look() -> object:
            select.select([self.looker], [], [], 0.2)
            self.looks.append(self.looker.look())
            return is_so(self.looks[-1])

        tree.wait(look, f"{what}; seen last: {self.looks[-1:]}")
        return self.looks[-1]

    def events(self) -> list[tuple[object, object]]:
        """All events that were seen, in their order."""
        return [(each["event"], each["story"]) for look in self.looks for each in look.events]


def prd_of(look: Look, prd_id: str = "ALPHA") -> PrdStatus:
    return next(prd for prd in look.document.prds if prd.id == prd_id)


def state_of(look: Look, story_id: str, prd_id: str = "ALPHA") -> str:
    stories = {each.id: each.state for each in prd_of(look, prd_id).stories}
    return stories.get(story_id, "")


@pytest.fixture
def two_stories(repo: Repo) -> Repo:
    """The second one waits for the first, which waits for us."""
    steps = ({"say": "at work"}, HOLD, write("US-1.txt", "x\n"))
    repo.prd(story("US-1", *steps), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    return repo


@pytest.fixture
def eyes(two_stories: Repo) -> Iterator[Eyes]:
    """Somebody who watches."""
    with Looker(layout_of(two_stories.path)) as looker:
        yield Eyes(looker)


def test_who_watches_sees_a_night_from_before_its_beginning_to_after_its_end(
    tree: Tree, eyes: Eyes
) -> None:
    before = eyes.looker.look()
    assert (before.is_live, before.problem, before.document.prds) == (
        False,
        "root does not run",
        (),
    )

    run = tree.begin()
    look = eyes.until(tree, lambda look: look.is_live and prd_of(look).stories, "its first word")
    assert look.document.root.pid == run.pid
    eyes.until(tree, lambda look: state_of(look, "US-1") == "running", "a story that runs")
    look = eyes.until(
        tree, lambda look: any(each.usage for each in prd_of(look).stories), "its figures"
    )
    assert prd_of(look).runtime_s > 0
    tree.go()
    eyes.until(tree, lambda look: state_of(look, "US-1") == "done", "the first story's end")
    run.wait_exit(0)
    look = eyes.until(tree, lambda look: not look.is_live, "the end of root")

    assert look.problem == "root does not run"
    assert [each.state for each in prd_of(look).stories] == ["done", "done"]
    told = [(each["event"], each["story"]) for each in tree.events()]
    assert sorted(eyes.events(), key=str) == sorted(told, key=str), "each event once"


def test_a_root_that_is_stopped_is_told_apart_from_one_that_works(
    two_stories: Repo, tree: Tree, eyes: Eyes
) -> None:
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    eyes.until(tree, lambda look: state_of(look, "US-1") == "running", "a story that runs")

    run.signal(signal.SIGSTOP)
    look = eyes.until(tree, lambda look: not look.is_live, "its silence")
    assert look.problem.startswith(f"root (pid {run.pid}) has said nothing for ")
    assert state_of(look, "US-1") == "running", "the last look is shown"
    assert look.document.root.state == "not answering"

    with Looker(layout_of(two_stories.path)) as looker:
        late = looker.look()
    assert (late.is_live, late.is_answered) == (False, False)
    assert late.problem == f"root (pid {run.pid}) does not answer"
    assert prd_of(late).state == "active", "it is at work as far as the journals know"
    assert state_of(late, "US-1") == "running"

    run.signal(signal.SIGCONT)
    eyes.until(tree, lambda look: look.is_live, "that it goes on")
    tree.go()
    run.wait_exit(0)


def moments_of(tree: Tree, story_id: str) -> tuple[float | None, float | None]:
    told = tree.prd()["stories"][story_id]
    return told["since"], told["attempt_since"]


def test_since_when_a_story_is_as_it_is_outlives_its_root(two_stories: Repo, tree: Tree) -> None:
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    begun, waits = moments_of(tree, "US-1"), moments_of(tree, "US-2")
    assert None not in begun
    assert waits[1] is None
    tree.go()
    run.wait_exit(0)
    done = {name: moments_of(tree, name) for name in ("US-1", "US-2")}

    two_stories.prd(
        *(story(name) for name in ("US-1", "US-2")), story("US-3", HOLD, write("US-3.txt", "x"))
    )
    two_stories.seal()
    (Path(tree.env["TMPDIR"]) / "go").unlink()
    again = tree.begin()
    tree.wait(lambda: "US-3" in tree.prd()["stories"], "the third story")
    live = {name: moments_of(tree, name) for name in done}
    tree.go()
    again.wait_exit(0)

    assert {name: moments_of(tree, name) for name in done} == live == done
    assert done["US-1"][1] == pytest.approx(begun[1], abs=30), "an attempt begins once"
