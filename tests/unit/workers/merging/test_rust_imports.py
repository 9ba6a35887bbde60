from __future__ import annotations

import pytest

from prd_supervise.workers.merging.reconcile import reconcile
from tests.unit.workers.merging.merged import marked, merged

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


def test_what_nobody_uses_any_more_goes_where_it_can_be_no_trait() -> None:
    base = "use a::{b, C, D};\n"
    left, right = "use a::{b, m, C, D, Made, Trait};\n", "use a::{C, D, E};\n"
    # The left side's code for them is gone, as the right one has removed its function.
    code = "fn k() {\n    m::x();\n    let y = Made { z: 1 };\n}\n\nimpl Trait for X {}\n"
    found = merged("a.rs", base + REST, left + REST, right + REST)
    assert found is not None
    assert "m, " in found
    assert "Made" in found  # no side ever used it by name: a macro may
    marked_left = left + REST + code
    done = reconcile(
        "a.rs",
        marked(base + REST, left + REST, right + REST),
        left=marked_left.encode(),
        right=(right + REST).encode(),
    )
    assert done is not None
    assert done.text.decode() == "use a::{C, D, E, Trait};\n" + REST


def test_what_is_exported_stays_though_this_file_uses_it_no_more() -> None:
    base, left, right = (f"pub use a::{{{more}z}};\n" for more in ("", "m, ", "n, "))
    code = "fn k() { m(); n(); }\n"
    done = reconcile(
        "a.rs",
        marked(base + REST, left + REST, right + REST),
        left=(left + REST + code).encode(),
        right=(right + REST + code).encode(),
    )
    assert done is not None
    assert done.text.decode() == "pub use a::{m, n, z};\n" + REST


def test_a_name_that_another_path_goes_through_is_used() -> None:
    base = "use a::z;\nuse x::y;\n"
    left, right = "use a::m;\nuse m::k;\nuse x::y;\n", "use a::n;\nuse x::y;\n"
    code = "fn q() { m(); }\n"
    done = reconcile(
        "a.rs",
        marked(base + REST, left + REST, right + REST),
        left=(left + REST + code).encode(),
        right=(right + REST).encode(),
    )
    assert done is not None
    assert "use a::m;\n" in done.text.decode()


def test_one_path_needs_no_braces() -> None:
    base, left, right = "use a::{b, c};\n", "use a::{b, c, d};\n", "use x::y;\n"
    assert joined(base, left, right) == "use a::d;\nuse x::y;\n"
