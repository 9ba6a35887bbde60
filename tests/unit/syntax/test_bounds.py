"""However dense or deep a text is, it is read in bounded time, or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.workers.merging.explain import explain
from prd_supervise.workers.messages.merging import CONFLICTS_MAX
from prd_supervise.workers.syntax.languages import Language
from prd_supervise.workers.syntax.outline import outline
from prd_supervise.workers.syntax.words import Call, Entity, Outline, Statement


def entity(number: int, first: int, last: int) -> Entity:
    name = f"f{number}"
    return Entity(kind="function", name=name, owner="", qualified=name, first=first, last=last)


def around(line: int, entities: list[Entity]) -> Entity | None:
    """The last one that holds a line, told by looking at all."""
    return next((one for one in reversed(entities) if one.first <= line <= one.last), None)


spans = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 8)), max_size=12)


@given(spans=spans)
def test_the_innermost_entity_of_a_line_is_the_last_that_holds_it(
    spans: list[tuple[int, int]],
) -> None:
    ordered = sorted((first, -(first + more)) for first, more in spans)
    entities = [entity(number, first, -last) for number, (first, last) in enumerate(ordered)]
    made = Outline(
        language=Language.PYTHON,
        entities=tuple(entities),
        statements=(),
        imports=(),
        calls=(),
        bindings={},
        locals=frozenset(),
        uses={},
    )
    for line in range(22):
        assert made.entity_at(line) == around(line, entities)


@given(lengths=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=8))
def test_a_line_belongs_to_the_first_statement_that_holds_it(
    lengths: list[tuple[int, int]],
) -> None:
    """The next one begins on the last line of the one before, or further down."""
    statements: list[Statement] = []
    line = 1
    for gap, more in lengths:
        first = line + gap
        line = first + more
        statements.append(Statement(first=first, last=line, name=f"s{len(statements)}"))
    made = Outline(
        language=Language.PYTHON,
        entities=(),
        statements=tuple(statements),
        imports=(),
        calls=(),
        bindings={},
        locals=frozenset(),
        uses={},
    )
    for at in range(line + 2):
        held = (str(one) for one in statements if one.first <= at <= one.last)
        assert made.about(at) == next(held, "")


def test_a_text_of_too_many_parts_is_not_read() -> None:
    assert outline(Language.PYTHON, b"a=1;" * 60_000) is not None
    assert outline(Language.PYTHON, b"a=1;" * 80_000) is None


def test_of_a_chain_without_end_only_the_end_is_read() -> None:
    made = outline(Language.PYTHON, b"x" + b".f(y)" * 20_000 + b"\n")

    assert made is not None
    assert 400 < len(made.calls) < 1000
    assert {call.receiver for call in made.calls} == {"?"}


def test_what_stands_before_a_dot_is_named_if_it_has_a_name() -> None:
    made = outline(Language.PYTHON, b"self.a(1)\nbox.lid.open(2)\n(" + b"b" * 200 + b").c()\n")

    assert made is not None
    assert [(call.receiver, call.name) for call in by_line(made)] == [
        ("self", "a"),
        ("box.lid", "open"),
        ("?", "c"),
    ]


def by_line(made: Outline) -> list[Call]:
    return sorted(made.calls, key=lambda call: call.line)


def test_of_thousands_of_places_in_a_file_as_many_are_explained_as_are_told() -> None:
    text = "".join(f"a{number} = 1\n\n\n\n" for number in range(3000))
    sides = (text.replace("= 1", f"= {value}").encode() for value in (1, 2, 3))

    conflicts = explain("a.py", "contents", *sides)

    assert len(conflicts) == CONFLICTS_MAX
    assert conflicts[1].entity == "module statement a1"
    assert conflicts[1].right == (5, 5)
