from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Mapping

import pytest

from prd_supervise.policies.values import dataclass, field, is_value_class, names_of, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value with a field beside it."""

    x: int
    y: int = 0
    seen: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def total(self) -> int:
        """Both."""
        return self.x + self.y


@dataclass(slots=True, kw_only=True)
class Box:
    """A value that changes."""

    points: list[Point] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Rank:
    """A value with an order."""

    number: int


def test_a_value_has_defaults_properties_and_what_it_is_given() -> None:
    assert (Point(x=1).total, Point(x=1, y=2).total) == (1, 3)
    assert Box().points == []
    assert Box().points is not Box().points
    with pytest.raises(TypeError):
        Point(1)  # type: ignore[call-arg]  # that is what is tried


def test_a_frozen_value_stays_as_it_is_and_is_a_key_and_another_may_change() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError):
        point.x = 2  # type: ignore[misc]  # that is what is tried
    assert {point: 1}[Point(x=1)] == 1
    box = Box()
    box.points = [point]
    assert box == Box(points=[point])
    with pytest.raises(TypeError):
        hash(box)


def test_what_is_beside_a_value_is_neither_compared_nor_shown_and_is_copied_along() -> None:
    one, other = Point(x=1, seen={"a": 1}), Point(x=1, seen={"b": 2})
    assert one == other
    assert hash(one) == hash(other)
    assert one != Point(x=2)
    assert repr(one) == "Point(x=1, y=0)"
    assert replace(one, x=3).seen == {"a": 1}


def test_values_are_ordered_where_they_say_so() -> None:
    assert max(Rank(number=1), Rank(number=2)) == Rank(number=2)


def test_the_standard_library_takes_a_value_for_a_dataclass() -> None:
    point = Point(x=1, y=2)
    assert dataclasses.is_dataclass(point)
    assert [each.name for each in dataclasses.fields(Point)] == ["x", "y", "seen"]
    assert dataclasses.replace(point, y=3) == Point(x=1, y=3)
    assert dataclasses.asdict(Box(points=[point])) == {"points": [{"x": 1, "y": 2, "seen": {}}]}
    assert pickle.loads(pickle.dumps(point)) == copy.deepcopy(point) == point  # noqa: S301  our own


def test_a_class_of_values_is_known_by_itself_and_not_by_its_looks() -> None:
    @dataclasses.dataclass(frozen=True)
    class Plain:
        x: int

    assert is_value_class(Point)
    assert not is_value_class(Plain)
    assert not is_value_class(Point(x=1))
    assert names_of(Point) == ("x", "y", "seen")
