"""A merge that breaks by each rule, and beside it the one that only looks like it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from prd_supervise.workers.merging.doubts import doubts
from prd_supervise.workers.merging.versions import File, Version
from prd_supervise.workers.messages.merging import Finding
from prd_supervise.workers.syntax.bounded import reading_for

SPACE = "\n".join(f"# {number}" for number in range(6))


def file(path: str, *, base: str | None, left: str | None, right: str | None) -> File:
    """A file that only one side changed, or none: the merge is plain."""
    merged = right if left == base else left
    return merged_file(path, base=base, left=left, right=right, merged=merged)


def merged_file(
    path: str, *, base: str | None, left: str | None, right: str | None, merged: str | None
) -> File:
    texts = (base, left, right, merged)
    versions = [None if text is None else Version(path, text.encode()) for text in texts]
    before, ours, theirs, made = versions
    return File(path=path, base=before, left=ours, right=theirs, merged=made)


def found(*files: File) -> list[Finding]:
    return [finding for _, findings in doubts(files) for finding in findings]


@dataclass(frozen=True)
class Parts:
    """A text of three parts: the left side changes the first one, the right side the last one."""

    path: str
    first: str
    left: str
    last: str
    right: str
    middle: str = SPACE

    @property
    def file(self) -> File:
        """The merge that git makes of it."""

        def text(first: str, last: str) -> str:
            return f"{first}\n{self.middle}\n{last}\n"

        return merged_file(
            self.path,
            base=text(self.first, self.last),
            left=text(self.left, self.last),
            right=text(self.first, self.right),
            merged=text(self.left, self.right),
        )


SLASHES = SPACE.replace("#", "//")
BROKEN = {
    "python: the import is gone": Parts(
        "a.py", "import os\nimport re", "import re", "x = re.I", "x = re.I\ny = os.name"
    ),
    "python: the function is gone": Parts(
        "a.py", "def f():\n    pass", "", "x = 1", "x = 1\ny = f()"
    ),
    "python: both added a function": Parts(
        "a.py", "x = 1", "x = 1\n\n\ndef f():\n    return 1", "y = 1", "def f():\n    return 2"
    ),
    "python: a call no longer fits": Parts(
        "a.py", "def f(a):\n    pass", "def f(a, b):\n    pass", "x = 1", "x = 1\nf(1)"
    ),
    "python: a method's call no longer fits": Parts(
        "a.py",
        "class Box:\n    def turn_over(self, a):\n        pass",
        "class Box:\n    def turn_over(self, a, b):\n        pass",
        "    def rest(self):\n        pass",
        "    def rest(self):\n        self.turn_over(1)",
        middle="\n".join(f"    x{number} = 1" for number in range(6)),
    ),
    "python: a class is made otherwise": Parts(
        "a.py",
        "class Box:\n    def __init__(self, a):\n        pass",
        "class Box:\n    def __init__(self, a, *, b):\n        pass",
        "x = 1",
        "x = Box(1)",
    ),
    "typescript: the import is gone": Parts(
        "a.ts", "import { a, b } from './x';", "import { b } from './x';", "b();", "a();", SLASHES
    ),
    "typescript: both import it": Parts(
        "a.ts",
        "import { b } from './x';",
        "import { q } from './q';\nimport { b } from './x';",
        "b();",
        "import { q } from './q';\nb();",
        SLASHES,
    ),
    "typescript: a call no longer fits": Parts(
        "a.ts",
        "function f(a: string) {}",
        "function f(a: string, b: number) {}",
        "let x = 1;",
        "let x = f('1');",
        SLASHES,
    ),
    "tsx: the component is gone": Parts(
        "a.tsx",
        "const Row = () => <p/>;\nconst Other = 1;",
        "const Other = 1;",
        "export const page = <div/>;",
        "export const page = <div><Row/></div>;",
        SLASHES,
    ),
    "javascript: the required module is gone": Parts(
        "a.js",
        "const fs = require('fs');\nconst os = require('os');",
        "const os = require('os');",
        "os.x();",
        "fs.y(os);",
        SLASHES,
    ),
    "rust: the use is gone": Parts(
        "a.rs",
        "use std::fmt;\nuse std::io;",
        "use std::io;",
        "fn f() {}",
        "fn f(x: fmt::Error) {}",
        SLASHES,
    ),
    "rust: the use is gone, and a macro needs it": Parts(
        "a.rs",
        "use std::fmt;\nuse std::io;",
        "use std::io;",
        "mac! { a }",
        "mac! { $(b: fmt::Error)* }",
        SLASHES,
    ),
    "rust: both added a function": Parts(
        "a.rs", "fn a() {}", "fn a() {}\nfn n() {}", "fn z() {}", "fn n() {}\nfn z() {}", SLASHES
    ),
    "rust: a call no longer fits": Parts(
        "a.rs", "fn f(a: u8) {}", "fn f(a: u8, b: u8) {}", "fn z() {}", "fn z() { f(1); }", SLASHES
    ),
}
SOUND = {
    "python: the import is gone, and nobody uses it": Parts(
        "a.py", "import os\nimport re", "import re", "x = re.I", "x = re.I\ny = 1"
    ),
    "python: it was used before already": Parts(
        "a.py", "x = 1", "x = 2", "y = undefined", "y = undefined\nz = 1"
    ),
    "python: it came in again by another way": Parts(
        "a.py", "import os", "from sys import os", "x = 1", "x = os.name"
    ),
    "python: an overload and a setter have the same name": Parts(
        "a.py",
        "class Box:\n    x = 1",
        "class Box:\n    x = 1\n\n    @property\n    def size(self):\n        return 1",
        "    y = 1",
        "    @size.setter\n    def size(self, value):\n        pass",
        middle="\n".join(f"    x{number} = 1" for number in range(6)),
    ),
    "python: a new parameter with a default": Parts(
        "a.py", "def f(a):\n    pass", "def f(a, b=1):\n    pass", "x = 1", "x = 1\nf(1)"
    ),
    "python: the call is older than the change": Parts(
        "a.py", "def f(a):\n    pass", "def f(a, b):\n    pass", "f(1)\nx = 1", "f(1)\nx = 2"
    ),
    "typescript: the name is bound in the function": Parts(
        "a.ts",
        "import { a, b } from './x';",
        "import { b } from './x';",
        "b();",
        "const g = (a: number) => a + b;",
        SLASHES,
    ),
    "typescript: it is a member, no name": Parts(
        "a.ts", "import { a, b } from './x';", "import { b } from './x';", "b();", "b.a();", SLASHES
    ),
    "javascript: any number of arguments is right": Parts(
        "a.js", "function f(a) {}", "function f(a, b) {}", "let x = 1;", "let x = f(1);", SLASHES
    ),
    "rust: everything may come with a star": Parts(
        "a.rs",
        "use std::fmt;\nuse super::*;",
        "use super::*;",
        "fn f() {}",
        "fn f(x: fmt::Error) {}",
        SLASHES,
    ),
    "rust: it has its whole path, in a macro": Parts(
        "a.rs",
        "use std::fmt;\nuse std::io;",
        "use std::io;",
        "mac! { a }",
        "mac! { $(b: $crate::fmt::Error)* std::fmt::Error }",
        SLASHES,
    ),
    "rust: every impl has its own": Parts(
        "a.rs",
        "impl A { }",
        "impl A { fn n() {} }",
        "impl B { }",
        "impl B { fn n() {} }",
        SLASHES,
    ),
    "a language that nobody reads": Parts("a.txt", "a", "b", "c", "d"),
    "no python at all": Parts("a.py", "def (", "def ((", "x = 1", "x = ("),
}


@pytest.mark.parametrize("parts", BROKEN.values(), ids=BROKEN.keys())
def test_a_clean_merge_that_breaks_is_blocked(parts: Parts) -> None:
    findings = found(parts.file)
    assert [finding.path for finding in findings if finding.is_blocking][:1] == [parts.path]
    line = next(finding.line for finding in findings if finding.is_blocking)
    assert parts.file.merged is not None
    assert 1 <= line <= len(parts.file.merged.lines)


@pytest.mark.parametrize("parts", SOUND.values(), ids=SOUND.keys())
def test_what_only_looks_like_it_is_not_blocked(parts: Parts) -> None:
    assert [str(finding) for finding in found(parts.file) if finding.is_blocking] == []


@pytest.mark.parametrize("parts", BROKEN.values(), ids=BROKEN.keys())
def test_the_same_is_found_with_the_sides_changed(parts: Parts) -> None:
    one = parts.file
    turned = File(path=one.path, base=one.base, left=one.right, right=one.left, merged=one.merged)
    assert any(finding.is_blocking for finding in found(turned))


def test_a_new_import_of_what_the_other_side_removed_is_blocked() -> None:
    module = file("app/box.py", base="a = 1\nb = 2\n", left="b = 2\n", right="a = 1\nb = 2\n")
    user = "from .box import {}\n"
    broken = file("app/use.py", base=None, left=None, right=user.format("a"))
    (finding,) = found(module, broken)
    assert finding.is_blocking
    assert (finding.path, finding.line, finding.rule) == ("app/use.py", 1, "removed name")
    assert found(module, file("app/use.py", base=None, left=None, right=user.format("b"))) == []
    elsewhere = file("other/use.py", base=None, left=None, right=user.format("a"))
    assert found(module, elsewhere) == []


def test_a_new_import_of_a_module_that_is_gone_is_blocked() -> None:
    module = file(
        "src/box.ts", base="export const a = 1;\n", left=None, right="export const a = 1;\n"
    )
    (finding,) = found(
        module, file("src/ui/use.ts", base=None, left=None, right="import * as b from '../box';\n")
    )
    assert (finding.path, finding.is_blocking) == ("src/ui/use.ts", True)


def test_a_call_over_files_is_linked_by_its_import() -> None:
    before, after = "def turn(a):\n    pass\n", "def turn(a, b):\n    pass\n"
    module = file("app/box.py", base=before, left=after, right=before)
    user = file("app/use.py", base="", left="", right="from app import box\n\nbox.turn(1)\n")
    (finding,) = found(module, user)
    assert finding.is_blocking
    assert (finding.path, finding.line) == ("app/use.py", 3)
    other = file("app/use.py", base="", left="", right="from lib import box\n\nbox.turn(1)\n")
    assert [one for one in found(module, other) if one.is_blocking] == []


def test_a_call_that_is_linked_by_its_rare_name_alone_is_told_and_does_not_block() -> None:
    before = "class Box:\n    def turn_over(self, a):\n        pass\n"
    module = file("box.py", base=before, left=before.replace("a)", "a, b)"), right=before)
    user = file("use.py", base="", left="", right="def f(box):\n    box.turn_over(1)\n")
    (finding,) = found(module, user)
    assert not finding.is_blocking
    again = file("more.py", base="def turn_over():\n    pass\n", left="", right="")
    assert [one for one in found(module, user, again) if one.path == "use.py"] == []


def test_changes_of_one_function_are_told_if_they_stand_close() -> None:
    lines = ["def f():", *(f"    x{number} = 1" for number in range(20))]

    def text(**changed: str) -> str:
        return (
            "\n".join(changed.get(f"n{number}", line) for number, line in enumerate(lines)) + "\n"
        )

    def near(other: int) -> list[Finding]:
        left, right = {"n5": "    a = 1"}, {f"n{other}": "    b = 1"}
        merged = text(**left, **right)
        return found(
            merged_file("a.py", base=text(), left=text(**left), right=text(**right), merged=merged)
        )

    (finding,) = near(8)
    assert (finding.rule, finding.is_blocking, finding.entity) == (
        "same entity",
        False,
        "function f",
    )
    assert near(10) == []


def test_a_text_whose_time_is_over_is_not_linted_and_that_is_told() -> None:
    parts = Parts("m.py", "a = 1", "a = 2", "b = 1", "b = undefined")
    assert [each.rule for each in found(parts.file)] == []
    with reading_for(0):
        told = [(each.rule, each.text) for each in found(parts.file)]
    assert told == [("not judged", "takes the linter too long")]
