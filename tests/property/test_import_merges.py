"""Imports that both sides add, whatever they are and however they are written: none is lost."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.workers.merging.imports.once import without_doubles
from prd_supervise.workers.merging.imports.read import read_imports
from prd_supervise.workers.merging.reconcile import reconcile
from prd_supervise.workers.merging.regions import MARKER_SIZE
from prd_supervise.workers.syntax.languages import Language, language_of

NAMES = st.sampled_from([f"n{number}" for number in range(12)])
Imports = frozenset[tuple[str, str]]
MODULES = ("aa", "bb", "cc")
IMPORTS = st.frozensets(st.tuples(st.sampled_from(MODULES), NAMES), max_size=8)
REST = "\n\ndef f():\n    return 1\n"


class Written(Protocol):
    """How a language writes imports."""

    def __call__(self, imports: Imports, *, is_listed: bool) -> str:
        """The text of a file."""


def python(imports: Imports, *, is_listed: bool) -> str:
    """Sorted as tools do it; in one line a module, or below each other."""
    lines = ["import zz\n"]
    for module in sorted({module for module, _ in imports}):
        names = sorted(f"{name} as {module}_{name}" for of, name in imports if of == module)
        rows = "".join(f"    {name},\n" for name in names)
        listed = f"(\n{rows})" if is_listed else ", ".join(names)
        lines.append(f"from {module} import {listed}\n")
    return "".join(lines) + REST


def script(imports: Imports, *, is_listed: bool) -> str:
    lines = ["import zz from 'zz';\n"]
    for module in sorted({module for module, _ in imports}):
        names = sorted(f"{name} as {module}_{name}" for of, name in imports if of == module)
        rows = "".join(f"  {name},\n" for name in names)
        listed = f"{{\n{rows}}}" if is_listed else f"{{ {', '.join(names)} }}"
        lines.append(f"import {listed} from '{module}';\n")
    return "".join(lines) + "\nfunction f() {\n  return 1;\n}\n"


def rust(imports: Imports, *, is_listed: bool) -> str:
    lines = ["use zz::zz;\n"]
    for module in sorted({module for module, _ in imports}):
        names = sorted(f"{name} as {module}_{name}" for of, name in imports if of == module)
        separate = "".join(f"use {module}::{name};\n" for name in names)
        lines.append(f"use {module}::{{{', '.join(names)}}};\n" if is_listed else separate)
    return "".join(lines) + "\nfn f() {}\n"


def language_in(suffix: str) -> Language:
    found = language_of(f"a{suffix}")
    assert found is not None
    return found


def merged(suffix: str, base: str, left: str, right: str) -> str:
    """What git makes of it, with our help where it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("left", "base", "right")]
        for path, text in zip(paths, (left, base, right), strict=True):
            path.write_text(text)
        size = f"--marker-size={MARKER_SIZE}"
        argv = ["git", "merge-file", "-p", "-q", "--diff3", size, *map(str, paths)]
        done = subprocess.run(argv, capture_output=True, check=False)
    if not done.returncode:
        # What git's clean merge imports twice, the integrator writes once.
        return without_doubles(
            language_in(suffix), done.stdout, left.encode(), right.encode()
        ).decode()
    found = reconcile(f"a{suffix}", done.stdout, left=left.encode(), right=right.encode())
    assert found is not None, done.stdout.decode()
    return found.text.decode()


def atoms(suffix: str, text: str) -> list[tuple[bytes, ...]]:
    found = read_imports(language_in(suffix), text.encode())
    assert not found.has_error, text
    return sorted(atom.identity for each in found.statements for atom in each.atoms)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "written"),
    [(".py", python), (".ts", script), (".rs", rust)],
    ids=["python", "typescript", "rust"],
)
@settings(max_examples=20, deadline=None)
@given(sets=st.tuples(IMPORTS, IMPORTS, IMPORTS, IMPORTS), is_listed=st.booleans())
def test_a_merge_is_the_set_of_what_was_added_without_what_was_removed(
    suffix: str, written: Written, sets: tuple[Imports, ...], *, is_listed: bool
) -> None:
    base, ours, theirs, gone = sets
    left, right = (base | ours) - (gone - ours), base | theirs
    texts = [written(each, is_listed=is_listed) for each in (base, left, right)]
    expected = atoms(suffix, written((left | right) - (base - left), is_listed=is_listed))

    one = merged(suffix, *texts)
    other = merged(suffix, texts[0], texts[2], texts[1])

    assert atoms(suffix, one) == expected, texts
    assert atoms(suffix, other) == expected, texts
    # What is in there already is not added again.
    assert atoms(suffix, merged(suffix, texts[0], one, texts[2])) == expected, texts
