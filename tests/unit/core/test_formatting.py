"""Formatters over what was resolved, in virtual time: what runs, what is taken, who waits."""

from __future__ import annotations

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.state import GIT, Stage, worker_of
from prd_supervise.supervisor.core.prd.train.train import (
    Car,
    Train,
    ending_at_format,
    format_of,
)
from prd_supervise.supervisor.core.prd.words import AskGit, StartVerify
from prd_supervise.workers.messages.merging import Resolution
from prd_supervise.workers.messages.prd import Limits
from prd_supervise.workers.messages.rules import MergeRules
from prd_supervise.workers.messages.train import TakeFormatted
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world
from tests.unit.core.test_train import is_done, published, together, told

FORMATTER = "ruff format"
COMMAND = "ruff format ./app.py"
RESOLVED = Script(resolved=frozenset({("C", 1)}))


def train(*paths: tuple[str, ...], formatter: str = FORMATTER) -> Train:
    """Cars in which these paths were resolved."""
    cars = tuple(
        Car(
            story_id="ABCDEF"[place],
            commands=("make test",),
            commit=f"c{place}",
            resolutions=tuple(Resolution(path=path, how="imports") for path in each),
        )
        for place, each in enumerate(paths)
    )
    return Train(number=1, cars=cars, onto="base", formatters=(formatter,))


def formats(world: World) -> list[tuple[str, str, tuple[str, ...]]]:
    """Each run of formatters: by whose worker, over which commit, what."""
    orders = [each for each in world.commands if isinstance(each, StartVerify)]
    return [
        (each.story_id, each.order.commit, each.order.commands)
        for each in orders
        if each.order.stage == "format"
    ]


def verified(world: World) -> list[str]:
    orders = (each.order for each in world.commands if isinstance(each, StartVerify))
    return [order.commit for order in orders if order.stage == "merged"]


def asked(world: World) -> list[TakeFormatted]:
    requests = (each.request for each in world.commands if isinstance(each, AskGit))
    return [each for each in requests if isinstance(each, TakeFormatted)]


def night(script: Script = RESOLVED, formatter: str = FORMATTER) -> World:
    return together("A", "B", "C", "D", script=script, formatters=(formatter,))


# --- the train as a value -----------------------------------------------------------------------


def test_a_train_ends_at_the_first_car_that_is_formatted() -> None:
    cut = ending_at_format(train((), ("a.py",), (), ("b.py",)))
    assert cut.names() == ("A", "B")
    check = format_of(cut)
    assert check is not None
    assert (check.length, check.story_id, check.commands) == (2, "B", ("ruff format ./a.py",))
    assert format_of(replace(cut, is_formatted=True)) is None


@pytest.mark.parametrize(
    "of",
    [train((), ()), train(("CHANGELOG.md",), ()), replace(train(("a.py",), ()), formatters=())],
)
def test_what_no_formatter_reads_ends_no_train(of: Train) -> None:
    assert ending_at_format(of) == of
    assert format_of(of) is None


# --- the whole way ------------------------------------------------------------------------------


def test_the_last_car_is_formatted_then_verified_as_it_is_then() -> None:
    world = night().run()
    assert formats(world) == [("C", "C@1+B@1+A@1+base", (COMMAND,))]
    assert verified(world)[:2] == ["A@1+base", "C@1~+B@1+A@1+base"]
    assert published(world) == [("A",), ("B", "C"), ("D",)]
    assert is_done(world, *"ABCD")
    assert told(world, "formatted") == ["app.py: formatted after the merge"]
    (waits,) = told(world, "merge_waits")
    assert "formatted" in waits


@pytest.mark.parametrize(
    ("script", "formatter"), [(Script(), FORMATTER), (RESOLVED, "rustfmt")], ids=["clean", "rust"]
)
def test_where_there_is_nothing_to_format_nobody_waits(script: Script, formatter: str) -> None:
    world = night(script, formatter).run()
    assert formats(world) == []
    assert published(world) == [("A",), ("B", "C", "D")]


def test_a_formatter_that_fails_is_told_and_changes_nothing() -> None:
    script = replace(RESOLVED, reds=frozenset({("C", 1, "format")}))
    world = night(script).run()
    assert asked(world) == []
    assert verified(world)[1] == "C@1+B@1+A@1+base"
    assert is_done(world, *"ABCD")
    (failed,) = told(world, "format_failed")
    assert "`ruff format ./app.py`" in failed
    assert world.memory("C").attempt == 1


def test_what_git_cannot_take_is_told_and_changes_nothing() -> None:
    world = night().refuse("TakeFormatted").run()
    assert verified(world)[1] == "C@1+B@1+A@1+base"
    assert published(world) == [("A",), ("B", "C"), ("D",)]
    assert len(told(world, "format_failed")) == 1
    assert world.memory("C").attempt == 1


def formatting(world: World) -> World:
    return world.until_that(lambda w: "format" in _verifies(w, "C"))


def taking(world: World) -> World:
    """The integrator has been asked and has not answered."""
    return world.until_that(
        lambda w: w.prd.train is not None and isinstance(w.prd.train.asked, TakeFormatted)
    )


def _verifies(world: World, story_id: str) -> str:
    process = world.process(worker_of(story_id))
    return "" if process is None else str(process.verifies)


@pytest.mark.parametrize("moment", [formatting, taking])
@pytest.mark.parametrize("name", ["A worker", "its worker", "git", "git, after", "stop"])
def test_whoever_dies_meanwhile_all_are_merged_and_the_worktree_is_free(
    moment: object, name: str
) -> None:
    assert callable(moment)
    world = moment(night())
    match name:
        case "A worker":
            world = world.kill_worker("B")
        case "its worker":
            world = world.kill_worker("C")
        case "git":
            world = world.kill_git()
        case "git, after":
            world = world.kill(GIT, after_serving=True)
        case _:
            world = world.stop().run().resume()
    world = world.run()
    assert is_done(world, *"ABCD")
    assert world.prd.gate == ""


def test_nobody_starts_from_a_merge_that_is_still_to_be_formatted() -> None:
    script = Script(resolved=frozenset({("A", 1)}))
    stories = (a_story("A"), a_story("B", "A"))
    merging = MergeRules(formatters=(FORMATTER,))
    limits = Limits(max_workers=0)
    world = prd_world(*stories, limits=limits, script=script, merging=merging)
    world = world.until("B", Stage.AGENT)
    assert world.memory("B").base == "A@1~+base"
    assert is_done(world.run(), "A", "B")


def test_the_integrator_is_asked_once_more_by_another_one() -> None:
    world = taking(night()).kill_git().run()
    assert len(asked(world)) == 2
    assert verified(world)[1] == "C@1~+B@1+A@1+base"
