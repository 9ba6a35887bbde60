"""A merge train as a value: which run of verify commands comes next, and what they have shown.

The cars are merged one on the other; the first `length` of them are a prefix, which is a tree of
its own. The whole train is verified first. Where it is red, prefixes are halved until a green one
and a red one lie side by side: the car between them is the culprit. Each run is remembered, so
nothing is run twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from msgspec import Struct

from .....policies.merging.toolchain import format_commands
from .....policies.outcomes.outcome import VerifyRun
from .....policies.values import replace
from .....workers.messages.git import TrainRequest
from .....workers.messages.merging import Resolution
from .....workers.messages.train import PrdCopy

Commands = tuple[str, ...]
_NAMED_MAX = 8
# What the worker of a story tells the commands of that story alone.
_NAMES_A_STORY = re.compile(
    r"PRD_SUPERVISE_(?:STORY_ID|STORY_TITLE|ATTEMPT|PROMPT_FILE|BASE)(?![A-Z0-9_])"
)


class Car(Struct, frozen=True, kw_only=True):
    """A story in the train; `commit` has it and all in front of it."""

    story_id: str
    commands: Commands
    commit: str = ""
    tree: str = ""  # of that commit, as it was merged; empty: unknown, or formatters changed it
    prd_file: PrdCopy | None = None  # the PRD file in that commit
    resolutions: tuple[Resolution, ...] = ()  # conflicts that nobody had to look at
    doubts: tuple[str, ...] = ()  # what is probably wrong with it, though git finds it clean


class Check(Struct, frozen=True, kw_only=True):
    """One run of verify commands over a prefix; length 0 is the branch as it stands.

    `story_id`: with the variables of that story; empty: with those of no story. `formats`: the
    commands are formatters, and what they change is taken.
    """

    length: int
    commands: Commands
    story_id: str = ""
    formats: bool = False


class Checked(Struct, frozen=True, kw_only=True):
    """What came out."""

    check: Check
    run: VerifyRun
    tail: str = ""  # the end of what was printed, where it is red


class Train(Struct, frozen=True, kw_only=True):
    """The train that is under way. `asked` is what the integrator has not answered yet."""

    number: int
    cars: tuple[Car, ...]
    onto: str = ""  # where the PRD's branch stood; empty while it is being assembled
    apart: frozenset[Commands] = frozenset()  # what is run once for each story
    alike: frozenset[Commands] = frozenset()  # what was green for several at once
    checks: Commands = ()  # type checks, of a questionable car against what is in front of it
    formatters: Commands = ()  # of files whose conflicts were resolved
    is_formatted: bool = False  # nothing of the last car will change any more
    shown_in: str = ""  # the worktree in which formatters are at work
    checked: tuple[Checked, ...] = ()
    running: Check | None = None
    published: int = 0  # the cars of the prefix that is being published
    asked: TrainRequest | None = None
    culprit: Red | None = None  # it leaves as soon as the cars in front of it are published

    def commit_of(self, length: int) -> str:
        """The tree that a prefix is verified on."""
        return self.cars[length - 1].commit if length else self.onto

    def tree_of(self, length: int) -> str:
        """The same as what another train may have again; empty where that is not known."""
        return self.cars[length - 1].tree if length else ""

    def result_of(self, check: Check) -> Checked | None:
        """What this run has shown, if there was one."""
        return next((each for each in self.checked if each.check == check), None)

    def names(self, length: int | None = None) -> tuple[str, ...]:
        """The stories of a prefix, or of the whole train."""
        return tuple(car.story_id for car in self.cars[:length])


class Red(Struct, frozen=True, kw_only=True):
    """The car at `place` makes a green prefix red; `is_branch`: the branch is red without it.

    `is_doubt`: the verify commands say nothing of it, nor of the prefix in front of it.
    """

    place: int
    checked: Checked
    is_branch: bool = False
    is_doubt: bool = False


class Green(Struct, frozen=True, kw_only=True):
    """The whole train may be shown."""


class Learned(Struct, frozen=True, kw_only=True):
    """These commands depend on the story: one tree is red without its variables, green with."""

    commands: Commands


Decision = Check | Green | Red | Learned


def named(stories: Sequence[str]) -> str:
    """Stories in a line of text."""
    more = len(stories) - _NAMED_MAX
    shown = ", ".join(stories[:_NAMED_MAX])
    return f"{shown} and {more} more" if more > 0 else shown


def depends_on_story(commands: Commands) -> bool:
    """Say whether commands name what only one story has."""
    return any(_NAMES_A_STORY.search(command) for command in commands)


def is_run_apart(commands: Commands, learned: Collection[Commands]) -> bool:
    """Say whether commands are run once for each story."""
    return commands in learned or depends_on_story(commands)


def format_of(train: Train) -> Check | None:
    """The formatters that the last car still has to pass, over the files that were resolved."""
    last = train.cars[-1] if train.cars and not train.is_formatted else None
    commands = _formats(train, last) if last is not None else ()
    if last is None or not commands:
        return None
    return Check(length=len(train.cars), commands=commands, story_id=last.story_id, formats=True)


def ending_at_format(train: Train) -> Train:
    """The train up to the first car that is formatted: what stands behind would rest on it."""
    places = [place for place, car in enumerate(train.cars) if _formats(train, car)]
    return replace(train, cars=train.cars[: places[0] + 1]) if places else train


def _formats(train: Train, car: Car) -> Commands:
    return format_commands(train.formatters, [each.path for each in car.resolutions])


def checks_of(train: Train, length: int) -> tuple[Check, ...]:
    """What a prefix has to pass: each list of commands once, or once a story."""
    found: dict[Check, None] = {}
    for car in train.cars[:length]:
        if car.commands:
            is_own = length == 1 or is_run_apart(car.commands, train.apart)
            name = car.story_id if is_own else ""
            found[Check(length=length, commands=car.commands, story_id=name)] = None
    return tuple(found)


def decide(train: Train, *, asks_branch: bool = True) -> Decision:
    """What comes next. `asks_branch`: a red first car may not be the one to blame."""
    low, high = 0, len(train.cars)
    found = _look(train, high)
    if found is None:
        return doubted(train)
    while isinstance(found, Checked) and high - low > 1:
        middle = (low + high) // 2
        shown = _look(train, middle)
        if shown is None:
            low = middle
        else:
            found, high = shown, middle
    if isinstance(found, Check):
        return found
    return _blame(train, low, found, asks_branch=asks_branch and low == 0)


def _look(train: Train, length: int) -> Check | Checked | None:
    """The next run that a prefix needs, or the one in which it was red; None: it is green."""
    for check in checks_of(train, length):
        checked = train.result_of(check)
        if checked is None:
            return check
        if not checked.run.is_green:
            return checked
    return None


def doubted(train: Train) -> Check | Red | Green:
    """What type checks say of cars that are resolved or doubted; the train is green without.

    A check that is red in front of a car as well blames nobody.
    """
    for place, car in enumerate(train.cars):
        for command in train.checks if car.resolutions or car.doubts else ():
            with_it = Check(length=place + 1, commands=(command,))
            checked = train.result_of(with_it)
            if checked is None:
                return with_it
            if checked.run.is_green:
                continue
            without = replace(with_it, length=place)
            before = train.result_of(without)
            if before is None:
                return without
            if before.run.is_green:
                return Red(place=place, checked=checked, is_doubt=True)
    return Green()


def _blame(train: Train, low: int, red: Checked, *, asks_branch: bool) -> Decision:
    check = red.check
    if not check.story_id and check.commands not in train.alike:
        # Nobody's variables may be what it lacks: the same tree, with those of the last car.
        cars = [car for car in train.cars[: check.length] if car.commands == check.commands]
        own = replace(check, story_id=cars[-1].story_id)
        checked = train.result_of(own)
        if checked is None:
            return own
        if checked.run.is_green:
            return Learned(commands=check.commands)
        red = checked
    if not asks_branch:
        return Red(place=low, checked=red)
    head = replace(check, length=0, story_id=train.cars[0].story_id)
    branch = train.result_of(head)
    if branch is None:
        return head
    return Red(place=low, checked=red, is_branch=not branch.run.is_green)


def evidence_for(train: Train, place: int, length: int) -> Checked | None:
    """The run by which a car of a published prefix was verified; None: it has no commands."""
    car = train.cars[place]
    names = (car.story_id, "")
    checks = [c for c in checks_of(train, length) if c.commands == car.commands]
    own = next((check for name in names for check in checks if check.story_id == name), None)
    return None if own is None else train.result_of(own)
