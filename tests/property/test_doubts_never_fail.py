"""Whatever stands in files, they are explained and doubted without failing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.entity_layer import flagged
from prd_supervise.workers.merging.doubts import doubts
from prd_supervise.workers.merging.explain import explain
from prd_supervise.workers.merging.versions import File, Version

LINES = [
    b"import os\n",
    b"from . import one, two\n",
    b"def f(a, b=1):\n",
    b"    return f(os, *a)\n",
    b"class Box:\n",
    b"import { a } from './x';\n",
    b"function f(a) { return a.b(); }\n",
    b"use std::{fmt, io};\n",
    b"fn f(&self) -> u8 { g(1) }\n",
    b"}\n",
    b"\n",
    b'"""\n',
    b"\xff\xfe(\n",
]
TEXTS = st.lists(st.sampled_from(LINES), max_size=12).map(b"".join) | st.binary(max_size=60)
PATHS = st.sampled_from(["a.py", "b/a.py", "a.rs", "a.ts", "a.tsx", "a.js", "a.md", "näme"])


@st.composite
def files(draw: st.DrawFn) -> File:
    versions = [
        None if text is None else Version(draw(PATHS), text)
        for text in draw(st.tuples(*[st.none() | TEXTS] * 4))
    ]
    base, left, right, merged = versions
    return File(path=draw(PATHS), base=base, left=left, right=right, merged=merged)


@given(st.lists(files(), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_files_can_be_doubted(given_files: list[File]) -> None:
    for _, findings in doubts(given_files):
        for finding in findings:
            assert finding.line >= 0
            assert finding.text
            assert finding.rule
    assert set(flagged(given_files)) <= {file.path for file in given_files}


@given(PATHS, st.tuples(*[st.none() | TEXTS] * 3))
@settings(max_examples=60, deadline=None)
def test_any_conflict_has_an_explanation(
    path: str, texts: tuple[bytes | None, bytes | None, bytes | None]
) -> None:
    found = explain(path, "contents", *texts)
    assert found
    for conflict in found:
        assert conflict.path == path
        for (first, last), text in ((conflict.left, texts[1]), (conflict.right, texts[2])):
            lines = (text or b"").count(b"\n") + 1
            assert 0 <= first <= last <= lines + 1


@given(TEXTS)
@settings(max_examples=30, deadline=None)
def test_a_file_that_nobody_changed_is_not_doubted(text: bytes) -> None:
    version = Version("a.py", text)
    file = File(path="a.py", base=version, left=version, right=version, merged=version)
    assert list(doubts([file])) == []
    assert flagged([file]) == {}
