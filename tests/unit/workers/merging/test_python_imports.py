from __future__ import annotations

import pytest

from tests.unit.workers.merging.merged import merged, outcome

REST = "\n\ndef f():\n    return 1\n"


def test_statements_that_both_sides_added_are_all_there_in_their_order() -> None:
    found = outcome(
        "a.py",
        "import abc\nimport sys\n" + REST,
        "import abc\nimport os\nimport sys\n" + REST,
        "import abc\nimport json\nimport sys\n" + REST,
    )
    assert found is not None
    assert found.how == "imports"
    assert found.text.decode() == "import abc\nimport json\nimport os\nimport sys\n" + REST


def test_names_of_one_module_come_into_one_statement() -> None:
    assert (
        merged(
            "a.py",
            "from x import a, d\n" + REST,
            "from x import a, b, d\n" + REST,
            "from x import a, c as e, d\n" + REST,
        )
        == "from x import a, b, c as e, d\n" + REST
    )


def test_what_one_side_removed_is_gone_and_what_the_other_added_is_there() -> None:
    base, left, right = "from x import a, b\n", "from x import a\n", "from x import a, b, c\n"
    assert merged("a.py", base + REST, left + REST, right + REST) == "from x import a, c\n" + REST


def test_a_list_below_each_other_keeps_its_comments_and_its_comma() -> None:
    base = "from x import (\n    a,  # first\n    d,\n)\n"
    left = base.replace("    d", "    # why\n    b,\n    d")
    right = base.replace("    d", "    c,\n    d")
    expected = left.replace("    d", "    c,\n    d")
    assert merged("a.py", base + REST, left + REST, right + REST) == expected + REST


def test_a_line_that_would_be_too_long_is_broken() -> None:
    names = [f"some_long_name_{letter}" for letter in "adgh"]
    line = "from module import {}\n"
    base, left, right = (
        line.format(", ".join(sorted([*names, *more])))
        for more in ([], ["some_long_name_b"], ["some_long_name_c"])
    )
    rows = "".join(f"    some_long_name_{letter},\n" for letter in "abcdgh")
    expected = f"from module import (\n{rows})\n"
    assert merged("a.py", base + REST, left + REST, right + REST) == expected + REST


def test_a_list_of_several_names_a_line_is_filled_again() -> None:
    base = "from x import (aaaa, bbbb,\n               cccc)\n"
    left = "from x import (aaaa, bbbb,\n               cccc, cddd)\n"
    right = "from x import (aaaa, bbbb,\n               cccc, zzzz)\n"
    expected = "from x import (aaaa, bbbb,\n               cccc, cddd,\n               zzzz)\n"
    assert merged("a.py", base + REST, left + REST, right + REST) == expected + REST


def test_future_imports_stay_first() -> None:
    base = "import b\n"
    left, right = "import a\nimport b\n", "from __future__ import annotations\nimport b\n"
    expected = "from __future__ import annotations\nimport a\nimport b\n"
    assert merged("a.py", base + REST, left + REST, right + REST) == expected + REST


def test_a_block_for_type_checkers_is_kept_together() -> None:
    head = "from typing import TYPE_CHECKING\n"
    block = "\nif TYPE_CHECKING:\n    from x import A\n"
    left, right = head + block, head + block.replace("A", "B")
    expected = head + block.replace("A", "A, B")
    assert merged("a.py", head + REST, left + REST, right + REST) == expected + REST


def test_imports_in_a_function_are_joined_there() -> None:
    base = "def f():\n    import a\n    return a\n"
    left = base.replace("    return", "    import b\n    return")
    right = base.replace("    return", "    import c\n    return")
    expected = base.replace("    return", "    import b\n    import c\n    return")
    assert merged("a.py", base, left, right) == expected


def test_a_name_that_one_side_dropped_and_the_other_has_begun_to_use_is_needed() -> None:
    base = "from x import a, b\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 2\n"
    left = base.replace("a, b", "a, c")
    right = base.replace("a, b", "a, b, d").replace("return 2", "return b(2)")
    found = merged("a.py", base, left, right)
    assert found is not None
    assert found.startswith("from x import a, b, c, d\n")
    unused = base.replace("a, b", "a, b, d")
    found = merged("a.py", base, left, unused)
    assert found is not None
    assert found.startswith("from x import a, c, d\n")


def test_a_name_whose_use_one_side_has_removed_is_not_imported_for_the_other() -> None:
    base = "import z\n\n\ndef f(x):\n    return x\n\n\ndef g():\n    return a(1)\n"
    left = base.replace("import z", "import y\nimport z").replace("a(1)", "y.b(1)")
    right = "import a\n" + base
    base = "import a\n" + base
    left = "import a\n" + left.replace("y.b(1)", "2")
    right = right.replace("import a\n", "import a\nimport b\n").replace("return x", "return b(x)")
    found = merged("a.py", base, left, right)
    assert found is not None
    # Nothing but g has used `a`; the left side has ended that, and used `y` nowhere.
    assert found.startswith("import b\nimport y\nimport z\n")


def test_comments_of_both_sides_are_kept() -> None:
    base = "import a\n"
    left, right = "import a\nimport b  # for b\n", "import a\n# for c\nimport c\n"
    expected = "import a\nimport b  # for b\n# for c\nimport c\n"
    assert merged("a.py", base + REST, left + REST, right + REST) == expected + REST


def test_an_import_is_not_doubled_that_stands_elsewhere_already() -> None:
    base = "import a\n\nx = 1\n\nimport z\n"
    left = "import a\nimport b\n\nx = 1\n\nimport y\nimport z\n"
    right = "import a\nimport y\n\nx = 1\n\nimport z\n"
    found = merged("a.py", base, left, right)
    assert found == left


def test_an_import_that_one_side_moved_from_one_region_to_another_is_not_lost() -> None:
    base = "import b\n\nx = 1\n\nimport m\nimport n\n\nm, b, n\n"
    left = base.replace("import b", "import a\nimport b").replace("import n", "import n\nimport o")
    right = base.replace("import b", "import b\nimport m").replace("import m\nimport n", "import n")
    right = right.replace("import n", "import n\nimport p")
    found = merged("a.py", base, left, right)
    assert found is not None
    assert found.count("import m\n") == 1
    assert {line for line in found.splitlines() if line.startswith("import")} == {
        f"import {name}" for name in "abmnop"
    }


def test_an_import_that_both_sides_added_in_two_regions_stands_there_once() -> None:
    base = "import b\n\nx = 1\n\nimport n\n"
    left = base.replace("import b", "import a\nimport b").replace("import n", "import n\nimport y")
    right = base.replace("import b", "import b\nimport y").replace("import n", "import n\nimport z")
    found = merged("a.py", base, left, right)
    assert found is not None
    assert found.count("import y\n") == 1


def test_a_statement_that_one_side_moved_is_not_doubled() -> None:
    base = "from a import (\n    b,\n)\nfrom c import (\n    d,\n)\n"
    left = "from a import (\n    b,\n)\nfrom c import (\n    d,\n    e,\n)\n"
    right = "from c import (\n    d,\n    f,\n)\nfrom a import (\n    b,\n)\n"
    found = merged("a.py", base + REST, left + REST, right + REST)
    assert found is not None
    for name in "bdef":
        assert found.count(f"    {name},\n") == 1, found


def test_lines_keep_their_ends() -> None:
    base, left, right = (
        f"from x import (\r\n    a,\r\n{more})\r\n" for more in ("", "    b,\r\n", "    c,\r\n")
    )
    assert (
        merged("a.py", base, left, right)
        == "from x import (\r\n    a,\r\n    b,\r\n    c,\r\n)\r\n"
    )


@pytest.mark.parametrize(
    ("base", "left", "right"),
    [
        ("import a\n", "import a\nfrom x import b\n", "import a\nfrom y import b\n"),
        ("from x import a\n", "from y import a\n", "from x import a, b\n"),
        ("from x import a\n", "from y import a\n", "from z import a\n"),
        ("import a\n", "import a\nimport b; b.c()\n", "import a\nimport d\n"),
        ("import a\n", "import a\nX = 1\n", "import a\nimport d\n"),
        ("from x import a  # 1\n", "from x import a  # 2\n", "from x import a  # 3\n"),
        ("from x import \\\n  a\n", "from x import \\\n  a, b\n", "from x import \\\n  a, c\n"),
        ("import a\n", "import a\nimport b\n", "import a\nimport (\n"),
    ],
    ids=[
        "one name for two things",
        "a module that has moved",
        "a name that comes from two places",
        "a statement behind an import",
        "more than imports",
        "two comments",
        "a line that goes on",
        "no Python",
    ],
)
def test_what_contradicts_is_left_to_people(base: str, left: str, right: str) -> None:
    assert merged("a.py", base + REST, left + REST, right + REST) is None


def joined(base: str, left: str, right: str, rest: str) -> str | None:
    """The imports of a file whose other lines are the same on all sides."""
    found = merged("a.py", base + rest, left + rest, right + rest)
    return None if found is None else found.removesuffix(rest)


def test_a_name_that_one_side_moved_and_the_other_gave_up_goes_if_nobody_uses_it() -> None:
    base = "from .a import b\nfrom .conf import x\n"
    left, right = "from .conf import x, y\n", "from ._a import b\nfrom .conf import x, z\n"
    rest = "\nprint(x, y, z)\n"
    assert joined(base, left, right, rest) == "from .conf import x, y, z\n"
    assert joined(base, right, left, rest) == "from .conf import x, y, z\n"
    kept = joined(base, left, right, "\nprint(b, x, y, z)\n")
    assert kept is not None
    assert kept.startswith("from ._a import b\n")


def test_a_function_s_own_name_keeps_no_import_that_one_side_dropped() -> None:
    base = "from m import mock\n\nX = 1\n"
    left = base.replace("mock\n", "mock\nfrom m.mock import patch\n")
    right = base.replace("from m import mock", "import p")
    old, between = "\n\ndef g():\n    mock()\n", "\n\ndef h():\n    return 1\n"
    new = "\n\ndef f():\n    with patch() as mock:\n        mock.called()\n"
    texts = (base + old + between, left + old + between + new, right + between)
    expected = "from m.mock import patch\nimport p\n\nX = 1\n" + between + new
    assert merged("a.py", *texts) == expected


def test_names_behind_backslashes_are_joined_in_lines_that_end_with_them() -> None:
    base = "from util import aaaa, bbbb, \\\n    cccc, gggg\n"
    left, right = base.replace("cccc", "cccc, dddd"), base.replace("gggg", "ffff, gggg")
    rest = "\nprint(aaaa, bbbb, cccc, dddd, ffff, gggg)\n"
    found = joined(base, left, right, rest)
    assert found is not None
    assert found == "from util import aaaa, bbbb, \\\n    cccc, dddd, ffff, gggg\n"
    base, left, right = (text.replace("\n", "\r\n") for text in (base, left, right))
    assert joined(base, left, right, rest) == found.replace("\n", "\r\n")


def test_no_blank_lines_are_left_where_a_group_was() -> None:
    base = "import a\n\nfrom six import b\n\nfrom util import c, d\n"
    left, right = base.replace("d", "e"), "import a\n\nfrom util import c, d, f\n"
    found = joined(base, left, right, "\nprint(a, c, e, f)\n")
    assert found == "import a\n\nfrom util import c, e, f\n"


def test_a_name_comes_before_what_follows_it_where_it_comes_from() -> None:
    base = "from util import z, a\n"
    left, right = "from util import y, a\n", "from util import x, z, a\n"
    assert joined(base, left, right, "\nprint(y, x, a)\n") == "from util import y, x, a\n"


def test_more_new_names_than_a_person_adds_are_left_to_people() -> None:
    base, rest = "import a\n", "\nprint(1)\n"
    left, few, many = (
        "".join(f"import {letter}{number}\n" for number in range(count))
        for letter, count in (("l", 500), ("r", 200), ("r", 201))
    )
    assert joined(base, left, few, rest) is not None
    assert joined(base, left, many, rest) is None


def test_what_cannot_be_read_may_use_anything() -> None:
    base = "import z\nx = (\n"
    left, right = "import a\n" + base, "import b\n" + base
    assert joined(base, left, right, "\nprint(1)\n") == "import a\nimport b\n" + base
