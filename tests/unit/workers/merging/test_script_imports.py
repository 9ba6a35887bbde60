from __future__ import annotations

import pytest

from tests.unit.workers.merging.merged import merged

REST = "\nconst x = 1;\n"


def joined(base: str, left: str, right: str, path: str = "a.ts") -> str | None:
    found = merged(path, base + REST, left + REST, right + REST)
    return None if found is None else found.removesuffix(REST)


def test_names_of_one_module_come_into_one_statement() -> None:
    base, left, right = (f"import {{ a, {more}z }} from 'x';\n" for more in ("", "b, ", "c as d, "))
    assert joined(base, left, right) == "import { a, b, c as d, z } from 'x';\n"


def test_a_list_below_each_other_stays_one_without_a_last_comma() -> None:
    base, left, right = (
        f'import {{\n  a{more}\n}} from "x"\n' for more in ("", ",\n  b", ",\n  c")
    )
    assert joined(base, left, right, "a.js") == 'import {\n  a,\n  b,\n  c\n} from "x"\n'


def test_a_default_import_and_names_come_together() -> None:
    base = "import { a } from 'x';\n"
    left, right = "import D, { a } from 'x';\n", "import { a, b } from 'x';\n"
    assert joined(base, left, right) == "import D, { a, b } from 'x';\n"
    assert joined(base, right, left) == "import D, { a, b } from 'x';\n"


def test_types_and_values_of_one_module_stay_apart() -> None:
    base = "import { a } from 'x';\n"
    left = "import { a } from 'x';\nimport type { T } from 'x';\n"
    right = "import { a } from 'x';\nimport { type U } from 'y';\n"
    expected = left + "import { type U } from 'y';\n"
    assert joined(base, left, right, "a.tsx") == expected


def test_a_name_that_is_a_type_to_one_side_and_a_value_to_the_other_is_imported_once() -> None:
    base = "import { a } from 'x';\n"
    value, kind = base + "import { T } from 'y';\n", base + "import type { T } from 'y';\n"
    assert joined(base, value, kind) == value
    assert joined(base, kind, value) == value


def test_what_is_imported_for_its_effect_and_a_namespace_are_kept() -> None:
    base = "import a from 'a';\n"
    left, right = base + "import './a.css';\n", base + "import * as b from 'b';\n"
    assert joined(base, left, right) == base + "import './a.css';\nimport * as b from 'b';\n"


def test_exports_from_elsewhere_are_joined() -> None:
    base = "export * from './a';\n"
    left, right = base + "export { b } from './b';\n", base + "export { c, d } from './c';\n"
    expected = base + "export { b } from './b';\nexport { c, d } from './c';\n"
    assert joined(base, left, right) == expected


def test_requires_are_imports_as_well() -> None:
    base = "const a = require('a')\n"
    left, right = base + "const b = require('b')\n", base + "const { c } = require('c')\n"
    expected = base + "const b = require('b')\nconst { c } = require('c')\n"
    assert joined(base, left, right, "a.js") == expected


def test_a_long_list_is_broken_into_lines() -> None:
    names = [f"someLongName{number}" for number in range(4)]
    base, left, right = (
        f"import {{ {', '.join([*names, *more])} }} from 'x';\n" for more in ([], ["y"], ["zzzzz"])
    )
    rows = "".join(f"  {name},\n" for name in [*names, "y", "zzzzz"])
    assert joined(base, left, right) == f"import {{\n{rows}}} from 'x';\n"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("import a from 'a';\nimport b from 'b';\n", "import a from 'a';\nimport b from 'c';\n"),
        (
            "import a from 'a';\nimport { c } from 'b';\n",
            "import a from 'a';\nimport { d as c } from 'b';\n",
        ),
        ("import a from 'a';\nlet y = 1;\n", "import a from 'a';\nimport b from 'b';\n"),
        (
            "import a from 'a';\nexport { b } from 'b';\n",
            "import a from 'a';\nexport { b } from 'c';\n",
        ),
    ],
    ids=["one default twice", "one name twice", "more than imports", "one export twice"],
)
def test_what_contradicts_is_left_to_people(left: str, right: str) -> None:
    assert joined("import a from 'a';\n", left, right) is None
