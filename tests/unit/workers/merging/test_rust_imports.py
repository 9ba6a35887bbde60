from __future__ import annotations

import pytest

from tests.unit.workers.merging.merged import merged

REST = "\nfn f() {}\n"


def joined(base: str, left: str, right: str) -> str | None:
    found = merged("a.rs", base + REST, left + REST, right + REST)
    return None if found is None else found.removesuffix(REST)


def test_declarations_that_both_sides_added_are_all_there_in_their_order() -> None:
    base = "use a::b;\nuse z::y;\n"
    left, right = "use a::b;\nuse m::n;\nuse z::y;\n", "use a::b;\nuse c::d as e;\nuse z::y;\n"
    assert joined(base, left, right) == "use a::b;\nuse c::d as e;\nuse m::n;\nuse z::y;\n"


def test_paths_of_one_group_come_into_one_group() -> None:
    base, left, right = (f"use std::{{fmt, {more}}};\n" for more in ("vec", "io, vec", "mem, vec"))
    assert joined(base, left, right) == "use std::{fmt, io, mem, vec};\n"


def test_groups_within_groups_are_joined() -> None:
    base = "use std::{\n    fmt,\n    io::{self, Read},\n};\n"
    left, right = (
        base.replace("Read", "Read, Write"),
        base.replace("fmt", "fmt,\n    collections::HashMap"),
    )
    found = joined(base, left, right)
    assert found is not None
    assert "io::{self, Read, Write}" in found
    assert "collections::HashMap" in found
    other = joined(base, base.replace("Read", "Read, Write"), base.replace("Read", "Read, Seek"))
    assert other == "use std::{\n    fmt,\n    io::{self, Read, Seek, Write},\n};\n"


def test_what_is_public_or_configured_stays_apart() -> None:
    base = "use a::b;\n"
    left, right = base + "pub use a::c;\n", base + '#[cfg(feature = "x")]\nuse a::d;\n'
    assert joined(base, left, right) == left + '#[cfg(feature = "x")]\nuse a::d;\n'


def test_modules_that_both_sides_added_are_declared() -> None:
    base = "mod a;\n"
    assert joined(base, base + "mod b;\n", base + "pub mod c;\n") == "mod a;\nmod b;\npub mod c;\n"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("use a::b;\nuse c::x;\n", "use a::b;\nuse d::x;\n"),
        ("use a::b;\nconst X: u8 = 1;\n", "use a::b;\nuse c::d;\n"),
        ("use a::b;\nmod x;\n", "use a::b;\npub mod x;\n"),
    ],
    ids=["one name for two things", "more than imports", "one module in two ways"],
)
def test_what_contradicts_is_left_to_people(left: str, right: str) -> None:
    assert joined("use a::b;\n", left, right) is None
